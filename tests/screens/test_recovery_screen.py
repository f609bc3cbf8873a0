"""What a console that died has left, and the ways out."""

import pytest

from console.domain.action import ActionKind
from console.domain.journal import JournalError
from tests.parts.knobs import Bench
from tests.screens.acts import confirmed, died, picture, two_knobs
from tests.screens.stage import SIZES, Stage, staged


async def half_done(bench: Bench) -> None:
    """Knob a was turned, b was not, and the console is gone."""
    two_knobs(bench)
    await died(bench)
    bench.knobs.turned.clear()


async def choose(stage: Stage, button: str) -> None:
    for _ in range(4):
        if f"▸ {button} ◂" in stage.text:
            break
        await stage.press("right")
    await stage.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_the_next_start_says_what_was_done_and_what_not(size: tuple[int, int]) -> None:
    async with staged(picture(), size, before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        for part in ("reduce ranker", "turn a", "turn b: not begun", "▸ Later ◂", "Undo what was done"):
            assert part in stage.text
        await stage.press("enter")
        assert "UNFINISHED PLAN" not in stage.text
        assert stage.bench.knobs.turned == []


async def test_undo_shows_its_plan_and_brings_the_world_back() -> None:
    async with staged(picture(), before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        await choose(stage, "Undo what was done")
        await stage.until("undo: reduce ranker")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert stage.bench.knobs.values == {"a": 1, "b": 1}
        assert not await stage.bench.door.unfinished()


async def test_continue_shows_its_plan_and_does_the_rest() -> None:
    async with staged(picture(), before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        await choose(stage, "Continue")
        await stage.until("go on: reduce ranker")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert stage.bench.knobs.turned == ["b=2"]
        assert not await stage.bench.door.unfinished()


async def test_marking_as_handled_needs_a_reason_and_writes_it_down() -> None:
    async with staged(picture(), before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        await choose(stage, "Handled")
        await stage.until("MARK AS HANDLED")
        await stage.press("tab", "enter")
        assert "(Mark as handled)" in stage.text
        await stage.press(*"by hand", "enter")
        await stage.until("is marked as handled")
        entry = (await stage.bench.door.entries())[0]
        assert entry.handled == "ana@bastion: by hand"


async def test_a_plan_that_touches_what_is_unfinished_says_so() -> None:
    async with staged(picture(), before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        stage.bench.knobs.values["a"] = 1
        await stage.press("escape", "t")
        await stage.until("touches the same: reduce ranker")


async def test_later_can_be_made_now_from_the_palette() -> None:
    async with staged(picture(), before=half_done) as stage:
        await stage.until("UNFINISHED PLAN")
        await stage.press("escape", "colon", *"What consoles that died")
        await stage.until("left unfinished")
        await stage.pilot.pause(0.2)
        await stage.press("down", "enter")
        await stage.until("UNFINISHED PLAN")


async def test_nothing_unfinished_is_said_when_it_was_asked_for() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        stage.app.acting.do_recover()
        await stage.until("nothing is unfinished")


async def test_a_journal_that_cannot_be_read_at_the_start_is_told_and_ends_nothing() -> None:
    def unreadable(bench: Bench) -> None:
        async def unfinished() -> tuple[()]:
            raise JournalError("permission denied")

        bench.door.unfinished = unfinished  # type: ignore[method-assign]

    async with staged(picture(), before=unreadable) as stage:
        await stage.until("permission denied")
        assert stage.app.is_running


async def test_of_several_unfinished_plans_the_next_is_asked_after_the_first() -> None:
    async def two(bench: Bench) -> None:
        await half_done(bench)
        first = list(bench.journal.records)
        bench.journal.records.clear()
        bench.knobs.values.update(a=1, b=1)
        bench.knobs.wanted = {**bench.knobs.wanted, ActionKind.UNLOAD: {"a": 2, "b": 2}}
        await died(bench)
        bench.journal.records[:] = [*first, *bench.journal.records]

    async with staged(picture(), before=two) as stage:
        await stage.until("and 1 more")
        await choose(stage, "Handled")
        await stage.until("MARK AS HANDLED")
        await stage.press("tab", "x", "enter")
        await stage.until("UNFINISHED PLAN")
        assert "more" not in stage.line("UNFINISHED PLAN")
