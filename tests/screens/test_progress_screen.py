"""A plan while it runs, its result, its effect, and what goes on when nobody looks."""

import pytest

from console.domain.fleet import Confirm
from console.domain.journal import JournalError
from console.domain.run import Outcome
from tests.parts.knobs import Bench, broken
from tests.screens.acts import READY, confirmed, held, picture, two_knobs
from tests.screens.stage import SIZES, Stage, staged


def let_go(stage: Stage, subject: str = "b") -> None:
    stage.bench.knobs.slow[subject].set()


async def running(stage: Stage) -> None:
    """A reduction that has turned one knob and waits for the other."""
    await stage.press("t")
    await confirmed(stage)
    await stage.until("turn b: running")


@pytest.mark.parametrize("size", SIZES)
async def test_each_step_shows_how_it_stands_while_the_plan_runs(size: tuple[int, int]) -> None:
    async with staged(picture(), size, before=held) as stage:
        await running(stage)
        await stage.until("RUNNING")
        await stage.until("turn a: done in")
        let_go(stage)
        await stage.until("turn b: done in")
        await stage.until("✓ VERIFIED")
        await stage.until("RESULT")


async def test_left_alone_it_goes_on_and_one_line_says_so_until_it_is_shown_again() -> None:
    async with staged(picture(), (80, 24), before=held) as stage:
        await running(stage)
        await stage.press("escape")
        assert "RUNNING" not in stage.text
        assert "▶ 2/2  reduce ranker to 50 %" in stage.lines[-2]
        await stage.press("j", "3")
        assert "▶ 2/2" in stage.lines[-2]
        await stage.press("x")
        await stage.until("turn b: running")
        let_go(stage)
        await stage.until("VERIFIED")


async def test_the_end_of_a_plan_that_nobody_watches_is_told() -> None:
    async with staged(picture(), before=held) as stage:
        await running(stage)
        await stage.press("escape")
        let_go(stage)
        await stage.until("was read back")
        await stage.until("✓ VERIFIED  reduce ranker")
        await stage.press("x")
        await stage.until("RESULT")
        await stage.press("escape")
        stage.app.page.tick()
        await stage.pilot.pause()
        assert "shows it" not in stage.lines[-2]


async def test_while_one_plan_runs_every_acting_key_shows_that_one() -> None:
    async with staged(picture(), before=held) as stage:
        await running(stage)
        for key in ("r", "t", "f", "u"):
            await stage.press("escape", key)
            await stage.until("turn b: running")
            await stage.until("one plan at a time")
        assert len(await stage.bench.door.entries()) == 1


async def test_the_effect_is_measured_and_told() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await confirmed(stage)
        await stage.until("requests/s")
        await stage.until("p99")
        assert "Effect: reduce ranker" not in stage.text


async def test_the_effect_is_told_where_nobody_looks_at_the_result() -> None:
    async with staged(picture(), before=held) as stage:
        await running(stage)
        await stage.press("escape")
        let_go(stage)
        await stage.until("Effect: reduce ranker")


async def test_a_step_that_fails_says_why_and_what_was_done_can_be_undone() -> None:
    def failing(bench: Bench) -> None:
        two_knobs(bench)
        bench.knobs.held["b"] = broken("it is stuck")

    async with staged(picture(), before=failing) as stage:
        await stage.press("t")
        await confirmed(stage)
        await stage.until("✗ FAILED")
        await stage.until("it is stuck")
        await stage.press("u")
        await stage.until("undo")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert stage.bench.knobs.values == {"a": 1, "b": 1}


async def test_a_world_that_changed_between_plan_and_run_is_left_alone() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        stage.bench.knobs.values["a"] = 7
        await stage.press("tab", "enter")
        await stage.until("CHANGED UNDER YOU")
        await stage.until("is 7")
        assert "Undo" not in stage.text
        assert stage.bench.knobs.turned == []


async def test_without_a_journal_nothing_runs_and_the_reason_is_on_screen() -> None:
    def full(bench: Bench) -> None:
        two_knobs(bench)
        bench.journal.full = 0

    async with staged(picture(), before=full) as stage:
        await stage.press("t")
        await confirmed(stage)
        await stage.until("NOT RUN")
        await stage.until("no space left on device")
        await stage.until("nothing is changed without it")
        assert stage.bench.knobs.turned == []
        await stage.press("enter")
        await stage.until("RATE/s")


async def test_a_plan_that_was_run_already_is_refused_in_words() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        plan = None
        door = stage.bench.door
        make = door.plan

        async def same(action: object) -> object:
            nonlocal plan
            plan = plan or await make(action)  # type: ignore[arg-type]
            return plan

        door.plan = same  # type: ignore[method-assign,assignment]
        await stage.press("t")
        await confirmed(stage)
        await stage.until("VERIFIED")
        await stage.press("escape", "t")
        await confirmed(stage)
        await stage.until("run already")
        await stage.until("NOT RUN")


async def test_leaving_the_console_while_a_plan_runs_asks_once() -> None:
    async with staged(picture(), before=held) as stage:
        await running(stage)
        await stage.press("escape", "q")
        await stage.until("QUIT WHILE A PLAN RUNS?")
        await stage.until("▸ Stay ◂")
        await stage.press("enter")
        assert stage.app.is_running
        await stage.until("RATE/s")
        await stage.press("q", "tab", "enter")
        assert not stage.app.is_running
    steps = (await stage.bench.door.entries())[0].steps
    assert [step.outcome for step in steps] == [Outcome.DONE, Outcome.UNKNOWN]


async def test_the_quit_key_of_the_terminal_asks_too_and_the_second_time_leaves() -> None:
    async with staged(picture(), before=held) as stage:
        await running(stage)
        await stage.press("ctrl+q")
        await stage.until("QUIT WHILE A PLAN RUNS?")
        await stage.press("ctrl+q")
        assert not stage.app.is_running


async def test_u_undoes_the_newest_plan_that_stands() -> None:
    async with staged(picture(Confirm.ENTER), before=two_knobs) as stage:
        await stage.press("t")
        await confirmed(stage)
        await stage.until("VERIFIED")
        await stage.press("escape", "u")
        await stage.until("undo: reduce ranker")
        await confirmed(stage)
        await stage.until("✓ VERIFIED")
        assert stage.bench.knobs.values == {"a": 1, "b": 1}
        await stage.press("escape", "u")
        await stage.until("nothing stands that could be undone")


async def test_nothing_is_drawn_anew_when_nothing_has_changed() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await confirmed(stage)
        await stage.until("requests/s")
        await stage.pilot.pause(0.6)
        screen = stage.app.screen
        drawn: list[object] = []
        screen.text.refresh = lambda *a, **_: drawn.append(a)  # type: ignore[attr-defined]
        await stage.pilot.pause(0.6)
        assert drawn == []


async def test_an_effect_that_cannot_be_written_down_is_told() -> None:
    async with staged(picture(), before=two_knobs) as stage:

        async def effect(_: object) -> object:
            raise JournalError("no space left on device")

        stage.bench.door.effect = effect  # type: ignore[method-assign,assignment]
        await stage.press("t")
        await confirmed(stage)
        await stage.until("the effect could not be written down")
        await stage.until("VERIFIED")
