"""What was done, by whom and why, by which calls, and what it did to the figures."""

from collections.abc import Iterator, Mapping, Sequence

from console.domain.plan import Step
from console.domain.report import Done, Facts
from console.domain.run import Effect, Figures, Outcome, StepRun, Verdict
from console.domain.states import Json
from console.view import format as write
from console.view.markdown import block, bullets, code, name, table, text
from console.view.report_words import UNKNOWN, long, moment, ms, plural, share
from console.view.run import RESULTS, check_words, outcome_words
from console.view.run import share_words as counted_words
from console.view.state_words import state_words

_MOST, _MOST_STEPS, _MOST_CHECKS = 30, 40, 20
# A whole config is in many a call: the journal and the bundle have all of it.
_CALL = 400


def actions(facts: Facts) -> list[str]:
    """The section's lines."""
    if not facts.done:
        return ["The journal has no plan in the window: nobody changed anything with the console."]
    lines: list[str] = []
    for done in facts.done[:_MOST]:
        lines += [*_plan(facts, done), ""]
    if len(facts.done) > _MOST:
        lines.append(f"{plural(len(facts.done) - _MOST, 'more plan')}: triton-console journal has them.")
    return lines


def result_words(done: Done) -> str:
    """How a plan ended: ``verified``."""
    entry = done.entry
    if entry.unfinished:
        return "its end is not written: it runs, or its console died"
    return "its console died" if entry.open else RESULTS[entry.result][0].partition(" ")[2].lower()


def measured(done: Done) -> bool:
    """Whether what it did to the figures is known."""
    return any(_known(effect.before) and _known(effect.after) for effect in done.entry.effects)


def _plan(facts: Facts, done: Done) -> Iterator[str]:
    entry = done.entry
    yield f"### {text(entry.plan.goal)}"
    yield ""
    yield from bullets(_about(facts, done))
    yield ""
    pairs = list(zip(entry.plan.steps, entry.steps, strict=True))
    for number, (step, run) in enumerate(pairs[:_MOST_STEPS], 1):
        yield from _step(number, step, run, entry.at)
    if len(pairs) > _MOST_STEPS:
        yield f"{plural(len(pairs) - _MOST_STEPS, 'more step')}."
        yield ""
    if any(len(step.call) > _CALL for step in entry.plan.steps):
        yield f"The whole calls: {code(f'triton-console journal {entry.id}')}, or the bundle's `plans.json`."
        yield ""
    yield from _checks(done)
    yield from _effects(done)


def _about(facts: Facts, done: Done) -> Iterator[str]:
    entry = done.entry
    yield f"By {text(entry.who, 80)} at {moment(facts, entry.at)}, plan {name(entry.id)}."
    yield f"Why: {text(entry.reason) if entry.reason else 'no reason was given'}."
    took = "" if done.ended is None else f" after {long(done.ended - entry.at)}"
    message = f": {text(entry.message)}" if entry.message else ""
    yield f"Result: {result_words(done)}{took}{message}."
    yield f"Since then: {_since(done)}."


def _since(done: Done) -> str:
    entry = done.entry
    parts = [
        f"undone by plan {name(entry.undone)}" if entry.undone else "",
        f"continued by plan {name(entry.continued)}" if entry.continued else "",
        f"marked as handled, {text(entry.handled)}" if entry.handled else "",
    ]
    said = "; ".join(part for part in parts if part)
    if said:
        return said
    if not entry.touched:
        return "nothing of it changed anything"
    if entry.undoing:
        return "what it took back is gone"
    undo = f"; `triton-console undo {entry.id}` takes it back" if entry.id.isalnum() else ""
    return f"it stands{undo}" if entry.standing else "not known"


def _step(number: int, step: Step, run: StepRun, now: float) -> Iterator[str]:
    yield f"{number}. {text(step.title)}: {_outcome(run, now)}"
    yield ""
    yield from (f"   {line}" for line in block(step.call, _CALL))
    yield ""
    before, after = _apart(run.before, run.after)
    if before != after:
        yield f"   State: {text(state_words(before))} → {text(state_words(after))}"
        yield ""


def _apart(before: Json, after: Json) -> tuple[Json, Json]:
    """Two states without what is the same in both."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return before, after
    names = [each for each in {**before, **after} if before.get(each) != after.get(each)]
    return {each: before.get(each) for each in names}, {each: after.get(each) for each in names}


def _outcome(run: StepRun, now: float) -> str:
    said = outcome_words(run, now)
    if run.outcome is Outcome.UNKNOWN:
        said = "begun, and whether it was done is unknown"
    return f"{said}: {text(run.message)}" if run.message else said


def _checks(done: Done) -> Iterator[str]:
    entry = done.entry
    passed = sum(verdict.passed is True for verdict in entry.verdicts)
    if passed:
        yield f"- {plural(passed, 'check')} passed afterwards."
    for word, verdicts in failing(done)[:_MOST_CHECKS]:
        detail = f": {text(verdicts[0].detail)}" if verdicts[0].detail else ""
        yield f"- Check of {text(check_words(verdicts[0]))} {word}, {subjects(verdicts)}{detail}"
    if entry.measured is not None:
        yield f"- Share: {text(counted_words(entry.measured))}"
    if entry.verdicts or entry.measured is not None:
        yield ""


def failing(done: Done) -> list[tuple[str, list[Verdict]]]:
    """The checks that did not pass, those that say the same together."""
    found: dict[tuple[bool, str, str], list[Verdict]] = {}
    for verdict in done.entry.verdicts:
        if verdict.passed is not True:
            found.setdefault((verdict.passed is None, verdict.check, verdict.detail), []).append(verdict)
    words = {True: "cannot be known", False: "**failed**"}
    return [(words[unknown], verdicts) for (unknown, _, _), verdicts in found.items()]


def subjects(verdicts: Sequence[Verdict]) -> str:
    """What the checks were of."""
    more = f" and {len(verdicts) - 4} more" if len(verdicts) > 4 else ""
    return ", ".join(name(verdict.subject) for verdict in verdicts[:4]) + more


def _effects(done: Done) -> Iterator[str]:
    if not done.entry.effects:
        if done.entry.touched and done.entry.plan.blast.models:
            yield "Its effect on the figures was not measured."
        return
    titles = ("MODEL", "P99", "QUEUE", "ERRORS", "REQUESTS/S", "OVER")
    yield "Measured effect, before → after:"
    yield ""
    yield from table(titles, (_effect(effect) for effect in done.entry.effects))


def _effect(effect: Effect) -> tuple[str, ...]:
    was, now = effect.before, effect.after
    basis = now.basis or was.basis
    return (
        name(effect.model),
        f"{ms(was.p99_ms)} → {ms(now.p99_ms)}{f' ({text(basis, 20)})' if basis else ''}",
        f"{ms(was.queue_ms)} → {ms(now.queue_ms)}",
        f"{share(was.error_ratio)} → {share(now.error_ratio)}",
        f"{_rate(was)} → {_rate(now)}",
        f"{effect.seconds:.0f} s before and after",
    )


def _rate(figures: Figures) -> str:
    return UNKNOWN if figures.rate is None else write.number(figures.rate)


def _known(figures: Figures) -> bool:
    return any(value is not None for value in (figures.p99_ms, figures.queue_ms, figures.error_ratio))
