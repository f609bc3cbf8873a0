"""A console that is started with a past, and its first pictures."""

import asyncio
from collections.abc import Callable
from random import Random

from console.domain.failure import Failure
from console.domain.marker import MarkerKind
from console.domain.recording import RecordingError
from console.domain.rows import ModelRow
from console.domain.sample import Reading
from console.domain.snapshot import Snapshot
from console.engine.engine import Engine, Memory
from console.ports import Past, Recording, Source
from tests.console.engine.before import KEY, ROOM, Server
from tests.parts.clock import HandClock


async def here(function: Callable[..., object], *arguments: object) -> object:
    """``asyncio.to_thread`` without a thread, so that a hand-driven clock stands still meanwhile."""
    return function(*arguments)


class Kept:
    """A past that has a recording, or fails."""

    def __init__(self, found: Recording | RecordingError | None, name: str = "flight recorder") -> None:
        self.name = name
        self._found = found
        self.asked: list[float] = []

    async def open(self, since: float) -> Recording | None:
        self.asked.append(since)
        if isinstance(self._found, RecordingError):
            raise self._found
        return self._found


class Polled:
    """A source over one server."""

    every, timeout = 1.0, 2.0

    def __init__(self, name: str, server: Server, clock: HandClock) -> None:
        self.name, self.target = f"triton:{name}", name
        self._server, self._clock = server, clock

    async def poll(self) -> Reading:
        found = self._server.poll(self._clock.now(), self._clock.monotonic())
        assert not isinstance(found, Failure)
        return found

    async def close(self) -> None:
        return


async def none() -> None:
    return


class Told:
    """A journal that says the same each time."""

    name, target, every, timeout = "journal", None, 1.0, 2.0

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def poll(self) -> Reading:
        return self._reading

    async def close(self) -> None:
        return


async def shown(
    at: float, server: Server, *pasts: Past, pictures: int = 1, beside: Reading | None = None
) -> list[Snapshot]:
    """The first pictures of a console that is started at that time; ``beside`` is what its journal says."""
    fleet = ROOM
    clock = HandClock(at)
    sources: list[Source] = [Polled(target.name, server, clock) for target in fleet.targets]
    sources += [Told(beside)] if beside is not None else []
    engine = Engine(fleet, sources, clock, Random(1), none)
    engine.attach(None, memory=Memory(pasts=pasts))  # type: ignore[arg-type]  # nothing is changed here
    found: list[Snapshot] = []
    engine.subscribe(found.append)
    task = asyncio.ensure_future(engine.run())
    while not found and not task.done():
        await clock.advance(0.05)
    while len(found) < pictures and not task.done():
        await clock.advance(1.0)
    task.cancel()
    return found


def row(snapshot: Snapshot) -> ModelRow:
    return next(row for row in snapshot.models if row.key == KEY)


def told(snapshot: Snapshot, *kinds: MarkerKind) -> list[str]:
    return [marker.detail for marker in snapshot.markers if not kinds or marker.kind in kinds]
