"""The faults of queries, as lines and as the JSON object of ``lint-rules --json``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from console.domain.lint_fault import Fault, Weight
from console.domain.lint_files import Query
from console.domain.text import visible
from console.view.styled import EMPTY, Line, Role, Span

_LONGEST = 400
_MOST = 5000


class Finding(NamedTuple):
    """One query of a file, and what is wrong with it."""

    file: str
    query: Query
    faults: tuple[Fault, ...]


def lint_lines(findings: Sequence[Finding], asked: int) -> Iterator[Line]:
    """Each query with its faults, and how many there are of each weight in the end."""
    for finding in findings:
        yield from _finding(finding)
        yield EMPTY
    errors, notes = count(findings, Weight.ERROR), count(findings, Weight.NOTE)
    role: Role = "bad" if errors else "good"
    said = f"{_number(asked, 'query', 'queries')}: {_number(errors, 'error')}, {_number(notes, 'note')}"
    yield Span("✗ " if errors else "● ", role), Span(said)


def _finding(finding: Finding) -> Iterator[Line]:
    query = finding.query
    line = f":{query.line}" if query.line is not None else ""
    yield Span(f"{visible(finding.file, 120)}{line}", "title"), Span(f"  {visible(query.owner, 160)}", "dim")
    yield (Span(f"  {visible(' '.join(query.text.split()), _LONGEST)}"),)
    for fault in finding.faults:
        sign = Span("  ✗ ", "bad") if fault.weight is Weight.ERROR else Span("  · ", "dim")
        yield sign, Span(visible(fault.why, _LONGEST))
        if fault.instead:
            yield Span("    → ", "accent"), Span(visible(fault.instead, _LONGEST), "accent")


def count(findings: Iterable[Finding], weight: Weight) -> int:
    """How many faults of this weight there are."""
    return sum(fault.weight is weight for finding in findings for fault in finding.faults)


def _number(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def lint_object(findings: Sequence[Finding], asked: int) -> dict[str, Any]:
    """``findings`` with file, line, path, rule, expression, why and what to write instead; unknown is None."""
    told = [_fault(finding, fault) for finding in findings for fault in finding.faults]
    return {
        "queries": asked,
        "errors": count(findings, Weight.ERROR),
        "notes": count(findings, Weight.NOTE),
        "findings": told[:_MOST],
    }


def _fault(finding: Finding, fault: Fault) -> dict[str, Any]:
    query = finding.query
    return {
        "id": fault.id,
        "severity": fault.weight.value,
        "file": finding.file,
        "line": query.line,
        "path": query.path,
        "rule": query.owner,
        "expr": query.text,
        "subject": fault.subject,
        "why": fault.why,
        "instead": fault.instead or None,
    }
