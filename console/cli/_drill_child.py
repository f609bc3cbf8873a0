"""The drill in a process of its own, so that its work never delays the screen."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import console
from console.cli._errors import CliError

# The package is named by its place: a folder called console in the working directory is not ours.
_RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from console.cli import main; sys.exit(main(sys.argv[1:]))"
_ROOT = Path(console.__file__).parents[1]
_ENDS_WITHIN_S = 5


@contextmanager
def drill_child(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run ``drill ARGUMENTS --serve-only`` and yield its endpoints; it ends with this block or this process.

    Raises CliError with what the child said when it could not start.
    """
    command = [sys.executable, "-P", "-c", _RUN, str(_ROOT), "drill", *arguments, "--serve-only"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, start_new_session=True
        ) as child,
    ):
        try:
            yield _endpoints(child, said)
        finally:
            _end(child)


def _endpoints(child: subprocess.Popen[bytes], said: IO[bytes]) -> dict[str, Any]:
    if child.stdin:
        with suppress(BrokenPipeError):
            child.stdin.write(b"\n")  # somebody holds this pipe, even if this process dies now
            child.stdin.flush()
    line = child.stdout.readline() if child.stdout else b""
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        code = child.wait()
        said.seek(0)
        text = said.read().decode(errors="replace").strip().rpartition("\n")[2]
        message, _, hint = text.removeprefix("triton-console: ").partition("  → ")
        message = message or "the drill ended before it listened"
        raise CliError(message, hint, id="drill", code=code or 1) from None
    return found


def _end(child: subprocess.Popen[bytes]) -> None:
    """Closing its stdin asks the child to end."""
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(_ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
