"""The door: plans, runs, the journal, undo, recovery, drift."""

from dataclasses import replace

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.journal import JournalError, RecordKind
from console.domain.plan import ChangedError, ControlError, Proposal, StillRunningError
from console.domain.run import Outcome, Result, Run
from tests.parts.knobs import Bench, Knobs, bench, knob_step
from tests.snapshots import snapshot

BOTH = {ActionKind.ROLLBACK: {"a": 2, "b": 2}, ActionKind.REDUCE: {"a": 5}}
BACK = Action(ActionKind.ROLLBACK, model="ranker", version="2", reason="p99 is up")


@pytest.fixture
def stand() -> Bench:
    return bench(snapshot(), Knobs(wanted=BOTH))


async def _ran(stand: Bench, action: Action = BACK) -> Run:
    return await stand.door.run(await stand.door.plan(action))


async def test_a_plan_changes_nothing_and_a_run_does_what_the_plan_says(stand: Bench) -> None:
    plan = await stand.door.plan(BACK)

    assert stand.knobs.values == {"a": 1, "b": 1}
    assert [step.title for step in plan.steps] == ["turn a", "turn b"]

    run = await stand.door.run(plan)

    assert run.result is Result.VERIFIED
    assert stand.knobs.values == {"a": 2, "b": 2}


async def test_the_intent_is_written_before_each_step_and_the_outcome_after_it(stand: Bench) -> None:
    await _ran(stand)

    kinds = [record.kind for record in stand.journal.records]
    assert kinds == [
        RecordKind.BEGIN,
        RecordKind.INTENT,
        RecordKind.OUTCOME,
        RecordKind.INTENT,
        RecordKind.OUTCOME,
        RecordKind.END,
    ]


@pytest.mark.parametrize("writes", [0, 1])
async def test_what_cannot_be_written_down_is_not_done(stand: Bench, writes: int) -> None:
    plan = await stand.door.plan(BACK)
    stand.journal.full = writes

    if writes == 0:
        with pytest.raises(JournalError):
            await stand.door.run(plan)
    else:
        run = await stand.door.run(plan)
        assert run.result is Result.FAILED
        assert "no space left" in run.message

    assert stand.knobs.values == {"a": 1, "b": 1}


async def test_a_step_whose_ground_has_moved_stops_the_plan(stand: Bench) -> None:
    plan = await stand.door.plan(BACK)
    stand.knobs.values["b"] = 7

    run = await stand.door.run(plan)

    assert run.result is Result.CHANGED
    assert [step.outcome for step in run.steps] == [Outcome.DONE, Outcome.CHANGED]
    assert "was 1, is 7" in run.message
    assert stand.knobs.values["b"] == 7


async def test_of_two_consoles_at_once_the_second_sees_that_it_changed(stand: Bench) -> None:
    other = stand.another()
    first, second = await stand.door.plan(BACK), await other.plan(BACK)

    done = await stand.door.run(first)
    refused = await other.run(second)

    assert done.result is Result.VERIFIED
    assert refused.result is Result.CHANGED


async def test_undo_takes_the_steps_back_in_reverse_order(stand: Bench) -> None:
    run = await _ran(stand)
    stand.knobs.turned.clear()

    undo = await _ran(stand, Action(ActionKind.UNDO, plan=run.id))

    assert undo.result is Result.VERIFIED
    assert stand.knobs.turned == ["b=1", "a=1"]
    assert stand.knobs.values == {"a": 1, "b": 1}


async def test_what_was_undone_is_not_undone_again(stand: Bench) -> None:
    run = await _ran(stand)
    undo = await _ran(stand, Action(ActionKind.UNDO, plan=run.id))

    again = await stand.door.plan(Action(ActionKind.UNDO, plan=run.id))

    assert undo.id in again.refusal
    assert (await _ran(stand, Action(ActionKind.UNDO, plan=undo.id))).result is Result.VERIFIED
    assert stand.knobs.values == {"a": 2, "b": 2}


async def test_a_step_that_failed_is_not_undone(stand: Bench) -> None:
    stand.knobs.held["b"] = ControlError("no such knob", "look at the list")
    run = await _ran(stand)

    assert run.result is Result.FAILED
    assert "no such knob" in run.message
    assert "look at the list" in run.message

    plan = await stand.door.plan(Action(ActionKind.UNDO, plan=run.id))
    assert [step.subject for step in plan.steps] == ["a"]


async def test_what_the_thing_itself_refuses_is_changed_under_you(stand: Bench) -> None:
    stand.knobs.held["a"] = ChangedError("somebody else was faster")

    run = await _ran(stand)

    assert run.result is Result.CHANGED
    assert run.steps[1].outcome is Outcome.WAITING


async def test_a_call_that_failed_but_took_hold_counts_as_done(stand: Bench) -> None:
    class Dropped(Knobs):
        async def apply(self, step) -> None:
            await super().apply(step)
            raise ControlError("connection lost")

    stand = bench(snapshot(), Dropped(wanted=BOTH))

    run = await _ran(stand)

    assert run.result is Result.VERIFIED
    assert stand.knobs.turned == ["a=2", "b=2"]


async def test_a_call_that_was_accepted_without_effect_is_a_failure() -> None:
    class Deaf(Knobs):
        async def apply(self, step) -> None:
            pass

    run = await _ran(bench(snapshot(), Deaf(wanted=BOTH)))

    assert run.result is Result.FAILED
    assert "accepted, but it is 1" in run.message


