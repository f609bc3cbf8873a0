"""Walks the lines of a journal: all from its beginning, or from its end to the newest good one."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from console.storage._lines import LINE_LIMIT, START, BrokenLineError, Link, decode

_CHUNK = 2**16
# Stands for a line that is too long to be a record.
_TOO_LONG = b"\0"


def forward(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each line without its line end, and whether it had one; a line over LINE_LIMIT comes as no record."""
    while line := file.readline(LINE_LIMIT + 1):
        ended = line.endswith(b"\n")
        if not ended and len(line) > LINE_LIMIT:
            line, ended = _TOO_LONG, _skipped(file)
        yield line.removesuffix(b"\n"), ended


def good(descriptor: int, size: int) -> Iterator[Link]:
    """The lines that are as they were written, the newest first, whether or not it has its line end; START at last."""
    for line in _backward(descriptor, size):
        with suppress(BrokenLineError):
            yield decode(line).link
    yield START


def ended(descriptor: int, size: int) -> bool:
    """Whether the next line can be written right away."""
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _skipped(file: BinaryIO) -> bool:
    """Go to the end of a line; whether it has one."""
    while chunk := file.readline(LINE_LIMIT):
        if chunk.endswith(b"\n"):
            return True
    return False


def _backward(descriptor: int, size: int) -> Iterator[bytes]:
    """The lines from the last to the first."""
    left, rest, chunk = size, b"", _CHUNK
    while left > 0:
        taken = min(chunk, left)
        left -= taken
        first, *lines = (os.pread(descriptor, taken, left) + rest).split(b"\n")
        yield from reversed(lines)
        rest = first if len(first) <= LINE_LIMIT else _TOO_LONG
        # One long line is not to be put together from its end in ever the same small pieces.
        chunk = min(chunk * 2, LINE_LIMIT)
    yield rest
