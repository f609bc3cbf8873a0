"""Styled text that knows nothing of a terminal: spans with roles, lines of spans, and how wide they are."""

import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

Tint = Literal["first", "second", "third", "level", "mark"]
"""Which of a theme's chart colours a line takes."""

Role = Literal["", "dim", "title", "accent", "good", "warn", "bad", "stale", "key", "quiet", Tint]
"""What a span means; a screen's theme says how that looks."""

Align = Literal["left", "right"]
Cut = Literal["end", "middle"]

ELLIPSIS = "…"


class Span(NamedTuple):
    """A piece of literal text and its role."""

    text: str
    role: Role = ""


Line = tuple[Span, ...]
"""One line, or one cell, of styled text."""

EMPTY: Line = ()


def plain(line: Line) -> str:
    """The line's text without its roles."""
    return "".join(span.text for span in line)


def width(text: str) -> int:
    """Terminal cells that the text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


@lru_cache(4096)
def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, cells: int, cut: Cut = "end") -> str:
    """The text within that many cells; what does not fit is an ellipsis at its end or middle."""
    if width(text) <= cells:
        return text
    if cells <= 1:
        return ELLIPSIS[:cells]
    if cut == "end":
        return _head(text, cells - 1) + ELLIPSIS
    tail = (cells - 1) // 2
    return _head(text, cells - 1 - tail) + ELLIPSIS + _head(text[::-1], tail)[::-1]


def _head(text: str, cells: int) -> str:
    if text.isascii():
        return text[:cells]
    taken = 0
    for i, char in enumerate(text):
        taken += _cells(char)
        if taken > cells:
            return text[:i]
    return text


def fit(line: Line, cells: int, align: Align = "left", cut: Cut = "end") -> Line:
    """The line in exactly that many cells: clipped, or padded with spaces."""
    if len(line) == 1:
        span = line[0]
        text = clip(span.text, cells, cut)
        room = cells - width(text)
        if not room:
            return (Span(text, span.role),)
        return (Span(text + " " * room if align == "left" else " " * room + text, span.role),)
    fitted, room = _taken(line, cells)
    if not room:
        return fitted
    space = Span(" " * room)
    return (*fitted, space) if align == "left" else (space, *fitted)


def _taken(line: Line, cells: int) -> tuple[Line, int]:
    """The spans that fit, the last one clipped, and the cells left over."""
    fitted: list[Span] = []
    for span in line:
        wide = width(span.text)
        if wide > cells:
            text = clip(span.text, cells)
            fitted.append(Span(text, span.role))
            return tuple(fitted), cells - width(text)
        fitted.append(span)
        cells -= wide
    return tuple(fitted), cells


def merged(spans: list[Span]) -> Line:
    """Neighbours of one role as one span; spaces go with what stands before them."""
    found: list[Span] = []
    texts: list[str] = []
    role: Role = ""
    for text, own in spans:
        if own == role or text.isspace():
            texts.append(text)
            continue
        if texts:
            found.append(Span("".join(texts), role))
        texts, role = [text], own
    found.append(Span("".join(texts), role))
    return tuple(found)


def joined(parts: "tuple[Line, ...] | list[Line]", between: str = "  ") -> Line:
    """Lines in one, those that are empty left out."""
    spans: list[Span] = []
    for part in parts:
        if part:
            if spans:
                spans.append(Span(between))
            spans.extend(part)
    return tuple(spans)
