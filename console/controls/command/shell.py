"""Shell commands that outlive the console, and short ones whose answer is awaited."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from console.domain.plan import ControlError

OUTPUT_LIMIT = 64 * 2**10
CHECK_S = 8.0
_CHUNK = 16 * 2**10

# $1 is the prefix of the run's files, $2 the command. The exit code appears whole or not at all. The standard
# input is the lock that says that it runs: the command itself must not keep it.
_RUNNER = """
: >"$1.begin"
/bin/sh -c "$2" </dev/null
code=$?
echo "$code" >"$1.exit.new" && mv "$1.exit.new" "$1.exit"
exit "$code"
"""
# A pipe into the console would break with it, and the command with the pipe.
_COLLECTOR = f'head -c {OUTPUT_LIMIT} >"$1.out"; cat >/dev/null'


class Started(NamedTuple):
    """A command on its way and the process that keeps what it prints."""

    runner: subprocess.Popen[bytes]
    collector: subprocess.Popen[bytes]


def start(command: str, prefix: Path, lock: int) -> Started:
    """Run a command in a session of its own; it holds the locked descriptor until it ends. Raises OSError."""
    reading, writing = os.pipe()
    try:
        collector = subprocess.Popen(  # noqa: S603 - the operator's own command, from the settings
            ["/bin/sh", "-c", _COLLECTOR, "triton-console", str(prefix)],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        runner = subprocess.Popen(  # noqa: S603 - the operator's own command, from the settings
            ["/bin/sh", "-c", _RUNNER, "triton-console", str(prefix), command],
            stdin=lock,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
    finally:
        os.close(reading)
        os.close(writing)
    return Started(runner, collector)


def last_words(prefix: Path) -> str:
    """The last line that the command printed."""
    try:
        with prefix.with_name(f"{prefix.name}.out").open("rb") as file:
            lines = file.read(OUTPUT_LIMIT).decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1].strip() if lines else ""


async def ask(command: str) -> tuple[int, str]:
    """The exit code and the output of a short command; raises ControlError when it does not end in time."""
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(CHECK_S):
            told, errors = await asyncio.gather(_head(process.stdout), _head(process.stderr))
            code = await process.wait()
    except TimeoutError as error:
        raise ControlError(f"the check did not end within {CHECK_S:.0f} s", "try it in a shell") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return code, (told.strip() or errors.strip())


async def _head(stream: asyncio.StreamReader | None) -> str:
    """The beginning of what comes; the rest is read and dropped."""
    kept = bytearray()
    while stream is not None and (chunk := await stream.read(_CHUNK)):
        kept += chunk[: OUTPUT_LIMIT - len(kept)]
    return kept.decode(errors="replace")
