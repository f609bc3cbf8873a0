"""After a console died: what was in flight is read back, and every way on is open."""

import asyncio
import socket

import pytest

from console.domain.action import Action, ActionKind
from console.domain.journal import Damage, Runner
from console.domain.run import Outcome, Result, Run
from tests.parts.knobs import Bench, Knobs, bench
from tests.snapshots import snapshot, target_row

BACK = Action(ActionKind.ROLLBACK, model="ranker", version="2")


@pytest.fixture
def stand() -> Bench:
    return bench(snapshot(), Knobs(wanted={ActionKind.ROLLBACK: {"a": 2, "b": 2}}))


async def _ran(stand: Bench) -> Run:
    return await stand.door.run(await stand.door.plan(BACK))


async def _died(stand: Bench, at: int) -> None:
    """Keep what was on disk after ``at`` records, as of a process that is gone."""
    await _ran(stand)
    begin = stand.journal.records[0]
    gone = {**begin.body, "runner": Runner(socket.gethostname(), 2**22 + 1, 1.0)._asdict()}
    stand.journal.records[:] = [begin._replace(body=gone), *stand.journal.records[1:at]]


async def test_nothing_is_unknown_after_the_start(stand: Bench) -> None:
    await _died(stand, 4)

    (entry,) = await stand.another().unfinished()

    assert [run.outcome for run in entry.steps] == [Outcome.DONE, Outcome.DONE]


async def test_what_was_not_done_is_found_not_done(stand: Bench) -> None:
    await _died(stand, 4)
    stand.knobs.values["b"] = 1

    (entry,) = await stand.another().unfinished()

    assert [run.outcome for run in entry.steps] == [Outcome.DONE, Outcome.SKIPPED]


async def test_what_is_neither_is_said(stand: Bench) -> None:
    await _died(stand, 4)
    stand.knobs.values["b"] = 77

    (entry,) = await stand.another().unfinished()

    assert entry.steps[1].outcome is Outcome.CHANGED
    assert "77" in entry.steps[1].message


async def test_undo_brings_the_world_back(stand: Bench) -> None:
    await _died(stand, 4)
    door = stand.another()
    (entry,) = await door.unfinished()

    run = await door.run(await door.plan(Action(ActionKind.UNDO, plan=entry.id)))

    assert run.result is Result.VERIFIED
    assert stand.knobs.values == {"a": 1, "b": 1}
    assert await door.unfinished() == ()


async def test_continue_does_the_rest(stand: Bench) -> None:
    await _died(stand, 3)
    stand.knobs.values["b"] = 1
    door = stand.another()
    (entry,) = await door.unfinished()

    run = await door.run(await door.plan(Action(ActionKind.CONTINUE, plan=entry.id)))

    assert run.result is Result.VERIFIED
    assert stand.knobs.values == {"a": 2, "b": 2}
    assert await door.unfinished() == ()


async def test_handled_is_an_answer_too(stand: Bench) -> None:
    await _died(stand, 3)
    door = stand.another()
    (entry,) = await door.unfinished()

    await door.handled(entry.id, "did it by hand")

    assert await door.unfinished() == ()
    assert "did it by hand" in (await door.entries())[0].handled


async def test_a_plan_that_a_living_console_runs_is_none_of_ours(stand: Bench) -> None:
    gate = asyncio.Event()
    stand.knobs.slow["a"] = gate
    running = asyncio.create_task(_ran(stand))
    await asyncio.sleep(0.05)

    assert await stand.another().unfinished() == ()
    assert await stand.door.unfinished() == ()

    gate.set()
    await running


async def test_what_a_dead_console_left_half_done_is_settled_before_the_same_is_changed_again(
    stand: Bench,
) -> None:
    await _died(stand, 3)
    door = stand.another()
    (entry,) = await door.unfinished()
    stand.knobs.wanted = {ActionKind.ROLLBACK: {"a": 5}, ActionKind.FREEZE: {"c": 5}}
    stand.knobs.values["c"] = 0

    plan = await door.plan(BACK)
    assert entry.id in plan.refusal
    assert (await door.plan(Action(ActionKind.FREEZE))).refusal == ""

    await door.handled(entry.id, "")
    assert (await door.plan(BACK)).refusal == ""


async def test_a_damaged_journal_is_a_warning_in_every_plan(stand: Bench) -> None:
    stand.journal.damages.append(Damage(7, "line 7 is not what was written"))

    plan = await stand.door.plan(BACK)

    assert plan.refusal == ""
    assert "line 7 is not what was written" in plan.warnings[-1]


async def test_what_somebody_put_back_by_hand_is_left_alone_by_the_undo(stand: Bench) -> None:
    run = await _ran(stand)
    stand.knobs.values["a"] = 1
    stand.knobs.turned.clear()

    plan = await stand.door.plan(Action(ActionKind.UNDO, plan=run.id))
    undo = await stand.door.run(plan)

    assert "a is as it shall be already" in plan.warnings[0]
    assert undo.result is Result.VERIFIED
    assert stand.knobs.turned == ["b=1"]
    assert not (await stand.door.entries())[0].standing


async def test_an_undo_with_nothing_left_to_do_still_settles_the_plan(stand: Bench) -> None:
    run = await _ran(stand)
    stand.knobs.values.update(a=1, b=1)

    undo = await stand.door.run(await stand.door.plan(Action(ActionKind.UNDO, plan=run.id)))

    assert undo.result is Result.VERIFIED
    assert not (await stand.door.entries())[0].standing


async def test_an_undo_closes_a_plan_that_died_before_it_changed_anything(stand: Bench) -> None:
    await _died(stand, 1)
    stand.knobs.values.update(a=1, b=1)
    door = stand.another()
    (entry,) = await door.unfinished()

    undo = await door.run(await door.plan(Action(ActionKind.UNDO, plan=entry.id)))

    assert undo.result is Result.VERIFIED
    assert await door.unfinished() == ()
    assert stand.knobs.values == {"a": 1, "b": 1}


async def test_what_was_done_to_other_servers_is_none_of_this_fleets_business(stand: Bench) -> None:
    await _died(stand, 4)
    elsewhere = bench(snapshot(targets=(target_row("another"),)), stand.knobs)
    elsewhere.journal.records[:] = stand.journal.records

    assert await elsewhere.door.unfinished() == ()
    assert await elsewhere.door.standing() == ()
    assert len(await elsewhere.door.entries()) == 1
