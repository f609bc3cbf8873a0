"""Every answer of the triage with the evidence it stood on, so that anyone can look again."""

from collections.abc import Iterable, Iterator

from console.domain.report import Answered, Facts
from console.domain.triage import WalkedStep
from console.view.markdown import code, name, table, text
from console.view.report_words import UNKNOWN, clock, moment, plural
from console.view.triage_evidence import EvidenceRow, evidence_row

_MOST_WALKS, _MOST_ROWS = 8, 60
_QUERY = 500
_TITLES = ("FIGURE", "NOW", "BASELINE", "DIFFERENCE", "SAYS", "BASIS", "SOURCE", "AGE", "QUERY")


def evidence(facts: Facts) -> list[str]:
    """The section's lines."""
    if not facts.answers:
        about = "no alert about a model to ask it about" if facts.alerts else "no alert to ask it about"
        return [f"The triage gave no answer in the window, and there was {about}."]
    lines: list[str] = []
    for each in facts.answers[:_MOST_WALKS]:
        lines += [*_walk(facts, each), ""]
    if len(facts.answers) > _MOST_WALKS:
        lines.append(f"{plural(len(facts.answers) - _MOST_WALKS, 'more answer')} are in the recording.")
    return lines


def _walk(facts: Facts, each: Answered) -> Iterator[str]:
    walk = each.walk
    how = "as answered at the time" if each.recorded else "computed from the recording for this report"
    yield f"### {name(walk.model)}: {text(walk.verdict.replace('_', ' '))}"
    yield ""
    sure = "" if walk.verdict == UNKNOWN else f", {walk.confidence * 100:.0f} % sure"
    yield f"- Runbook {name(walk.runbook.id)} ({text(walk.runbook.title)}), {how}, at {moment(facts, walk.at)}{sure}."
    if each.again and each.last is not None:
        yield f"- The same was answered {plural(each.again, 'more time')}, the last at {moment(facts, each.last)}."
    onset = moment(facts, walk.onset) if walk.onset is not None else f"{UNKNOWN}: no figure left its band"
    yield f"- Onset: {onset}."
    if walk.story:
        yield f"- {text(walk.story)}"
    yield from (f"- In the way of looking: {text(problem)}" for problem in walk.problems[:5])
    yield ""
    yield from table(
        ("", "QUESTION", "ANSWER", "WHY"), (_step(n, step) for n, step in enumerate(walk.path, 1))
    )
    # Several questions stand on the same figures.
    told = dict.fromkeys(_cells(row) for step in walk.path for row in _rows(step, walk.model))
    rows = list(told)
    if rows:
        yield ""
        yield from table(_TITLES, rows[:_MOST_ROWS], frozenset({1, 2, 3}))
    if len(rows) > _MOST_ROWS:
        yield f"{plural(len(rows) - _MOST_ROWS, 'more figure')}."


def _step(number: int, step: WalkedStep) -> tuple[str, ...]:
    over = step.overruled
    if over is not None:
        note = f": {text(over.note)}" if over.note else ""
        why = f"{text(over.who, 60)} said so at {clock(over.at)}{note}; the console had found {step.found.value}"
        return str(number), text(step.step.question), f"**{step.answer.value}**", why
    return str(number), text(step.step.question), f"**{step.answer.value}**", text(step.reason) or "–"


def _rows(step: WalkedStep, model: str) -> Iterator[EvidenceRow]:
    for finding in step.findings:
        yield from (evidence_row(each, model) for each in finding.evidence)


def _cells(row: EvidenceRow) -> tuple[str, ...]:
    basis = ", ".join(part for part in (row.basis, row.about) if part)
    unknown = f" ({text(row.hint)})" if row.now == UNKNOWN and row.hint else ""
    return (
        text(row.what),
        f"{text(row.now)}{unknown}",
        text(row.baseline) or "–",
        text(row.difference) or "–",
        row.evidence.answer.value,
        text(basis) or "–",
        text(row.source) or "–",
        row.age or "–",
        code(row.query, _QUERY),
    )


def unknowns(answers: Iterable[Answered]) -> dict[str, str]:
    """What the triage could not tell, and what to switch on: hints by the figure that is missing."""
    found: dict[str, str] = {}
    for each in answers:
        for step in each.walk.path:
            for row in _rows(step, each.walk.model):
                if row.now == UNKNOWN and row.hint:
                    found.setdefault(row.hint, row.what)
    return {what: hint for hint, what in found.items()}
