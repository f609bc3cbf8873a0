"""The mitigations of a runbook: what a verdict recommends."""

from collections.abc import Mapping, Sequence

from console.domain.action import ActionKind
from console.domain.change import read_change
from console.domain.toml_problems import nearest
from console.domain.toml_table import Table, shown
from console.domain.triage import ANY, NONE, Mitigation, RunbookStep
from console.storage._runbook_checks import Checks
from console.storage._runbook_steps import ways_of
from console.storage._runbook_words import NAME, ident, rows, told_twice, words

_KEY = "mitigations"
_KINDS = tuple(kind.value for kind in ActionKind if kind not in {ActionKind.UNDO, ActionKind.CONTINUE})
_KNOBS = ("instances", "queue_delay_us", "queue_size")


def read_mitigations(document: Table, steps: Sequence[RunbookStep], checks: Checks) -> tuple[Mitigation, ...]:
    """Every ``[[mitigations]]``, held against the verdicts and the ``act`` of the steps."""
    found = tuple(_mitigation(table, checks) for table in rows(document, _KEY))
    told_twice(document, _KEY, [each.id for each in found])
    _check_verdicts(document, found, steps)
    _check_acts(document, found, steps)
    return found


def _mitigation(table: Table, checks: Checks) -> Mitigation:
    kind = table.choice("action", _KINDS, "")
    action = ActionKind(kind) if kind else None
    made = Mitigation(
        id=ident(table),
        text=words(table, "text", 200, example='"Roll back"'),
        why=words(table, "why", 400, example='"it began with the load"'),
        verdicts=_verdicts(table),
        action=action,
        percent=_percent(table, action),
        values=_values(table.table("values"), action) if "values" in table else {},
        command=words(table, "command", 500),
        culprit=checks.one(table, "culprit"),
    )
    if action is ActionKind.TUNE and not made.values and "values" not in table:
        table.problem("values", 'are missing; write values = { instances = "+1" }')
    table.close()
    return made


def _verdicts(table: Table) -> tuple[str, ...]:
    found = table.texts("for")
    for path, text in found:
        if text != ANY and not NAME.fullmatch(text):
            table.problems.add(path, f"is no name of a verdict: {shown(text)}")
        elif text == NONE:
            table.problems.add(path, f"{NONE} is the verdict that nothing is wrong: there is nothing to do")
    return tuple(text for _, text in found)


def _percent(table: Table, action: ActionKind | None) -> float | None:
    if action is ActionKind.REDUCE:
        if "percent" not in table:
            table.problem("percent", "is missing; write percent = 50 for half of its traffic")
        return table.number("percent", 50.0, least=0, most=100, unit=" percent")
    if table.raw("percent") is not None:
        table.problem("percent", 'belongs to action = "reduce"')
    return None


def _values(table: Table, action: ActionKind | None) -> Mapping[str, str]:
    if action is not ActionKind.TUNE:
        table.problems.add(table.path, 'belong to action = "tune"')
    values: dict[str, str] = {}
    for name in _KNOBS:
        value = table.raw(name)
        if value is None:
            continue
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if read_change(text) is None:
            said = 'must be a number such as 4, or a change such as "+1" or "-50%"'
            table.problem(name, f"{said}, not {shown(value)}")
        values[name] = text
    table.close()
    return values


def _check_verdicts(document: Table, found: Sequence[Mitigation], steps: Sequence[RunbookStep]) -> None:
    ways = [way for step in steps for _, way in ways_of(step)]
    given = {verdict for way in ways for verdict in (way.verdict, way.otherwise) if verdict}
    # What a finding may name is known to its check alone.
    if ANY in given:
        return
    for position, each in enumerate(found):
        for verdict in each.verdicts:
            if verdict not in given | {NONE} and NAME.fullmatch(verdict):
                said = f"no step gives the verdict {shown(verdict)}{nearest(verdict, given)}"
                document.problems.add((_KEY, position, "for"), said)


def _check_acts(document: Table, found: Sequence[Mitigation], steps: Sequence[RunbookStep]) -> None:
    known = {each.id for each in found}
    for position, step in enumerate(steps):
        for name in step.act:
            if name not in known:
                said = f"there is no mitigation {shown(name)}{nearest(name, known)}"
                document.problems.add(("steps", position, "act"), said)
    offered = {name for step in steps for name in step.act}
    for position, each in enumerate(found):
        if not each.verdicts and each.id and each.id not in offered:
            said = "nothing recommends it: write for = [VERDICT …], or name it in a step's act"
            document.problems.add((_KEY, position), said)
