"""A walked runbook that reads top to bottom: the verdict, its story, each answer with its evidence, what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.action import Action
from console.domain.fleet import Fleet
from console.domain.text import visible
from console.domain.triage import NONE, UNKNOWN, Advice, Answer, RunbookStep, Walk, WalkedStep
from console.view.fields import field, heading, within, words
from console.view.journal import when
from console.view.shell import action_command
from console.view.styled import EMPTY, Line, Role, Span
from console.view.triage_evidence import (
    ANSWERS,
    Reference,
    evidence_columns,
    evidence_heading,
    evidence_lines,
    evidence_rows,
    reference_lines,
    references,
    time_of_day,
)

POINTS: dict[Answer, Span] = {
    Answer.YES: Span("▲", "warn"),
    Answer.NO: Span("✓", "good"),
    Answer.UNKNOWN: Span("?", "warn"),
}
"""The signs of a point that was looked at: it shows the trouble, it is fine, nobody knows."""

_KEYS = "abcdefghijklmnopqrstuvwxyz"
_MARGIN = 13
_PROBLEMS = 5
_INDENT = Span("    ")
_NAME = 80


class StepRow(NamedTuple):
    """One question of the runbook; ``walked`` is None where the walk did not come to it.

    ``decides`` marks the step that gave the verdict. ``overruled`` says who answered otherwise, when and why.
    """

    number: int
    id: str
    question: str
    walked: WalkedStep | None
    sign: Span
    answer: str
    reason: str
    decides: bool = False
    overruled: str = ""


class PointRow(NamedTuple):
    """One point of the runbook, its answer and why."""

    id: str
    sign: Span
    text: str
    answer: str
    reason: str


class AdviceRow(NamedTuple):
    """One recommended action: its key on a screen, and the command that does the same; ``action`` None is for people."""

    key: str
    text: str
    why: str
    action: Action | None
    command: str


def walk_lines(walk: Walk, fleet: Fleet, cells: int) -> list[Line]:
    """The whole walk in lines of at most ``cells``; the commands in it are never cut."""
    numbers = references(row for each in walk.path for row in evidence_rows(each, walk.model))
    sections = (
        verdict_lines(walk, cells),
        _steps(walk, numbers, cells),
        _points(walk, cells),
        [heading("SOURCES", cells), *reference_lines(numbers, cells)] if numbers else [],
        list(_advice(advice_rows(walk, fleet), cells)),
        _recovery(walk, cells),
        _problems(walk.problems, cells),
    )
    lines: list[Line] = []
    for section in sections:
        lines += [EMPTY, *section] if lines and section else section
    return lines


def verdict_lines(walk: Walk, cells: int) -> list[Line]:
    """The verdict and how sure it is, the story of its onset, and which runbook says so."""
    sign = verdict_sign(walk.verdict)
    lines = words(verdict_words(walk), cells, before=(sign, Span(" ")), role=sign.role)
    if walk.story:
        lines += words(walk.story, cells)
    elif walk.onset is not None:
        lines += words(f"began {time_of_day(walk.onset)}", cells)
    about = f"runbook {visible(walk.runbook.id, _NAME)}: {walk.runbook.title}, {when(walk.at)}"
    return within([*lines, *words(about, cells, role="dim")], cells)


def verdict_words(walk: Walk) -> str:
    """``ROLLOUT  ranker, 90 % sure``."""
    model = visible(walk.model, _NAME)
    if walk.verdict == NONE:
        return f"NONE  {model}: nothing is wrong that this runbook is for"
    if walk.verdict == UNKNOWN:
        doubt = walk.path[0].answer is Answer.UNKNOWN
        what = "not even whether anything is wrong" if doubt else "something is wrong, its cause is not known"
        return f"UNKNOWN  {model}: {what}"
    verdict = visible(walk.verdict, _NAME).replace("_", " ").upper()
    return f"{verdict}  {model}, {walk.confidence * 100:.0f} % sure"


def verdict_sign(verdict: str) -> Span:
    """The sign of a verdict: a cause, none, or unknown."""
    if verdict == NONE:
        return Span("✓", "good")
    return Span("?", "warn") if verdict == UNKNOWN else Span("✗", "bad")


def step_rows(walk: Walk) -> tuple[StepRow, ...]:
    """The steps in the order they were walked, then those that the walk did not come to."""
    last = len(walk.path)
    rows = [step_row(n, each, decides=n == last) for n, each in enumerate(walk.path, 1)]
    walked = {each.step.id for each in walk.path}
    rest = [step for step in walk.runbook.steps if step.id not in walked]
    return (*rows, *(_not_asked(n, step) for n, step in enumerate(rest, last + 1)))


def step_row(number: int, walked: WalkedStep, *, decides: bool = False) -> StepRow:
    """One step that was asked, the recovery included."""
    return StepRow(
        number=number,
        id=walked.step.id,
        question=visible(walked.step.question),
        walked=walked,
        sign=ANSWERS[walked.answer],
        answer=walked.answer.value,
        # An engineer's answer says its own reason, in ``overruled``.
        reason="" if walked.overruled else visible(walked.reason, 300),
        decides=decides,
        overruled=_overruled(walked),
    )


def point_rows(walk: Walk) -> tuple[PointRow, ...]:
    """The points of the runbook, in its order."""
    return tuple(
        PointRow(
            each.point.id,
            POINTS[each.answer],
            visible(each.point.text),
            each.answer.value,
            visible(each.reason),
        )
        for each in walk.points
    )


def advice_rows(walk: Walk, fleet: Fleet) -> tuple[AdviceRow, ...]:
    """What is recommended, the best first, with the command for this fleet."""
    return tuple(
        AdviceRow(key, visible(each.text), visible(each.why, 300), each.action, advice_command(each, fleet))
        for key, each in zip(_KEYS, walk.advice, strict=False)
    )


def advice_command(advice: Advice, fleet: Fleet) -> str:
    """The command that does what is recommended, empty where there is none."""
    said = action_command(fleet, advice.action) if advice.action is not None else advice.command
    return visible(said, 2000)


def step_lines(row: StepRow, cells: int) -> list[Line]:
    """One step: its answer and question, why, and who overruled it."""
    role: Role = "title" if row.decides else "" if row.walked is not None else "dim"
    mark = Span("▶" if row.decides else " ", "bad")
    before: Line = (mark, Span(f"{row.number} ", "dim"), row.sign, Span(f" {row.answer:<8}", row.sign.role))
    lines = words(row.question, cells, before=before, role=role)
    margin: Line = (Span(" " * _MARGIN),)
    if row.reason:
        lines += words(row.reason, cells, before=margin)
    if row.overruled:
        lines += words(row.overruled, cells, before=margin, role="warn")
    return within(lines, cells)


def _not_asked(number: int, step: RunbookStep) -> StepRow:
    return StepRow(number, step.id, visible(step.question), None, Span("·", "dim"), "–", "")


def _overruled(walked: WalkedStep) -> str:
    """``overruled by ana at 10:41:07Z: the console says no; "seen in the logs"``."""
    said = walked.overruled
    if said is None:
        return ""
    note = f": {visible(said.note)}" if said.note else ""
    who = visible(said.who, _NAME) or "somebody"
    return f"overruled by {who} at {time_of_day(said.at)}{note} (the console says {walked.found.value})"


def _steps(walk: Walk, numbers: Mapping[Reference, int], cells: int) -> list[Line]:
    rows = [(row, evidence_rows(row.walked, walk.model)) for row in step_rows(walk) if row.walked is not None]
    columns = evidence_columns(each for _, found in rows for each in found)
    inner = max(cells - len(_INDENT.text), 1)
    lines = [heading("STEPS", cells)]
    titled = False
    for row, found in rows:
        lines += step_lines(row, cells)
        below = evidence_lines(found, columns, numbers, inner)
        if below and not titled:
            below, titled = [evidence_heading(columns, inner), *below], True
        lines += [(_INDENT, *line) for line in below]
    return lines


def _points(walk: Walk, cells: int) -> list[Line]:
    if not walk.points:
        return []
    lines = [heading("ALSO LOOKED AT", cells)]
    for row in point_rows(walk):
        said = f"{row.text} – {row.reason}" if row.reason else row.text
        lines += words(said, cells, before=(Span(" "), row.sign, Span(f" {row.answer:<8}", row.sign.role)))
    return within(lines, cells)


def _advice(rows: Iterable[AdviceRow], cells: int) -> Iterator[Line]:
    shown = tuple(rows)
    if not shown:
        return
    yield heading("RECOMMENDED", cells)
    for number, row in enumerate(shown, 1):
        yield from within(
            words(row.text, cells, before=(Span(f" {number} ", "accent"),), role="title"), cells
        )
        if row.why:
            yield from within(field("because", row.why, cells, indent=3), cells)
        if row.command:
            # Whole, so that it can be copied from a terminal.
            yield (Span("   "), Span(row.command, "accent"))


def _recovery(walk: Walk, cells: int) -> list[Line]:
    if walk.recovery is None:
        return []
    row = step_row(0, walk.recovery)
    before: Line = (Span(" "), row.sign, Span(f" {row.answer:<8}", row.sign.role))
    said = f"{row.question} {row.reason}" if row.reason else row.question
    return within([heading("RECOVERY", cells), *words(said, cells, before=before)], cells)


def _problems(problems: Sequence[str], cells: int) -> list[Line]:
    if not problems:
        return []
    lines = [heading("PROBLEMS", cells)]
    for problem in problems[:_PROBLEMS]:
        lines += words(problem, cells, before=(Span("! ", "warn"),))
    if len(problems) > _PROBLEMS:
        lines += words(f"… and {len(problems) - _PROBLEMS} more", cells, role="dim")
    return within(lines, cells)
