"""A console on a stage: an engine that publishes what a test hands it, and the text that stands on screen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from textual.pilot import Pilot

from console.domain.marker import Marker
from console.domain.snapshot import Snapshot
from screens.app import ConsoleApp
from tests.parts.knobs import Bench, bench
from tests.parts.triage import ToldTriage

SIZES = ((80, 24), (120, 40), (200, 60))
_PATIENCE_S = 60.0


class StillEngine:
    """Publishes nothing by itself; its door leads to the bench's knobs, its triage says what it is told.

    ``markers`` and ``silenced`` (by id and subject) are what the console wrote.
    """

    def __init__(self, made: Bench) -> None:
        self.door = made.door
        self.triage = ToldTriage()
        self.markers: list[Marker] = []
        self.silenced: dict[tuple[str, str], str] = {}
        self.running = asyncio.Event()
        self.closed = False
        self._listen: Callable[[Snapshot], None] | None = None

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Keep the one listener."""
        self._listen = listener

    def mark(self, marker: Marker) -> None:
        """Keep the marker."""
        self.markers.append(marker)

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002
        """Keep the silence."""
        assert until is None
        self.silenced[id, subject] = f"{note} ({who})"

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002
        """Forget the silence."""
        del self.silenced[id, subject]

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
    """The app, its pilot, its engine, and what is behind the engine's door."""

    app: ConsoleApp
    pilot: Pilot[None]
    engine: StillEngine
    bench: Bench

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

    async def until(self, part: str, *, gone: bool = False) -> None:
        """Wait until this part stands on screen, or is gone from it."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while (part in self.text) is gone:
                    await self.pilot.pause(0.01)
        except TimeoutError:
            stands = "still" if gone else "not"
            raise AssertionError(f"{part!r} is {stands} on screen:\n{self.text}") from None

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
    snapshot: Snapshot,
    size: tuple[int, int] = (120, 40),
    *,
    color: bool = True,
    quiet: bool = False,
    before: Callable[[Bench], Awaitable[object] | None] = lambda _: None,
) -> AsyncIterator[Stage]:
    """A running console that shows the snapshot; ``quiet`` leaves it without any.

    ``before`` prepares what is behind the door.
    """
    made = bench(snapshot)
    prepared = before(made)
    if prepared is not None:
        await prepared
    engine = StillEngine(made)
    app = ConsoleApp(snapshot.fleet, lambda: engine, color=color)
    # A busy machine may take longer to come to a toast than it stands.
    app.NOTIFICATION_TIMEOUT = 10 * _PATIENCE_S
    async with app.run_test(size=size, notifications=True) as pilot:
        stage = Stage(app, pilot, engine, made)
        await engine.running.wait()
        if not quiet:
            await stage.show(snapshot)
        yield stage
