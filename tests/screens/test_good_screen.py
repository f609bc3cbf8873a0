"""Marking what serves now as known-good."""

import asyncio
from collections.abc import Callable

from console.domain.journal import JournalError
from console.domain.release import Release
from tests.parts.knobs import Bench
from tests.screens.acts import picture, release
from tests.screens.stage import staged


async def test_g_keeps_the_selected_model_with_a_note() -> None:
    async with staged(picture()) as stage:
        await stage.press("g")
        assert "▸ Cancel ◂" in stage.text
        assert "◂ ranker ▸" in stage.text
        await stage.press("tab", "tab", *"quiet week", "enter", "enter")
        await stage.until("release")
        kept = stage.bench.releases.kept[0]
        assert [model.model for model in kept.models] == ["ranker"]
        assert kept.note == "quiet week"


async def test_all_models_can_be_kept_at_once() -> None:
    async with staged(picture()) as stage:
        await stage.press("g", "right")
        assert "all 2 models" in stage.text
        await stage.press("tab", "enter")
        await stage.until("of 2 models")


async def test_cancel_keeps_nothing() -> None:
    async with staged(picture()) as stage:
        await stage.press("g", "enter")
        assert "KNOWN-GOOD" not in stage.text
        assert not stage.bench.releases.kept


class Slow:
    """A marking that has read 40 % and goes on when it is let go."""

    def __init__(self, bench: Bench) -> None:
        self.go = asyncio.Event()
        bench.door.mark_good = self.mark  # type: ignore[method-assign,assignment]

    async def mark(self, models: object, note: str, report: Callable[[float, str], None]) -> Release:
        report(0.4, "ranker 7 model.plan")
        await self.go.wait()
        return release()


async def test_progress_is_a_bar_and_leaving_it_does_not_stop_it() -> None:
    async with staged(picture()) as stage:
        slow = Slow(stage.bench)
        await stage.press("g", "tab", "enter")
        await stage.until("40 %")
        assert "████████████░" in stage.text
        assert "ranker 7 model.plan" in stage.text
        await stage.press("enter")
        stage.app.page.tick()
        await stage.pilot.pause()
        assert "marking as known-good  40 %" in stage.lines[-2]
        await stage.press("g")
        await stage.until("being marked already")
        slow.go.set()
        await stage.until("release good-1 of 1 model")


async def test_a_release_that_cannot_be_kept_is_told() -> None:
    async with staged(picture()) as stage:

        async def fails(*_: object) -> Release:
            raise JournalError("no space left on device")

        stage.bench.door.mark_good = fails  # type: ignore[method-assign,assignment]
        await stage.press("g", "tab", "enter")
        await stage.until("nothing was marked as known-good")
        assert "no space left on device" in stage.text
