"""Kill -9 at every boundary of every kind of plan: after the start nothing is unknown, and undo brings the world back."""

from pathlib import Path

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.run import Outcome, Result
from console.engine.door import Door
from tests.parts.crash import Scene, Way, console, continued, handled, perish, undone, walk
from tests.parts.crash_child import Job
from tests.parts.file_knobs import FileKnobs, file_knobs, knobs_folder

WAYS = [undone, continued, handled]
ROLLBACK = Action(ActionKind.ROLLBACK, model="ranker", version="2")
# The boundary after the first step's outcome: two for the beginning, two for each read, intent, change, outcome.
_AFTER_FIRST = 14
DONE, WAITING, SKIPPED = Outcome.DONE, Outcome.WAITING, Outcome.SKIPPED


def knobs(folder: Path, **more: object) -> Scene:
    fleet = Fleet("prod", state=str(folder))
    outside = FileKnobs(knobs_folder(fleet))
    return Scene(fleet, ROLLBACK, outside.values, outside.reset, file_knobs, haste=1000, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
async def test_a_plan_of_three_steps(folder: Path, way: Way) -> None:
    walked = await walk(knobs(folder), folder, way)

    for where in ("before append begin", "after append intent", "within change b", "after append end"):
        assert where in walked.places
    assert walked.left == {
        (),
        *(
            (DONE,) * n + (each,) + (WAITING,) * (2 - n)
            for n in range(3)
            for each in (WAITING, SKIPPED, DONE)
        ),
    }


async def test_every_system_call_of_a_plan(folder: Path) -> None:
    walked = await walk(knobs(folder, fine=True), folder, undone)

    kinds = {place.split("/")[0].strip() for place in walked.places}
    assert {"half of write", "sync", "open", "os.rename"} <= kinds
    assert len(walked.places) > 150


async def _rolled_back(door: Door) -> str:
    run = await door.run(await door.plan(ROLLBACK))
    assert run.result is Result.VERIFIED
    return run.id


async def _undo_it(door: Door) -> Action:
    return Action(ActionKind.UNDO, plan=await _rolled_back(door))


async def _restore_it(door: Door) -> Action:
    run = await door.run(await door.plan(Action(ActionKind.REDUCE, model="ranker", percent=50)))
    assert run.result is Result.VERIFIED
    return Action(ActionKind.RESTORE, model="ranker")


@pytest.mark.parametrize(
    ("story", "way"), [*((_undo_it, way) for way in WAYS), (_restore_it, undone), (_restore_it, continued)]
)
async def test_the_way_back_is_a_plan_like_any_other(folder: Path, way: Way, story: object) -> None:
    walked = await walk(knobs(folder, story=story), folder, way)

    assert (DONE, SKIPPED, WAITING) in walked.left


async def test_a_plan_that_was_continued_and_died_again(folder: Path) -> None:
    scene = knobs(folder)

    async def _half_done(door: Door) -> Action:
        plan = await door.plan(ROLLBACK)
        # The same journal, as of a console that died after its first step.
        journal = door._parts.journal._path  # type: ignore[attr-defined]
        perish(Job(scene.fleet, plan, journal, folder, _AFTER_FIRST, more=file_knobs))
        (entry,) = await door.unfinished()
        assert [run.outcome for run in entry.steps] == [DONE, WAITING, WAITING]
        return Action(ActionKind.CONTINUE, plan=entry.id)

    scene.story = _half_done
    walked = await walk(scene, folder, undone)

    assert {(DONE, SKIPPED), (SKIPPED, WAITING)} <= walked.left


APPENDS = ("begin", *(f"{what} {n}" for n in range(3) for what in ("intent", "outcome")), "end")


@pytest.mark.parametrize("full", range(1, 9), ids=APPENDS)
async def test_a_disk_that_is_full_at_any_record_of_a_plan(folder: Path, full: int) -> None:
    scene = knobs(folder)
    scene.reset()
    journal = folder / "journal.jsonl"
    async with console(scene, journal) as door:
        plan = await door.plan(ROLLBACK)
    before = scene.world()

    answer = perish(Job(scene.fleet, plan, journal, folder, full=full, more=file_knobs))

    changed = (full - 1) // 2
    assert "the file may not grow" in answer
    assert answer.startswith("error: " if full == 1 else "failed: the journal cannot be written any more")
    if changed == 0:
        assert scene.world() == before, "nothing may be changed without a record"
    async with console(scene, journal) as door:
        await door.unfinished()
        found = [[run.outcome for run in entry.steps] for entry in await door.entries()]
        assert found == ([] if full == 1 else [[DONE] * changed + [WAITING] * (3 - changed)])
        assert await door.damages() == ()
        if changed:
            await door.run(await door.plan(Action(ActionKind.UNDO, plan=plan.id)))
    assert scene.world() == before
