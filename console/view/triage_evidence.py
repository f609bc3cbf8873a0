"""The evidence behind an answer: now, baseline and difference with their unit, and where anyone can see the same."""

import math
from collections.abc import Iterable, Mapping
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
    Column("basis", "BASIS", 8, "how it is known", "left", drop=3, grow=8),
    Column("age", "AGE", 5, "how long ago it was read", drop=2),
    Column("reference", "SRC", 3, "the number of its source", drop=1),
)

_FIRST_MOMENT, _LAST_MOMENT = 0.0, 253_402_300_799.0
_BYTES = {"bytes": 1.0, "MiB": 2.0**20}
_COUNTED = frozenset({"targets", "requests", "failures", "polls", "inferences", "items", "restarts"})
_NAME = 80
_LONGEST_QUERY = 2000


class Reference(NamedTuple):
    """Where a figure was read, how it and its baseline are known, and what anyone can ask to see the same."""

    source: str
    basis: str
    about: str
    query: str


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

    @property
    def reference(self) -> Reference:
        """Where it was read."""
        return Reference(self.source, self.basis, self.about, self.query)


def evidence_rows(walked: WalkedStep, model: str = "") -> tuple[EvidenceRow, ...]:
    """The evidence of every check of a step, in their order; whose it is goes without saying where it is ``model``'s."""
    return tuple(evidence_row(each, model) for found in walked.findings for each in found.evidence)


def evidence_row(found: Evidence, model: str = "") -> EvidenceRow:
    """One piece of evidence; without a figure it shows its moment, else what it says where that is known."""
    now = figure(found.now, found.unit)
    basis, about = both_bases(found)
    if now != UNKNOWN:
        now += basis_mark(found.basis)
    elif found.at is not None:
        now = time_of_day(found.at)
    elif found.answer is not Answer.UNKNOWN and not found.unit:
        now = found.answer.value
    return EvidenceRow(
        evidence=found,
        sign=ANSWERS[found.answer],
        what=_what(found, model),
        now=now,
        baseline=figure(found.baseline, found.unit) if found.baseline is not None else "",
        difference=difference(found),
        basis=visible(basis, _NAME),
        about=visible(about, _NAME),
        source=visible(found.source, _NAME),
        age="" if found.age_s is None or not math.isfinite(found.age_s) else write.age(found.age_s),
        query=visible(found.query, _LONGEST_QUERY),
        hint=visible(found.hint, 300),
    )


def references(rows: Iterable[EvidenceRow]) -> dict[Reference, int]:
    """Where the figures were read, each place once, with the number that stands for it."""
    found = dict.fromkeys(row.reference for row in rows)
    return {
        each: number for number, each in enumerate((each for each in found if each.source or each.query), 1)
    }


def both_bases(found: Evidence) -> tuple[str, str]:
    """How a figure is known, and how its baseline is, empty where that goes without saying."""
    basis, _, about = found.basis.partition(", ")
    return basis, about


def evidence_columns(rows: Iterable[EvidenceRow]) -> tuple[Column, ...]:
    """The columns for these rows, no wider than their texts need."""
    shown = tuple(rows)
    texts = {"what": [f"  {row.what}" for row in shown], "reference": []}
    return tuple(
        grown(column, texts[column.id] if column.id in texts else [getattr(row, column.id) for row in shown])
        for column in COLUMNS
    )


def evidence_heading(columns: tuple[Column, ...], cells: int) -> Line:
    """The titles over the columns."""
    titles = Row(tuple((Span(column.title, "dim"),) for column in columns))
    return within([lay(titles, columns, places(columns, cells), cells)], cells)[0]


def evidence_lines(
    rows: Iterable[EvidenceRow], columns: tuple[Column, ...], numbers: Mapping[Reference, int], cells: int
) -> list[Line]:
    """The rows under each other, those that share it with what to switch on; ``numbers`` stand for where they were read."""
    placed = places(columns, cells)
    lines: list[Line] = []
    for hint, group in groupby(rows, lambda row: row.hint):
        lines += [lay(_cells(row, numbers.get(row.reference)), columns, placed, cells) for row in group]
        if hint:
            lines += words(hint, cells, before=(Span("  → ", "accent"),), role="accent", most=3)
    return within(lines, cells)


def reference_lines(numbers: Mapping[Reference, int], cells: int) -> list[Line]:
    """Each place under its number, with what anyone can ask there, in full."""
    lines: list[Line] = []
    for each, number in numbers.items():
        basis = "" if each.basis in each.source else each.basis
        known = ", ".join(text for text in (basis, each.about) if text)
        read = " ".join(text for text in (each.source, f"({known})" if known else "") if text)
        said = ": ".join(text for text in (read, each.query) if text)
        lines += words(said, cells, before=(Span(f"{number:>2} ", "dim"),), role="dim")
    return within(lines, cells)


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, ``unknown`` where there is none."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit in _BYTES:
        return f"{_signed(value, write.gib(abs(value) * _BYTES[unit]))} GiB"
    if unit in ("ratio", "%"):
        ratio = value if unit == "ratio" else value / 100
        return f"{_signed(value, write.percent(abs(ratio)))} %"
    if unit == "×":
        return f"{_signed(value, write.number(abs(value)))}×"
    shown = _whole(value) if not unit or unit in _COUNTED else _signed(value, write.number(abs(value)))
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


def _what(found: Evidence, model: str) -> str:
    what = visible(found.what, _NAME)
    if found.subject == model or not found.subject:
        return what
    if model and found.subject.startswith(f"{model} on "):
        return f"{what} {visible(found.subject.removeprefix(f'{model} '), _NAME)}"
    return f"{what}, {visible(found.subject, _NAME)}"


def _cells(row: EvidenceRow, number: int | None) -> Row:
    return Row(
        (
            (row.sign, Span(f" {row.what}")),
            _known(row.now),
            _known(row.baseline),
            _known(row.difference),
            (Span(row.basis, "dim"),),
            (Span(row.age, "dim"),),
            (Span("" if number is None else str(number), "dim"),),
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
