"""What ``?`` says: keys, signs, columns, marks, faces of the unknown, and the words of the filter."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.domain.basis import Basis
from console.view.filters import Field
from console.view.grid import grid
from console.view.missing import FACES, MEANINGS
from console.view.severity import SIGNS
from console.view.styled import Line, Span
from console.view.table import Column

Keys = Iterable[tuple[str, str]]
"""Pairs of a key and what it does."""

_BASES: tuple[tuple[Basis, str], ...] = (
    (Basis.HISTOGRAM, "percentile from histogram buckets, merged over targets"),
    (Basis.SUMMARY, "percentile of one target's summary: the worst target's, never an average"),
    (Basis.PROBE, "exact over the console's own probes"),
    (Basis.MEAN, "a mean, from counters"),
)

_MOVING: Keys = (
    ("j k ↓ ↑", "move"),
    ("PgDn PgUp", "a page"),
    ("home", "the top row, and stay there: the worst"),
    ("end", "the last row"),
    ("click", "select; on a title: sort; twice: open"),
)


def help_lines(
    keys: Keys, columns: tuple[Column, ...], fields: Mapping[str, Field[Any]], *, models: bool
) -> tuple[Line, ...]:
    """The text for one screen; empty parts are left out."""
    lines: list[Line] = [*_part("Keys", _pairs(keys))]
    if columns:
        lines += _part("In the table", _pairs(_MOVING))
    if models:
        lines += _part("Signs, worst first; the worst model is on top", _signed())
    lines += _part("Columns", _pairs((c.title, c.about) for c in columns if c.title))
    lines += _part("Marks behind a figure: how it is known", _pairs((b.mark, text) for b, text in _BASES))
    faces = [((FACES[reason],), (Span(text, "dim"),)) for reason, text in MEANINGS.items()]
    lines += _part("Unknown is not zero", grid(("", ""), faces, widest=90)[1:])
    lines += _part("Filter words", _pairs((name, field.about) for name, field in fields.items()))
    if fields:
        lines += _part("Filter examples", _pairs(_EXAMPLES))
    return tuple(lines[:-1])


_EXAMPLES: Keys = (
    ("rnk", "letters of a name in this order"),
    ("p99>200 err>0.1", "both hold; > < >= <= = !="),
    ("state=READY", "exactly; with : a part of it"),
    ("-canary", "not that"),
)


def _part(title: str, lines: Iterable[Line]) -> list[Line]:
    found = list(lines)
    return [(Span(title, "title"),), *found, ()] if found else []


def _pairs(pairs: Keys) -> tuple[Line, ...]:
    rows: list[tuple[Line, Line]] = [((Span(key, "key"),), (Span(text, "dim"),)) for key, text in pairs]
    return grid(("", ""), rows, widest=90)[1:]


def _signed() -> tuple[Line, ...]:
    return grid(("", ""), [((sign,), (Span(text, "dim"),)) for sign, text in SIGNS], widest=90)[1:]
