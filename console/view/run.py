"""A plan on its way and what came of it: each step, the checks, the share, the effect, what can be done next."""

from collections.abc import Iterator

from console.domain.plan import Step
from console.domain.run import Effect, Figures, Measured, Outcome, Result, Run, StepRun, Verdict
from console.domain.text import visible
from console.view import format as write
from console.view.fields import field, heading, within, words
from console.view.state_words import state_words
from console.view.styled import EMPTY, Line, Role, Span

UNKNOWN = "unknown"
SIGNS: dict[Outcome, Span] = {
    Outcome.WAITING: Span("· ", "dim"),
    Outcome.RUNNING: Span("▶ ", "accent"),
    Outcome.DONE: Span("✓ ", "good"),
    Outcome.FAILED: Span("✗ ", "bad"),
    Outcome.CHANGED: Span("≠ ", "bad"),
    Outcome.STILL_RUNNING: Span("… ", "warn"),
    Outcome.SKIPPED: Span("– ", "dim"),
    Outcome.UNKNOWN: Span("? ", "warn"),
}
RESULTS: dict[Result, tuple[str, Role, str]] = {
    Result.RUNNING: ("▶ RUNNING", "accent", ""),
    Result.VERIFIED: ("✓ VERIFIED", "good", "every step was read back"),
    Result.FAILED: ("✗ FAILED", "bad", ""),
    Result.REFUSED: ("✗ REFUSED", "bad", "nothing was changed"),
    Result.CHANGED: ("≠ CHANGED UNDER YOU", "bad", "something else changed it; the rest was not done"),
    Result.HANDLED: ("– HANDLED", "dim", "somebody marked it as handled"),
}
_TOUCHED = {Outcome.DONE, Outcome.STILL_RUNNING, Outcome.UNKNOWN}


def run_lines(run: Run, cells: int, now: float) -> list[Line]:
    """The run in lines of at most ``cells``; ``now`` is epoch seconds."""
    lines = words(run.plan.goal, cells, role="title")
    lines += step_lines(run, cells, now)
    for section in (result_lines(run, cells), next_lines(run, cells)):
        lines += [EMPTY, *section] if section else []
    return within(lines, cells)


def step_lines(run: Run, cells: int, now: float) -> list[Line]:
    """Each step with its sign, its outcome and its time, and what it said."""
    lines: list[Line] = []
    for number, (step, each) in enumerate(pairs(run), 1):
        lines += step_line(number, step, each, cells, now)
    return within(lines, cells)


def step_line(number: int, step: Step, run: StepRun, cells: int, now: float) -> list[Line]:
    """One step: a line for it, and what it said under that."""
    sign = SIGNS[run.outcome]
    said = f"{step.title}: {outcome_words(run, now)}"
    lines = words(said, cells, before=(Span("  "), sign, Span(f"{number} ", "dim")), role=_role(run.outcome))
    if run.message:
        lines += words(run.message, cells, before=(Span(" " * 8),), role=sign.role)
    if run.outcome is Outcome.CHANGED:
        was = f"was {state_words(step.before, 80)}, is {state_words(run.before, 80)}"
        lines += words(was, cells, before=(Span(" " * 8),))
    return lines


def outcome_words(run: StepRun, now: float) -> str:
    """``done in 1.4 s``, ``running for 3.2 s``, ``waiting``."""
    if run.outcome is Outcome.RUNNING and run.since is not None:
        return f"running for {seconds(now - run.since)}"
    if run.seconds is None or run.outcome in (Outcome.WAITING, Outcome.SKIPPED):
        return run.outcome.value
    between = "in" if run.outcome is Outcome.DONE else "after"
    return f"{run.outcome.value} {between} {seconds(run.seconds)}"


def result_lines(run: Run, cells: int) -> list[Line]:
    """The result, the checks, the counted share and the measured effect; what is not there is left out."""
    word, role, about = RESULTS[run.result]
    if run.result is Result.RUNNING and not run.message:
        return []
    said = run.message or about
    lines = words(said, cells, before=(Span(f"{word}  ", role),))
    lines += verdict_lines(run.verdicts, cells)
    if run.measured is not None:
        lines += field("share", share_words(run.measured), cells)
    lines += effect_lines(run.effects, cells)
    return within(lines, cells)


