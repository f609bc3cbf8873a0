"""Keys that come faster than what they close goes."""

import gc
import weakref

import pytest
from textual.events import Key
from textual.widget import Widget

from console.domain.plan import Plan
from screens.finder import Finder
from screens.messages import SnapshotArrived
from screens.plan import PlanScreen
from tests.screens.acts import READY, picture, two_knobs
from tests.screens.stage import Stage, staged


async def burst(stage: Stage, *keys: str) -> None:
    """Send keys as a terminal does that was held up: all of them at once."""
    driver = stage.app._driver
    assert driver is not None
    for key in keys:
        event = Key(key, None)
        event.set_sender(stage.app)
        driver.send_message(event)
    await stage.pilot.pause()


async def test_a_button_pressed_twice_in_a_row_answers_once() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        ran: list[Plan] = []
        inner = stage.engine.door.run

        async def run(plan: Plan, *report: object) -> object:
            ran.append(plan)
            return await inner(plan, *report)  # type: ignore[arg-type]

        stage.engine.door.run = run  # type: ignore[method-assign, assignment]
        await stage.press("f")
        await stage.until(READY)
        await stage.press("tab")
        assert isinstance(stage.app.screen, PlanScreen)
        await burst(stage, "enter", "enter", "enter")
        await stage.until("VERIFIED")

        assert len(ran) == 1


async def test_the_palette_stands_keys_where_it_has_no_room() -> None:
    async with staged(picture(), (30, 1)) as stage:
        await stage.press("colon")
        await burst(stage, "down", "pagedown", "pageup", "end", "home")
        assert isinstance(stage.app.screen, Finder)
        await burst(stage, "escape", "escape", "escape")

        assert stage.app.screen is stage.app.page


async def test_a_search_that_ends_after_the_palette_is_left_is_forgotten() -> None:
    async with staged(picture()) as stage:
        await stage.press("colon")
        finder = stage.app.screen
        assert isinstance(finder, Finder)
        await burst(stage, "r", "o", "escape")
        await stage.pilot.pause()
        # As its search does when it comes to its end.
        finder._list_visible = not finder._list_visible
        await stage.press("1")

        assert stage.app.screen is stage.app.page


@pytest.mark.parametrize("key", ["question_mark", "n"])
async def test_what_lay_over_a_page_is_forgotten(key: str) -> None:
    async with staged(picture()) as stage:
        gone: list[weakref.ref[object]] = []
        for _ in range(5):
            await stage.press(key)
            assert stage.app.screen is not stage.app.page
            nodes = stage.app.screen.walk_children(Widget, with_self=True)
            gone += map(weakref.ref, nodes)
            gone += (weakref.ref(node._styles_cache) for node in nodes)
            del nodes
            await stage.press("escape", "3", "1")
        gc.collect()

        left = [reference for reference in gone if reference() is not None]
        # What was begun last on such a screen may know it until something else begins.
        assert len(left) <= len(gone) / 5


async def test_a_picture_that_comes_when_no_screen_is_left_is_no_error() -> None:
    async with staged(picture()) as stage:
        screens = stage.app._screen_stacks[stage.app._current_mode]
        kept, screens[:] = screens[:], []
        try:
            stage.app.on_snapshot_arrived(SnapshotArrived(picture(), stage.app.watching))
        finally:
            screens[:] = kept
