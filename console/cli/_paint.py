"""Styled lines on a terminal: roles become SGR attributes, or nothing."""

import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

from console.view.styled import Line, Role, Span

_SGR: dict[Role, str] = {
    "": "",
    "dim": "2",
    "title": "1",
    "accent": "36",
    "good": "32",
    "warn": "33",
    "bad": "1;31",
    "stale": "2",
    "key": "7",
}
_NARROWEST = 80


def print_lines(lines: Iterable[Line], *, colour: bool, file: TextIO | None = None) -> None:
    """Print lines, on stdout unless told otherwise; colour goes to terminals only."""
    out = sys.stdout if file is None else file
    wanted = colour and out.isatty()
    for line in lines:
        print(painted(line, colour=wanted).rstrip(), file=out)


def painted(line: Line, *, colour: bool) -> str:
    """The line's text, with the attributes of its roles where colour is wanted."""
    return "".join(_paint(span) if colour else span.text for span in line)


def columns() -> int:
    """Cells to fill: the terminal's, and 120 where there is none."""
    return max(shutil.get_terminal_size((120, 24)).columns, _NARROWEST)


def _paint(span: Span) -> str:
    code = _SGR[span.role]
    return f"\x1b[{code}m{span.text}\x1b[0m" if code and span.text else span.text