@pytest.mark.parametrize("error", [StillRunningError("loading for 60 s"), TimeoutError()])
async def test_a_step_that_goes_on_by_itself_is_said_and_never_tried_again(stand: Bench, error) -> None:
    stand.knobs.held["a"] = error

    run = await _ran(stand)

    assert run.steps[0].outcome is Outcome.STILL_RUNNING
    assert run.result is Result.FAILED
    assert stand.knobs.turned == []


async def test_a_plan_runs_once(stand: Bench) -> None:
    plan = await stand.door.plan(BACK)
    await stand.door.run(plan)

    again = await stand.door.run(plan)

    assert again.result is Result.REFUSED
    assert stand.knobs.turned == ["a=2", "b=2"]


async def test_restore_undoes_every_standing_reduction_of_the_model(stand: Bench) -> None:
    await _ran(stand, Action(ActionKind.REDUCE, model="ranker", percent=50))
    stand.knobs.wanted = {ActionKind.REDUCE: {"a": 9}}
    await _ran(stand, Action(ActionKind.REDUCE, model="ranker", percent=25))

    run = await _ran(stand, Action(ActionKind.RESTORE, model="ranker"))

    assert run.result is Result.VERIFIED
    assert stand.knobs.values["a"] == 1
    again = await stand.door.plan(Action(ActionKind.RESTORE, model="ranker"))
    assert "no reduction" in again.refusal


async def test_the_effect_is_measured_from_before_the_run_and_written_down(stand: Bench) -> None:
    run = await stand.door.effect(await _ran(stand))

    (effect,) = run.effects
    assert effect.model == "ranker"
    assert effect.seconds == 60
    (entry,) = await stand.door.entries()
    assert entry.effects == run.effects


async def test_progress_is_reported_step_by_step(stand: Bench) -> None:
    told: list[Run] = []
    await stand.door.run(await stand.door.plan(BACK), told.append)

    seen = [tuple(step.outcome for step in run.steps) for run in told]
    assert (Outcome.RUNNING, Outcome.WAITING) in seen
    assert (Outcome.DONE, Outcome.RUNNING) in seen
    assert told[-1].result is Result.VERIFIED


async def test_a_read_only_console_plans_nothing_and_runs_nothing(stand: Bench) -> None:
    plan = await stand.door.plan(BACK)
    shut = bench(snapshot(), Knobs(wanted=BOTH), Fleet(read_only=True)).door

    assert "read-only" in (await shut.plan(BACK)).refusal
    assert (await shut.run(plan)).result is Result.REFUSED


async def test_who_and_why_are_in_the_journal(stand: Bench) -> None:
    await _ran(stand)

    (entry,) = await stand.door.entries()
    assert (entry.who, entry.reason) == ("ana@bastion", "p99 is up")


async def test_what_somebody_undid_is_a_drift_until_it_is_undone_by_us(stand: Bench) -> None:
    run = await _ran(stand)
    assert await stand.door.drifts() == ()

    stand.knobs.values["a"] = 100
    (drift,) = await stand.door.drifts()
    assert (drift.plan, drift.subject, drift.was, drift.now) == (run.id, "a", 2, 100)

    stand.knobs.values["a"] = 2
    await _ran(stand, Action(ActionKind.UNDO, plan=run.id))
    assert await stand.door.drifts() == ()


async def test_marking_good_keeps_what_serves(stand: Bench) -> None:
    told: list[tuple[float, str]] = []

    release = await stand.door.mark_good(("ranker",), "calm", lambda share, what: told.append((share, what)))

    assert [model.model for model in release.models] == ["ranker"]
    assert release.routes == {"a": 1, "b": 1}
    assert told[-1][0] == 1.0
    assert await stand.door.releases() == (release,)


async def test_a_plan_that_nobody_can_make_says_what_to_set(stand: Bench) -> None:
    plan = await stand.door.plan(Action(ActionKind.FREEZE))

    assert "set [fleets.NAME.freeze]" in plan.refusal
    assert (await stand.door.run(plan)).result is Result.REFUSED


async def test_a_control_that_cannot_look_is_said_and_the_others_go_on(stand: Bench) -> None:
    class Blind(Knobs):
        async def survey(self, action, situation):
            raise ControlError("403", "ask for patch")

    stand.door._parts = stand.door._parts._replace(controls=(stand.knobs, Blind(name="blind")))

    plan = await stand.door.plan(BACK)

    assert len(plan.steps) == 2
    assert plan.unknown == ("blind: 403 (ask for patch)",)


async def test_a_step_without_a_way_back_is_named_in_the_undo(stand: Bench) -> None:
    steps = (knob_step("a", 1, 2), replace(knob_step("b", 1, 2), inverse=None, final="it is a command"))
    stand.knobs.proposal = Proposal(steps=steps)
    run = await _ran(stand)

    plan = await stand.door.plan(Action(ActionKind.UNDO, plan=run.id))

    assert [step.subject for step in plan.steps] == ["a"]
    assert "it is a command" in plan.warnings[0]


async def test_an_odd_answer_ends_the_plan_and_not_the_console() -> None:
    class Odd(Knobs):
        async def read(self, step):
            raise KeyError("weight")

    run = await _ran(bench(snapshot(), Odd(wanted=BOTH)))

    assert run.result is Result.FAILED
    assert "a cannot be read: KeyError: 'weight'" in run.message
