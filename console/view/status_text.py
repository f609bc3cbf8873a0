"""A snapshot as lines of text: the models, worst first, then everything that is not well and what to do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from console.domain.alert_condition import PAGE
from console.domain.lock import moment
from console.domain.rows import Alert, TargetRow, Warn
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.filters import Filter
from console.view.gpus import gpus_table
from console.view.header import Moment, header
from console.view.models import models_table
from console.view.styled import EMPTY, Line, Role, Span, fit, joined
from console.view.table import Column, Place, Row, Table, places

T = TypeVar("T")

# A trend needs more than the two polls of a status, and notes are written out in full below.
_SCREEN_ONLY = ("trend", "note")
_SUBJECTS = 3


def status_lines(snapshot: Snapshot, cells: int) -> list[Line]:
    """The picture; tables take at most ``cells``, sentences keep their whole (bounded) text."""
    concerned = _concerned(snapshot)
    sections = (
        [_header(snapshot), *_frozen(snapshot)],
        _table(models_table(snapshot, Filter("")), cells),
        _titled("TARGETS", _targets(snapshot.targets)),
        _table(gpus_table(snapshot, Filter("")), cells) if snapshot.gpus else [],
        _titled("ALERTS", map(_alert, snapshot.alerts)),
        _titled("WARNINGS", _warnings(concerned)),
        _titled("NOTES", _notes(snapshot.notes, concerned)),
    )
    lines: list[Line] = []
    for section in sections:
        lines += [EMPTY, *section] if lines and section else section
    return lines


def _header(snapshot: Snapshot) -> Line:
    left, right = header(snapshot.fleet, snapshot, Moment(snapshot.at))
    return joined([left, right])


def _frozen(snapshot: Snapshot) -> list[Line]:
    """The freeze in full, until when and why."""
    lock = snapshot.frozen
    if lock is None or lock.expired(snapshot.at):
        return []
    until = f", until {moment(lock.until, snapshot.at)}" if lock.until is not None else ""
    return [(Span("❄ ", "accent"), Span(f"deploys are frozen {lock.held(snapshot.at)}{until}"))]


def _titled(title: str, lines: Iterable[Line]) -> list[Line]:
    found = list(lines)
    return [(Span(title, "title"),), *found] if found else []


def _table(table: Table[T], cells: int) -> list[Line]:
    if not table.items:
        return list(table.empty)
    kept = [i for i, column in enumerate(table.columns) if column.id not in _SCREEN_ONLY]
    columns = tuple(table.columns[i] for i in kept)
    placed = places(columns, cells)
    titles = Row(tuple((Span(column.title, "dim"),) for column in columns))
    wanted = frozenset(columns[place.column].id for place in placed)
    rows = (table.row(item, wanted) for item in table.items)
    shown = (row._replace(cells=tuple(row.cells[i] for i in kept)) for row in rows)
    return [_line(row, columns, placed) for row in (titles, *shown)]


def _line(row: Row, columns: tuple[Column, ...], placed: tuple[Place, ...]) -> Line:
    """The row's cells at their places; its message is a sentence at the end and is not cut."""
    spans: list[Span] = []
    at = 0
    for place in placed:
        column = columns[place.column]
        spans.append(Span(" " * (place.x - at)))
        if row.message and column.id == row.message_from:
            return (*spans, *row.message)
        cell = tuple(Span(span.text, span.role or row.role) for span in row.cells[place.column])
        spans += fit(cell, place.width, column.align, column.cut)
        at = place.x + place.width
    return tuple(spans)


def _targets(targets: Iterable[TargetRow]) -> Iterator[Line]:
    for row in targets:
        role: Role = "warn" if row.up else "bad"
        name = (Span("▲ " if row.up else "✗ ", role), Span(f"{visible(row.name, 60)}  ", "title"))
        for failure in row.failures:
            yield (*name, Span(visible(failure.message)), *_hint(failure.hint))
        if row.up and row.ready is False and not row.warnings:
            yield (*name, Span("is live but not ready"))


def _alert(alert: Alert) -> Line:
    role: Role = "dim" if alert.note else "bad" if alert.severity == PAGE else "warn"
    silenced = f"  silenced: {visible(alert.note)}" if alert.note else ""
    return (
        Span(f"▲ {visible(alert.severity, 20)}  ", role),
        Span(visible(alert.message)),
        Span(f"  {visible(alert.evidence)}  since {write.clock(alert.since)}{silenced}", "dim"),
    )


def _warnings(concerned: Mapping[Warn, str]) -> Iterator[Line]:
    """Each finding once, with those whom it concerns."""
    for warn, names in concerned.items():
        if not warn.note:
            yield (Span("▲ ", "warn"), Span(f"{names}: {visible(warn.text)}"), *_hint(warn.hint))


def _notes(notes: Iterable[str], concerned: Mapping[Warn, str]) -> Iterator[Line]:
    """What the sources could not read, and how to read the figures."""
    for note in notes:
        yield (Span(visible(note)),)
    for warn, names in concerned.items():
        if warn.note:
            yield (Span(f"{names}: {visible(warn.text)}"), *_hint(warn.hint))


def _concerned(snapshot: Snapshot) -> dict[Warn, str]:
    """Each warning with the targets or versions that have it, the first few named."""
    subjects: dict[Warn, list[str]] = {}
    for target in snapshot.targets:
        for warn in target.warnings:
            subjects.setdefault(warn, []).append(visible(target.name, 60))
    for row in snapshot.models:
        name = f"{visible(row.key.model, 60)}/{visible(row.key.version, 12)}"
        for warn in row.warnings:
            subjects.setdefault(warn, []).append(name)
    return {warn: _some(names) for warn, names in subjects.items()}


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SUBJECTS} more" if len(names) > _SUBJECTS else ""
    return ", ".join(names[:_SUBJECTS]) + more


def _hint(hint: str) -> Line:
    return (Span(f"  → {visible(hint)}", "accent"),) if hint else EMPTY
