"""The steps of a runbook: questions, and where each answer leads."""

from collections.abc import Iterator, Mapping, Sequence

from console.domain.toml_problems import nearest
from console.domain.toml_table import Table, shown
from console.domain.triage import ANY, NONE, RunbookStep, Way
from console.storage._runbook_checks import Checks
from console.storage._runbook_words import NAME, ident, rows, told_twice, words

RECOVERY = "recovery"
_STEPS = "steps"
_WAYS = ("yes", "no", "unknown")
_GATE = 'the first step tells whether this runbook is the right one: write no = { verdict = "none" }, or leave it away'


def read_steps(document: Table, checks: Checks) -> tuple[RunbookStep, ...]:
    """Every ``[[steps]]``, the first of them the gate."""
    if _STEPS not in document:
        document.problem(
            _STEPS, "are missing; write [[steps]] with an id, a question, and where its answers lead"
        )
    found = tuple(_step(table, checks, first=n == 0) for n, table in enumerate(rows(document, _STEPS)))
    told_twice(document, _STEPS, [step.id for step in found])
    if any(step.id == RECOVERY for step in found):
        document.problem(_STEPS, f"none can be called {RECOVERY}: that is the one of [{RECOVERY}]")
    return found


def read_recovery(document: Table, checks: Checks) -> RunbookStep | None:
    """``[recovery]``, which leads nowhere."""
    if RECOVERY not in document:
        return None
    table = document.table(RECOVERY)
    step = RunbookStep(
        RECOVERY,
        _question(table),
        checks.read(table),
        yes=Way(verdict=NONE),
        no=Way(),
        unknown=Way(),
        every=table.flag("every", default=False),
        about=words(table, "about", 1000),
    )
    table.close()
    return step


def _step(table: Table, checks: Checks, *, first: bool) -> RunbookStep:
    step = RunbookStep(
        id=ident(table),
        question=_question(table),
        checks=checks.read(table),
        **_ways(table, first=first),
        every=table.flag("every", default=False),
        about=words(table, "about", 1000),
        act=tuple(text for _, text in table.texts("act")),
    )
    table.close()
    return step


def _question(table: Table) -> str:
    return words(table, "question", 200, example='"Is the queue time up?"')


def _ways(table: Table, *, first: bool) -> dict[str, Way]:
    """Three ways; ``next`` stands for three that lead to the same step."""
    if "next" in table:
        way = _way(table, "next")
        for key in _WAYS:
            if table.raw(key) is not None:
                table.problem(key, "stands beside next, which is where every answer leads: keep one")
        if first:
            table.problem("next", _GATE)
        return dict.fromkeys(_WAYS, way)
    ways = {key: _way(table, key) for key in _WAYS if key in table or not (first and key == "no")}
    if first and ways.setdefault("no", Way(verdict=NONE)) != Way(verdict=NONE):
        table.problem("no", _GATE)
    return ways


def _way(table: Table, key: str) -> Way:
    value = table.raw(key)
    if isinstance(value, dict):
        return _verdict(table.table(key), yes=key == "yes")
    if isinstance(value, str):
        return Way(step=value)
    if value is None:
        said = 'is missing; write the id of a step, or { verdict = "…" }'
    else:
        said = f'must be the id of a step, or {{ verdict = "…" }}, not {shown(value)}'
    table.problem(key, said)
    return Way()


def _verdict(table: Table, *, yes: bool) -> Way:
    verdict = words(table, "verdict", 64, example='"queue"')
    otherwise = words(table, "otherwise", 64)
    for key, text in (("verdict", verdict), ("otherwise", otherwise)):
        if text and not NAME.fullmatch(text) and not (key == "verdict" and text == ANY):
            table.problem(key, f"is no name of a verdict: {shown(text)}")
    if verdict == ANY and not yes:
        table.problem("verdict", f'"{ANY}" is what a yes names: only yes can lead there')
    if otherwise and verdict != ANY:
        table.problem("otherwise", f'is for verdict = "{ANY}" alone: where no check names one')
    table.close()
    return Way(verdict=verdict, otherwise=otherwise)


def check_graph(document: Table, steps: Sequence[RunbookStep]) -> None:
    """Note ways to steps that are not there, circles, and steps to which no answer leads."""
    known = {step.id: step for step in steps}
    lost = False
    for position, step in enumerate(steps):
        for key, way in ways_of(step):
            if way.step and way.step not in known:
                lost = True
                guess = nearest(way.step, known) or f"; known are {', '.join(known)}"
                path = (_STEPS, position, key)
                document.problems.add(path, f"there is no step {shown(way.step)}{guess}")
    circle = _circle(known)
    if circle:
        position = list(known).index(circle[0])
        document.problems.add((_STEPS, position), f"leads back to itself: {' → '.join([*circle, circle[0]])}")
    if lost or not steps:
        return
    reached = _reached(steps[0], known)
    for position, step in enumerate(steps):
        if step.id and step.id not in reached:
            document.problems.add((_STEPS, position), f"no answer leads to step {shown(step.id)}")


def ways_of(step: RunbookStep) -> Iterator[tuple[str, Way]]:
    """Each different way of a step, with the key that says it."""
    if step.yes == step.no == step.unknown and step.yes.step:
        yield "next", step.yes
        return
    yield from (("yes", step.yes), ("no", step.no), ("unknown", step.unknown))


def _onward(step: RunbookStep, known: Mapping[str, RunbookStep]) -> list[RunbookStep]:
    return [known[way.step] for _, way in ways_of(step) if way.step in known]


def _reached(first: RunbookStep, known: Mapping[str, RunbookStep]) -> set[str]:
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        step = waiting.pop()
        if step.id not in seen:
            seen.add(step.id)
            waiting += _onward(step, known)
    return seen


def _circle(known: Mapping[str, RunbookStep]) -> list[str]:
    """The ids of a circle, empty when there is none: what remains when steps that lead nowhere else are taken away."""
    left = dict(known)
    while True:
        ends = [name for name, step in left.items() if not _onward(step, left)]
        if not ends:
            break
        for name in ends:
            del left[name]
    path: list[str] = []
    name = next(iter(left), "")
    while name and name not in path:
        path.append(name)
        name = _onward(left[name], left)[0].id
    return path[path.index(name) :] if name else []
