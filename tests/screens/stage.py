"""A console on a stage: an engine that publishes what a test hands it, and the text that stands on screen."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from textual.pilot import Pilot

from console.domain.incident import Incident
from console.domain.marker import Marker
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine.gate import Trials
from screens.app import ConsoleApp
from screens.engine import Fleets
from tests.parts.knobs import Bench, bench
from tests.parts.triage import ToldTriage
from tests.snapshots import NOW

SIZES = ((80, 24), (120, 40), (200, 60))
_PATIENCE_S = 60.0


class StillPlayer:
    """Moves nothing: ``asked`` is what the keys asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    def toggle(self) -> None:
        """Pause or play."""
        self.asked.append(("toggle", 0))

    def step(self, frames: int) -> None:
        """Pictures on or back."""
        self.asked.append(("step", frames))

    def jump(self, markers: int) -> None:
        """Markers on or back."""
        self.asked.append(("jump", markers))

    def faster(self) -> None:
        """Twice the speed."""
        self.asked.append(("speed", 2))

    def slower(self) -> None:
        """Half the speed."""
        self.asked.append(("speed", 0.5))

    def seek(self, at: float) -> None:
        """A moment."""
        self.asked.append(("seek", at))


class StillIncidents:
    """Incidents in memory: ``current`` is the open one. ``error`` is raised; ``hold`` lets a call wait for it."""

    def __init__(self) -> None:
        self.current: Incident | None = None
        self.error: Exception | None = None
        self.hold: threading.Event | None = None

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        """Open one, or return the open one."""
        self._wait()
        self.current = self.current or Incident("1009-abc", NOW, who, why, plan)
        return self.current

    def close(self, who: str) -> Incident | None:
        """Close the open one."""
        self._wait()
        ended, self.current = self.current, None
        return ended and ended._replace(closed=NOW + 60, closed_by=who)

    def _wait(self) -> None:
        if self.hold is not None:
            assert self.hold.wait(_PATIENCE_S)
        if self.error is not None:
            raise self.error


class StillEngine:
    """Publishes nothing by itself; its door leads to the bench's knobs, its triage says what it is told.

    ``markers``, ``walks`` and ``silenced`` (by id and subject) are what the console wrote.
    """

    def __init__(self, made: Bench) -> None:
        self.door = made.door
        self.triage = ToldTriage()
        self.player: StillPlayer | None = None
        self.trials: Trials | None = None
        self.incidents = StillIncidents()
        self.markers: list[Marker] = []
        self.walks: list[Walk] = []
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

    def tell(self, walk: Walk) -> None:
        """Keep the walk."""
        self.walks.append(walk)

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

    async def wait(self, condition: Callable[[], object]) -> None:
        """Wait until this is so."""
        async with asyncio.timeout(_PATIENCE_S):
            while not condition():
                await self.pilot.pause(0.01)

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
async def staged(  # noqa: PLR0913 - a test says what is special about its console
    snapshot: Snapshot,
    size: tuple[int, int] = (120, 40),
    *,
    color: bool = True,
    quiet: bool = False,
    before: Callable[[Bench], Awaitable[object] | None] = lambda _: None,
    fleets: Fleets | None = None,
    ask: bool = False,
) -> AsyncIterator[Stage]:
    """A running console that shows the snapshot; ``quiet`` leaves it without any.

    It is a replay where the snapshot is of one. ``before`` prepares what is behind the door.
    """
    made = bench(snapshot)
    prepared = before(made)
    if prepared is not None:
        await prepared
    engine = StillEngine(made)
    replay = snapshot.playback is not None
    engine.player = StillPlayer() if replay else None
    app = ConsoleApp(snapshot.fleet, lambda: engine, color=color, replay=replay, fleets=fleets, ask=ask)
    # A busy machine may take longer to come to a toast than it stands.
    app.NOTIFICATION_TIMEOUT = 10 * _PATIENCE_S
    async with app.run_test(size=size, notifications=True) as pilot:
        stage = Stage(app, pilot, engine, made)
        await engine.running.wait()
        if not quiet:
            await stage.show(snapshot)
        yield stage