def verdict_lines(verdicts: tuple[Verdict, ...], cells: int) -> list[Line]:
    """One line a check, those that did not pass with why."""
    lines: list[Line] = []
    for verdict in verdicts:
        detail = f": {verdict.detail}" if verdict.detail else ""
        unknown = " is unknown" if verdict.passed is None else ""
        said = f"{visible(verdict.subject, 60)}  {check_words(verdict)}{unknown}{detail}"
        lines += words(said, cells, before=(Span("  "), verdict_sign(verdict)))
    return lines


def check_words(verdict: Verdict) -> str:
    """The name of a check, as people read it."""
    return verdict.check.replace("_", " ")


def verdict_sign(verdict: Verdict) -> Span:
    """The sign of a check: passed, failed, or cannot be known."""
    if verdict.passed is None:
        return Span("? ", "warn")
    return Span("✓ ", "good") if verdict.passed else Span("✗ ", "bad")


def share_words(measured: Measured) -> str:
    """``asked 50.0 %, counted 49.3 % of 1,240 requests in 5.0 s, difference -0.7 points``."""
    asked = f"asked {measured.asked * 100:.1f} %"
    if measured.share is None:
        return f"{asked}, counted unknown: no request came in {seconds(measured.seconds)}"
    apart = (measured.share - measured.asked) * 100
    counted = f"counted {measured.share * 100:.1f} % of {measured.requests:,} requests"
    return f"{asked}, {counted} in {seconds(measured.seconds)}, difference {apart:+.1f} points"


def effect_lines(effects: tuple[Effect, ...], cells: int) -> list[Line]:
    """What happened to each model's figures, before → after."""
    if not effects:
        return []
    lines = [heading("EFFECT", cells)]
    for effect in effects:
        about = f"{visible(effect.model, 60)}, {seconds(effect.seconds)} before and after"
        lines += words(about, cells, before=(Span("  "),))
        for label, change in _changes(effect.before, effect.after):
            lines += field(label, change, cells, indent=4)
    return lines


def next_lines(run: Run, cells: int, command: str = "") -> list[Line]:
    """How to take back what was done: ``command`` and the id; or why there is nothing to take back."""
    if run.result in (Result.RUNNING, Result.REFUSED, Result.HANDLED):
        return []
    touched = [step for step, each in pairs(run) if each.outcome in _TOUCHED]
    if not touched:
        return field("next", "nothing was changed, so there is nothing to undo", cells, indent=0)
    if not any(step.inverse is not None for step in touched):
        return field("next", "nothing of it can be undone", cells, indent=0)
    return field("undo", f"{command}{run.id}", cells, indent=0, role="accent")


def pairs(run: Run) -> list[tuple[Step, StepRun]]:
    """Each step with its run; of a run that was refused no step has begun."""
    missing = len(run.plan.steps) - len(run.steps)
    return list(zip(run.plan.steps, (*run.steps, *[StepRun()] * missing), strict=True))


def seconds(value: float) -> str:
    """A span of time: tenths of a second under a minute, two units from there on."""
    value = max(value, 0.0)
    return f"{value:.1f} s" if value < 59.95 else write.duration(value)


def _changes(before: Figures, after: Figures) -> Iterator[tuple[str, str]]:
    basis = after.basis or before.basis
    mark = f" ({visible(basis, 20)})" if basis else ""
    yield "p99", f"{_figure(before.p99_ms)} → {_figure(after.p99_ms)} ms{mark}"
    yield "queue", f"{_figure(before.queue_ms)} → {_figure(after.queue_ms)} ms"
    yield "errors", f"{_ratio(before.error_ratio)} → {_ratio(after.error_ratio)} %"
    yield "rate", f"{_figure(before.rate)} → {_figure(after.rate)} requests/s"


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else write.number(value)


def _ratio(value: float | None) -> str:
    return UNKNOWN if value is None else write.percent(value)


def _role(outcome: Outcome) -> Role:
    return "dim" if outcome in (Outcome.WAITING, Outcome.SKIPPED) else ""
