"""The one door to the outside: runs a plan step by step, and writes down each step before and after it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from console.domain.failure import SourceError
from console.domain.journal import JournalError, Record, RecordKind
from console.domain.plan import ChangedError, ControlError, Plan, Step, StillRunningError
from console.domain.plan_json import plan_json, step_run_json
from console.domain.release import Release
from console.domain.run import Outcome, Result, Run, StepRun
from console.domain.states import Json, brief, holds
from console.domain.text import visible
from console.engine._runner import this_runner
from console.engine.verification import Verification
from console.ports import Clock, Control, Journal

READ_S = 10.0
PATIENCE_S = 5.0
_LOOK_S = 0.1

Report = Callable[[Run], None]


class Executor:
    """Runs plans on the controls; nothing else calls their ``apply``."""

    def __init__(
        self,
        controls: Mapping[str, Control],
        journal: Journal,
        verification: Verification,
        clock: Clock,
        who: str,
    ) -> None:
        self._controls = controls
        self._journal = journal
        self._verification = verification
        self._clock = clock
        self._who = who

    async def run(
        self, plan: Plan, targets: Mapping[str, str], release: Release | None, report: Report
    ) -> Run:
        """Run the plan on these targets (by name, as the command line takes them), to this release if any.

        Raises JournalError when its beginning cannot be written, and then nothing is changed.
        """
        run = Run(plan.id, plan, tuple(StepRun() for _ in plan.steps))
        await self._write(plan, RecordKind.BEGIN, _beginning(plan, targets))
        try:
            run = await self._steps(run, report)
            run = await self._verification.verified(run, report, release)
            await self._write(plan, RecordKind.END, _ending(run))
        except JournalError as error:
            said = f"the journal cannot be written any more: {error}; the next start reads back what was done"
            run = replace(run, result=Result.FAILED, message=said)
        report(run)
        return run

    async def _steps(self, run: Run, report: Report) -> Run:
        for number, step in enumerate(run.plan.steps):
            since = self._clock.now()
            run = _with(run, number, StepRun(Outcome.RUNNING, since=since))
            report(run)
            began = self._clock.monotonic()
            done = await self._step(run.plan, number, step)
            done = done._replace(seconds=self._clock.monotonic() - began, since=since)
            run = _with(run, number, done)
            await self._write(run.plan, RecordKind.OUTCOME, step_run_json(number, done))
            report(run)
            if done.outcome is not Outcome.DONE:
                return replace(run, result=_result(done.outcome), message=f"{step.title}: {done.message}")
        return run

    async def _step(self, plan: Plan, number: int, step: Step) -> StepRun:
        control = self._controls.get(step.control)
        if control is None:
            return StepRun(Outcome.FAILED, message=f"this console has no {step.control} in its settings")
        before = await read_state(control, step)
        if isinstance(before, ControlError):
            return StepRun(Outcome.FAILED, message=str(before))
        if step.before is not None and not holds(step.before, before):
            return StepRun(Outcome.CHANGED, message=_changed(step.before, before), before=before)
        await self._write(plan, RecordKind.INTENT, {"step": number, "before": before})
        outcome, message = await self._applied(control, step)
        return await self._judged(control, step, StepRun(outcome, message=message, before=before))

    async def _applied(self, control: Control, step: Step) -> tuple[Outcome, str]:
        try:
            async with asyncio.timeout(step.timeout_s):
                await control.apply(step)
        except ChangedError as error:
            return Outcome.CHANGED, str(error)
        except (StillRunningError, TimeoutError) as error:
            said = str(error) or f"not finished after {step.timeout_s:.0f} s; it goes on by itself"
            return Outcome.STILL_RUNNING, said
        except (ControlError, SourceError, OSError) as error:
            return Outcome.FAILED, _words(error)
        except Exception as error:  # noqa: BLE001 - a step in flight must have an outcome, whatever happened
            return Outcome.FAILED, f"{type(error).__name__}: {visible(str(error))}"
        return Outcome.DONE, ""

    async def _judged(self, control: Control, step: Step, run: StepRun) -> StepRun:
        """What the thing itself says counts, not what the call answered."""
        until = self._clock.monotonic() + (PATIENCE_S if run.outcome is Outcome.DONE else 0.0)
        while True:
            after = await read_state(control, step)
            come_true = (
                not isinstance(after, ControlError) and step.after is not None and holds(step.after, after)
            )
            if come_true or self._clock.monotonic() >= until:
                break
            await self._clock.sleep(_LOOK_S)
        if isinstance(after, ControlError):
            return _unread(run, after)
        run = run._replace(after=after)
        if come_true:
            return run._replace(outcome=Outcome.DONE)
        if run.outcome is Outcome.DONE and step.after is not None:
            return run._replace(outcome=Outcome.FAILED, message=f"accepted, but it is {brief(after)}")
        return run

    async def _write(self, plan: Plan, kind: RecordKind, body: Mapping[str, Json]) -> None:
        record = Record(kind, plan.id, self._clock.now(), self._who, body)
        await asyncio.to_thread(self._journal.append, [record])


async def read_state(control: Control, step: Step) -> Json | ControlError:
    """The state of a step's subject, or why it cannot be read, within READ_S."""
    try:
        async with asyncio.timeout(READ_S):
            return await control.read(step)
    except TimeoutError:
        return ControlError(f"{step.subject} cannot be read: no answer within {READ_S:.0f} s")
    except (ControlError, SourceError, OSError) as error:
        return ControlError(f"{step.subject} cannot be read: {_words(error)}")
    except Exception as error:  # noqa: BLE001 - odd answers must not leave a plan without its end
        return ControlError(f"{step.subject} cannot be read: {type(error).__name__}: {visible(str(error))}")


def _unread(run: StepRun, error: ControlError) -> StepRun:
    if run.outcome is Outcome.DONE:
        return run._replace(outcome=Outcome.FAILED, message=f"accepted, but {error}")
    return run


def _result(outcome: Outcome) -> Result:
    return Result.CHANGED if outcome is Outcome.CHANGED else Result.FAILED


def _with(run: Run, number: int, step: StepRun) -> Run:
    return replace(run, steps=(*run.steps[:number], step, *run.steps[number + 1 :]))


def _changed(expected: Json, actual: Json) -> str:
    return f"changed under you: was {brief(expected)}, is {brief(actual)}"


def _words(error: Exception) -> str:
    hint = error.failure.hint if isinstance(error, SourceError) else getattr(error, "hint", "")
    said = visible(str(error) or type(error).__name__, 400)
    return f"{said} ({visible(hint, 200)})" if hint else said


def _beginning(plan: Plan, targets: Mapping[str, str]) -> dict[str, Json]:
    return {"plan": plan_json(plan), "runner": this_runner()._asdict(), "targets": dict(targets)}


def _ending(run: Run) -> dict[str, Json]:
    return {
        "result": run.result.value,
        "message": run.message,
        "verdicts": [verdict._asdict() for verdict in run.verdicts],
        "measured": run.measured._asdict() if run.measured else None,
    }
