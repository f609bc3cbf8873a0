"""``explain``: the cause of a load failure, from log, status table, index reason or HTTP body."""

import argparse
import sys
from pathlib import Path
from typing import BinaryIO

from console.cli._errors import CliError, print_json
from console.cli._fleet import coloured
from console.cli._paint import columns, print_lines
from console.domain.load_failure.explain import LONGEST, explain
from console.view.explain import explanation_json, explanation_lines

NAME = "explain"
HELP = "name the cause of a load failure from its log: 0 named, 1 not; asks no server"

_NAMED, _UNNAMED = 0, 1
_STDIN = "-"
# Characters of UTF-8 take four bytes at most.
_BYTES = 4 * LONGEST
_CHUNK = 2**20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the text is, and the form of the answer."""
    parser.add_argument(
        "file",
        nargs="?",
        default=_STDIN,
        metavar="FILE",
        help="text with the failure: log lines, a status table, a reason, an HTTP body; - or nothing: stdin",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Read, explain, print; the exit code tells whether a cause is named."""
    found = explain(_text(options.file))
    if options.json:
        print_json(explanation_json(found))
    else:
        print_lines(explanation_lines(found, columns()), colour=coloured(options))
    return _NAMED if found.named else _UNNAMED


def _text(file: str) -> str:
    """The end of the file, or of stdin, as far as it is read; raises CliError for what cannot be read."""
    try:
        if file != _STDIN:
            with Path(file).open("rb") as stream:
                return _tail(stream).decode(errors="replace")
        if sys.stdin.isatty():
            print("triton-console: paste the failure, then Ctrl-D", file=sys.stderr)
        return _tail(sys.stdin.buffer).decode(errors="replace")
    except OSError as error:
        hint = "name a file, or pipe the log: docker logs CONTAINER 2>&1 | triton-console explain"
        raise CliError(f"cannot read {file}: {error.strerror or error}", hint) from None


def _tail(stream: BinaryIO) -> bytes:
    """The last bytes of a stream, whose length nobody knows before its end."""
    kept: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        kept.append(chunk)
        size += len(chunk)
        while size - len(kept[0]) >= _BYTES:
            size -= len(kept.pop(0))
    return b"".join(kept)
