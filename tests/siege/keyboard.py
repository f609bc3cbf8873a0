"""What a key of the console does, seen from outside: the facts that it may change, before and after."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, get_args

from textual.widgets import Input

from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Playback
from console.domain.snapshot import Snapshot
from screens.commands import Where
from screens.page import Page
from tests.parts.knobs import Bench
from tests.screens.acts import picture, ran, two_knobs
from tests.screens.stage import Stage
from tests.snapshots import NOW, alert, gpu_row

PATIENCE_S = 60.0


class Facts(NamedTuple):
    """What can be seen, or was done; ``over`` is the name of the screen that lies over the page, empty for none."""

    page: str
    over: str
    focus: str
    theme: str
    paused: bool
    stretch: object
    clipboard: str
    toasts: tuple[str, ...]
    asked: int
    markers: int
    silenced: int
    incident: bool
    records: int
    body: tuple[str, ...]

    def since(self, before: "Facts") -> frozenset[str]:
        """The names of the facts that are others now."""
        return frozenset(name for name in self._fields if getattr(self, name) != getattr(before, name))


def facts(stage: Stage) -> Facts:
    """What stands now."""
    app, engine = stage.app, stage.engine
    watching = app.watching
    return Facts(
        page=app.page.where,
        over="" if isinstance(app.screen, Page) else type(app.screen).__name__,
        focus=type(app.focused).__name__,
        theme=app.theme,
        paused=watching.paused,
        stretch=watching.stretch_s,
        clipboard=app.clipboard,
        toasts=tuple(f"{each.title} {each.message}".strip() for each in app._notifications),
        asked=len(engine.player.asked) if engine.player is not None else 0,
        markers=len(engine.markers),
        silenced=len(engine.silenced),
        incident=engine.incidents.current is not None,
        records=len(stage.bench.journal.records),
        # Without the header and the footer, which tell the time and of toasts.
        body=tuple(stage.lines[1:-1]),
    )


async def settled(stage: Stage) -> Facts:
    """The facts once what was asked for is done and painted."""
    before = facts(stage)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await stage.pilot.pause()
            after = facts(stage)
            if after == before:
                return after
            before = after


_NOTE = Marker(NOW - 30, MarkerKind.NOTE, "ranker", "ana: paged bob", "ranker", "7")
PLAYED = Playback("/var/lib/night.tcrec", NOW - 751, NOW - 751 + 3600)
MODES = ("normal", "read-only", "replay")
PLACES: tuple[Where, ...] = get_args(Where)


def scene(mode: str) -> Snapshot:
    """A fleet of which every screen has something to tell."""
    shown = picture(
        alerts=(alert("ranker/7", id="budget-burn", model="ranker"),),
        markers=(_NOTE,),
        gpus=(gpu_row("GPU-0", number="0", utilization=0.2), gpu_row("GPU-1", number="1", utilization=0.8)),
    )
    still = replace(shown.fleet, read_only=True)
    if mode == "replay":
        return replace(shown, playback=PLAYED, fleet=still)
    return shown if mode == "normal" else replace(shown, fleet=still)


async def story(bench: Bench) -> None:
    """Something was changed before, and everything can be changed again."""
    two_knobs(bench)
    # Before this console, which may only look.
    as_it_is, bench.door.read_only = bench.door.read_only, False
    await ran(bench)
    bench.door.read_only = as_it_is


# How each page is reached from the models.
WAY: dict[Where, Sequence[str]] = {
    "models": (),
    "model": ("2",),
    "gpus": ("3",),
    "triage": ("4",),
    "timeline": ("5",),
    "journal": ("5", "tab"),
    "alerts": ("6",),
    "fleet": ("7",),
    "gate": ("v",),
}


async def go(stage: Stage, where: Where) -> Facts:
    """To a page as it is at first, whatever lies over the one in sight; what stands there then."""
    app = stage.app
    async with asyncio.timeout(PATIENCE_S):
        while not isinstance(app.screen, Page) or isinstance(app.focused, Input):
            await stage.press("escape")
        while app.page.clear():
            await stage.pilot.pause()
        if app.page.where != where:
            await _walk(stage, where)
    if app.watching.paused:
        app.watching.toggle_pause()
    stage.engine.incidents.current = None
    stage.engine.silenced.clear()
    app.clear_notifications()
    app._clipboard = ""
    return await settled(stage)


async def _walk(stage: Stage, where: Where) -> None:
    """From the models, so that it is known where each page was opened."""
    app = stage.app
    while app.page.where != "models":
        app.do_models()
        await stage.pilot.pause()
    for key in WAY[where]:
        before = app.page.where
        await stage.press(key)
        while app.page.where == before:
            await stage.pilot.pause(0.01)
    assert app.page.where == where
    while app.page.clear():
        await stage.pilot.pause()
