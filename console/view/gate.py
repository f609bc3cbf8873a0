"""A gate as text to read: the verdict first, both sides, a table of the checks with what each of them says."""

from collections.abc import Callable, Mapping

from console.domain.gate import Check, Gate, GateVerdict, Outcome, Side
from console.domain.text import visible
from console.view import format as write
from console.view.fields import within, words
from console.view.styled import EMPTY, Line, Role, Span
from console.view.table import Column, Row, Sort, Table, heading, lay, places

WORDS: Mapping[GateVerdict, tuple[str, str, Role]] = {
    GateVerdict.PASS: ("✓", "PASS", "good"),
    GateVerdict.FAIL: ("✗", "FAIL", "bad"),
    GateVerdict.NOT_ENOUGH_DATA: ("?", "NOT ENOUGH DATA", "warn"),
}
_SIGNS: Mapping[Outcome, Span] = {
    Outcome.PASS: Span("✓", "good"),
    Outcome.FAIL: Span("✗", "bad"),
    Outcome.UNKNOWN: Span("?", "warn"),
}
_WHY_ROLES: Mapping[Outcome, Role] = {Outcome.PASS: "dim", Outcome.FAIL: "bad", Outcome.UNKNOWN: ""}
_INDENT = 4

COLUMNS: tuple[Column, ...] = (
    Column("sign", "", 1, "✓ passes, ✗ fails, ? is not known", align="left"),
    Column("check", "CHECK", 12, "what is compared", align="left"),
    Column("baseline", "BASELINE", 11, "the baseline's figure"),
    Column("candidate", "CANDIDATE", 11, "the candidate's figure"),
    Column("limit", "LIMIT", 11, "the most that passes"),
    Column("n", "N", 8, "requests or inputs behind the figures, of the side that has fewer", drop=1),
    Column("basis", "BASIS", 10, "how the figures are known", align="left", drop=2),
)

# Where there is a cursor all of it is told beside the table.
_SAYS = Column("says", "", 24, "what the check says", align="left", drop=3, grow=140)
SCREEN_COLUMNS = (*COLUMNS, _SAYS)


def gate_lines(gate: Gate, cells: int) -> list[Line]:
    """The verdict, the sides, the checks with their reasons, and what else is to be known; at most ``cells`` wide."""
    lines = [verdict_line(gate), *side_lines(gate, cells), *contract_lines(gate, cells), EMPTY]
    placed = places(COLUMNS, cells - 2)
    margin: Line = (Span("  "),)
    lines.append((*margin, *heading(COLUMNS, placed, Sort(""))))
    for check in gate.checks:
        lines.append((*margin, *lay(check_row(check), COLUMNS, placed, cells - 2)))
        lines += words(_said(check), cells, before=(Span(" " * _INDENT),), role=_why_role(check))
    if gate.notes:
        lines.append(EMPTY)
    for note in gate.notes:
        lines += words(note, cells, before=(Span("· ", "dim"),), role="dim")
    return within(lines, cells)


def verdict_line(gate: Gate) -> Line:
    """The verdict, of what, after how long, and how many checks say so."""
    sign, word, role = WORDS[gate.verdict]
    model = visible(gate.model, 60)
    label = f"{model}  {visible(gate.candidate.label, 60)} against {visible(gate.baseline.label, 60)}"
    return Span(f"{sign} {word}  ", role), Span(label, "title"), Span(f"  {_counted(gate)}", "dim")


def _counted(gate: Gate) -> str:
    parts = [f"over {write.duration(gate.seconds)}"]
    for outcome, word in ((Outcome.FAIL, "failed"), (Outcome.UNKNOWN, "unknown"), (Outcome.PASS, "passed")):
        number = sum(check.outcome is outcome for check in gate.checks)
        if number:
            parts.append(f"{number} {word}")
    return ", ".join(parts)


def side_lines(gate: Gate, cells: int) -> list[Line]:
    """Which version on which targets each side is."""
    return [*_side("baseline", gate.baseline, cells), *_side("candidate", gate.candidate, cells)]


def _side(name: str, side: Side, cells: int) -> list[Line]:
    shown = ", ".join(visible(target, 40) for target in side.targets[:5])
    more = f" and {len(side.targets) - 5} more" if len(side.targets) > 5 else ""
    said = f"version {visible(side.version, 40)} on {shown}{more}"
    return words(said, cells, before=(Span(f"  {name:<11}", "dim"),))


def contract_lines(gate: Gate, cells: int) -> list[Line]:
    """Which limits are the model's contract's, and that not all of it is understood."""
    terms, limits = gate.terms, gate.limits
    before: Line = (Span(f"  {'contract':<11}", "dim"),)
    names = (f"{name.replace('_', '-')} {getattr(limits, name):g}" for name in terms.limits)
    lines = words(f"sets {', '.join(names)}", cells, before=before) if terms.limits else []
    if terms.problems:
        more = f", and {len(terms.problems) - 1} more" if len(terms.problems) > 1 else ""
        lines += words(f"not all is understood: {terms.problems[0]}{more}", cells, before=before, role="warn")
    return lines


def checks_table(checks: tuple[Check, ...]) -> Table[Check]:
    """The checks as a table with a cursor."""

    def row(check: Check, _: frozenset[str]) -> Row:
        made = check_row(check)
        return made._replace(cells=(*made.cells, (Span(_said(check), "dim"),)))

    return Table(SCREEN_COLUMNS, checks, lambda check: check.id, row, Sort(""))


def check_row(check: Check) -> Row:
    """One check: its sign, its figures in their unit, what they rest on."""
    role: Role = "bad" if check.outcome is Outcome.FAIL else ""
    number: Line = () if check.n is None else (Span(write.count(check.n)),)
    return Row(
        (
            (_SIGNS[check.outcome],),
            (Span(check.id, "title"),),
            _figure(check, check.baseline, ""),
            _figure(check, check.candidate, role),
            _figure(check, check.limit, "dim"),
            number,
            (Span(check.basis, "dim"),),
        )
    )


def why_lines(check: Check, cells: int) -> tuple[Line, ...]:
    """What a check says, for a place under the table."""
    before = (_SIGNS[check.outcome], Span(f" {check.id:<11} ", "title"))
    return tuple(words(_said(check), cells, before=before, role=_why_role(check)))


def _said(check: Check) -> str:
    """What a check says; of one that is unknown, whether that matters."""
    missed = check.needed or check.outcome is not Outcome.UNKNOWN
    return check.why if missed else f"not needed: {check.why}"


def _why_role(check: Check) -> Role:
    return _WHY_ROLES[check.outcome]


def _figure(check: Check, value: float | None, role: Role) -> Line:
    if value is None:
        return (Span("—", "dim"),)
    return (Span(_WRITERS.get(check.unit, write.number)(value), role),)


_WRITERS: Mapping[str, Callable[[float], str]] = {
    "ms": lambda value: f"{write.number(value)} ms",
    "ratio": lambda value: f"{write.percent(value)} %",
    "bytes": lambda value: f"{write.gib(value)} GiB",
    "inputs that differ": lambda value: f"{value:.0f} differ",
}
