"""A console on a stage: an engine that publishes what a test hands it, and the text that stands on screen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from textual.pilot import Pilot

from console.domain.snapshot import Snapshot
from screens.app import ConsoleApp

SIZES = ((80, 24), (120, 40), (200, 60))


class StillEngine:
    """Publishes nothing by itself."""

    def __init__(self) -> None:
        self.running = asyncio.Event()
        self.closed = False
        self._listen: Callable[[Snapshot], None] | None = None

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Keep the one listener."""
        self._listen = listener

    async def run(self) -> None:
        """Wait for ever."""
        self.running.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def publish(self, snapshot: Snapshot) -> None:
        """Hand the picture to the app."""
        assert self._listen is not None
        self._listen(snapshot)


class Stage(NamedTuple):
    """The app, its pilot and its engine."""

    app: ConsoleApp
    pilot: Pilot[None]
    engine: StillEngine

    async def show(self, *pictures: Snapshot) -> None:
        """Publish the pictures and wait until the last one is painted."""
        for picture in pictures:
            self.engine.publish(picture)
        await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press the keys and wait until the screen has settled."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """The text on screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The text on screen."""
        return "\n".join(self.lines)

    def line(self, part: str) -> str:
        """The first line that holds this part, empty when there is none."""
        return next((line for line in self.lines if part in line), "")


@asynccontextmanager
async def staged(
    snapshot: Snapshot, size: tuple[int, int] = (120, 40), *, color: bool = True, quiet: bool = False
) -> AsyncIterator[Stage]:
    """A running console that shows the snapshot; ``quiet`` leaves it without any."""
    engine = StillEngine()
    app = ConsoleApp(snapshot.fleet, lambda: engine, color=color)
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot, engine)
        await engine.running.wait()
        if not quiet:
            await stage.show(snapshot)
        yield stage
