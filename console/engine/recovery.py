"""After a console died in the middle of a plan: what was done, as the things themselves say."""

from collections.abc import Mapping, Sequence

from console.domain.journal import Entry, Record, RecordKind
from console.domain.plan import ControlError, Step
from console.domain.plan_json import step_run_json
from console.domain.run import Outcome, StepRun
from console.domain.states import Json, brief, holds
from console.engine._runner import lives
from console.engine.executor import read_state
from console.ports import Clock, Control

# A change may be on its way in the server still: this long after its step began nobody calls it undone.
GRACE_S = 10.0
_LOOK_S = 0.5


def abandoned(entries: Sequence[Entry], mine: Sequence[str]) -> tuple[Entry, ...]:
    """Unfinished plans that no living console runs; ``mine`` are the ids that this one runs."""
    return tuple(e for e in entries if e.unfinished and e.id not in mine and lives(e.runner) is not True)


async def settle(entry: Entry, controls: Mapping[str, Control], clock: Clock, who: str) -> list[Record]:
    """Records that say what became of the steps in flight, from reading their subjects back."""
    found = []
    for number, (step, run) in enumerate(zip(entry.plan.steps, entry.steps, strict=True)):
        if run.outcome is Outcome.UNKNOWN:
            told = await _look(step, run, controls.get(step.control), clock)
            found.append(Record(RecordKind.OUTCOME, entry.id, clock.now(), who, step_run_json(number, told)))
    return found


async def _look(step: Step, run: StepRun, control: Control | None, clock: Clock) -> StepRun:
    if control is None:
        return run._replace(message=f"this console has no {step.control} in its settings to read it back")
    since = clock.now() if run.since is None else run.since
    until = since + min(GRACE_S, step.timeout_s)
    while True:
        told = _told(step, run, await read_state(control, step))
        # Wall time may step back; nobody waits longer than the grace from now either.
        left = min(until - clock.now(), GRACE_S)
        if told.outcome is Outcome.DONE or left <= 0:
            return told
        await clock.sleep(min(_LOOK_S, left))


def _told(step: Step, run: StepRun, state: Json | ControlError) -> StepRun:
    if isinstance(state, ControlError):
        return run._replace(message=str(state))
    if step.after is not None and holds(step.after, state):
        return run._replace(outcome=Outcome.DONE, after=state, message="found done after the console died")
    if step.before is not None and holds(step.before, state):
        return run._replace(
            outcome=Outcome.SKIPPED, after=state, message="found not done after the console died"
        )
    said = f"neither as before nor as planned: it is {brief(state)}"
    return run._replace(outcome=Outcome.CHANGED, after=state, message=said)
