"""The evidence behind an answer: now, baseline and difference with their unit, and where anyone can see the same."""

import math
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, WalkedStep
from console.view import format as write
from console.view.fields import within, words
from console.view.styled import EMPTY, Line, Role, Span
from console.view.table import Column, Row, grown, lay, places

UNKNOWN = "unknown"
ANSWERS: dict[Answer, Span] = {
    Answer.YES: Span("●", "accent"),
    Answer.NO: Span("○", "dim"),
    Answer.UNKNOWN: Span("?", "warn"),
}
"""The sign of an answer: a shape as well as a colour."""

COLUMNS = (
    Column("what", "EVIDENCE", 26, "which figure, and whose", "left", grow=60),
    Column("now", "NOW", 10, "its value, with the mark of its basis", grow=8),
    Column("baseline", "BASELINE", 10, "what it was before", grow=8),
    Column("difference", "DIFFERENCE", 10, "now less baseline", grow=8),
    Column("basis", "BASIS", 8, "how it is known", "left", drop=2, grow=16),
    Column("age", "AGE", 5, "how long ago it was read", drop=1),
)

_FIRST_MOMENT, _LAST_MOMENT = 0.0, 253_402_300_799.0
_GIB = 2.0**30
_NAME = 80
_LONGEST_QUERY = 2000


class EvidenceRow(NamedTuple):
    """One piece of evidence as texts; ``query`` is one line that can be copied as it is.

    ``basis`` is how the figure is known, ``about`` how its baseline is.
    """

    evidence: Evidence
    sign: Span
    what: str
    now: str
    baseline: str
    difference: str
    basis: str
    about: str
    source: str
    age: str
    query: str
    hint: str


def evidence_rows(walked: WalkedStep) -> tuple[EvidenceRow, ...]:
    """The evidence of every check of a step, in the order of its checks."""
    return tuple(evidence_row(each) for found in walked.findings for each in found.evidence)


def evidence_row(found: Evidence) -> EvidenceRow:
    """One piece of evidence; what happens at a moment shows that moment where it has no figure."""
    now = figure(found.now, found.unit)
    basis, _, about = visible(found.basis, 2 * _NAME).partition(", ")
    if now != UNKNOWN:
        now += basis_mark(found.basis)
    elif found.at is not None:
        now = time_of_day(found.at)
    return EvidenceRow(
        evidence=found,
        sign=ANSWERS[found.answer],
        what=_what(found),
        now=now,
        baseline=figure(found.baseline, found.unit) if found.baseline is not None else "",
        difference=difference(found),
        basis=basis,
        about=about,
        source=visible(found.source, _NAME),
        age="" if found.age_s is None or not math.isfinite(found.age_s) else write.age(found.age_s),
        query=visible(found.query, _LONGEST_QUERY),
        hint=visible(found.hint, 300),
    )


def evidence_columns(rows: Iterable[EvidenceRow]) -> tuple[Column, ...]:
    """The columns for these rows, no wider than their texts need."""
    shown = tuple(rows)
    texts = {"what": [f"  {row.what}" for row in shown]}
    return tuple(
        grown(column, texts.get(column.id) or [getattr(row, column.id) for row in shown])
        for column in COLUMNS
    )


def evidence_heading(columns: tuple[Column, ...], cells: int) -> Line:
    """The titles over the columns."""
    titles = Row(tuple((Span(column.title, "dim"),) for column in columns))
    return within([lay(titles, columns, places(columns, cells), cells)], cells)[0]


def evidence_lines(rows: Iterable[EvidenceRow], columns: tuple[Column, ...], cells: int) -> list[Line]:
    """The rows under each other, and below those that share it where anyone can see the same."""
    placed = places(columns, cells)
    lines: list[Line] = []
    for _, group in groupby(rows, lambda row: (row.source, row.about, row.query, row.hint)):
        together = list(group)
        lines += [lay(_cells(row), columns, placed, cells) for row in together]
        lines += repeat_lines(together[0], cells)
    return within(lines, cells)


def repeat_lines(row: EvidenceRow, cells: int) -> list[Line]:
    """Where it was read and what to ask there, and what to switch on where a figure is unknown."""
    lines: list[Line] = []
    read = ", ".join(text for text in (row.source, row.about) if text)
    if said := ": ".join(text for text in (read, row.query) if text):
        lines += words(said, cells, before=(Span("  from ", "dim"),), role="dim", most=3)
    if row.hint:
        lines += words(row.hint, cells, before=(Span("  → ", "accent"),), role="accent", most=3)
    return lines


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, ``unknown`` where there is none."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit == "bytes":
        return f"{_signed(value / _GIB, write.gib(abs(value)))} GiB"
    if unit in ("ratio", "%"):
        ratio = value if unit == "ratio" else value / 100
        return f"{_signed(value, write.percent(abs(ratio)))} %"
    shown = _whole(value) if not unit else _signed(value, write.number(abs(value)))
    return f"{shown} {visible(unit, 20)}" if unit else shown


def difference(found: Evidence) -> str:
    """Now less baseline with its sign, empty where one of them is unknown; shares differ in points."""
    apart = found.difference
    if apart is None or not math.isfinite(apart):
        return ""
    shown = figure(apart, found.unit)
    if found.unit in ("ratio", "%"):
        shown = f"{shown.removesuffix(' %')} pt"
    return f"+{shown}" if apart > 0 else shown


def basis_mark(basis: str) -> str:
    """The one-letter mark of a basis, empty for those that have none."""
    try:
        return Basis(basis.partition(",")[0].partition(" ")[0]).mark
    except ValueError:
        return ""


def time_of_day(at: float | None) -> str:
    """A moment (epoch seconds) as UTC time of day, ``unknown`` for what is no moment."""
    if at is None or not _FIRST_MOMENT <= at <= _LAST_MOMENT:
        return UNKNOWN
    return write.clock(at)


def _what(found: Evidence) -> str:
    what = visible(found.what, _NAME)
    return f"{what}, {visible(found.subject, _NAME)}" if found.subject else what


def _cells(row: EvidenceRow) -> Row:
    return Row(
        (
            (row.sign, Span(f" {row.what}")),
            _known(row.now),
            _known(row.baseline),
            _known(row.difference),
            (Span(row.basis, "dim"),),
            (Span(row.age, "dim"),),
        )
    )


def _signed(value: float, shown: str) -> str:
    """A negative value's text from that of its size; the size may be smaller than what is shown."""
    if value >= 0 or not shown.strip("0."):
        return shown
    return f">-{shown[1:]}" if shown.startswith("<") else f"-{shown}"


def _whole(value: float) -> str:
    return write.count(value) if value.is_integer() else _signed(value, write.number(abs(value)))


def _known(text: str) -> Line:
    role: Role = "warn" if text == UNKNOWN else ""
    return (Span(text, role),) if text else EMPTY
