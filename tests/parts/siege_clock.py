"""An engine on a clock that steps and leaps: two servers, a frozen fleet, an incident, and a recorder."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from console.domain.fleet import Fleet, Target
from console.domain.incident import Incident, IncidentReading
from console.domain.lock import Lock, LockReading
from console.domain.recording import Session
from console.domain.sample import Reading
from console.domain.snapshot import Snapshot
from console.domain.triton import TritonReading
from console.engine.engine import Engine, Memory
from console.storage.incidents import IncidentFiles
from console.storage.recorder import FileRecorder
from tests.console.engine.watched import READY, busy, counters
from tests.parts.clock import HandClock, settle

RATE = 100
FROZEN_S = 1800.0


class Quake(HandClock):
    """A clock that is also stopped: nobody runs for a while, and then everybody is late."""

    async def leap(self, seconds: float) -> None:
        """Let that much pass at once."""
        self._elapsed += seconds
        await self.advance(0)
        await settle()


@dataclass(eq=False)
class Told:
    """A source that says what a function says."""

    name: str
    target: str | None
    say: object
    every: float = 1.0
    timeout: float = 5.0

    async def poll(self) -> Reading:
        return self.say()  # type: ignore[operator, no-any-return]

    async def close(self) -> None:
        return


@dataclass
class Quaking:
    """The engine, its clock, and every picture so far."""

    clock: Quake
    engine: Engine
    incidents: IncidentFiles
    lock: Lock
    recorder: FileRecorder
    file: Path
    pictures: list[Snapshot] = field(default_factory=list)

    @property
    def now(self) -> Snapshot:
        """The newest picture."""
        return self.pictures[-1]

    async def watch(self, seconds: float) -> Snapshot:
        """Let it watch for so long, no faster than it records."""
        for _ in range(round(seconds)):
            await self.clock.advance(1.0)
            while self.recorder._ticks:  # noqa: ASYNC110 - a thread writes them, and tells nobody
                await asyncio.sleep(1e-3)
        return self.now


@contextmanager
def quaking(folder: Path) -> Iterator[Quaking]:
    """An engine that records; ``run`` it within a loop."""
    clock = Quake()
    names = ("a", "b")
    targets = tuple(Target(n, f"http://{n}:8000", f"http://{n}:8002/metrics") for n in names)
    fleet = Fleet("siege", targets, state=str(folder))
    incidents = IncidentFiles(folder, fleet, now=clock.now)
    lock = Lock("ana@bastion", "p99", clock.now(), clock.now() + FROZEN_S, "")

    def served() -> TritonReading:
        at = clock.monotonic()
        found = counters(busy(RATE * (at + 1)))
        return TritonReading(
            live=True, ready=True, index=(READY,), counters=found, counters_at=at, statistics_at=at
        )

    def opened() -> IncidentReading:
        known: tuple[Incident, ...] = incidents.all()
        return IncidentReading(known)

    sources = [Told(f"triton:{name}", name, served) for name in names]
    sources += [
        Told("deploy lock", None, lambda: LockReading(lock)),
        Told("incidents", None, opened),
    ]

    async def release() -> None:
        return

    engine = Engine(fleet, sources, clock, Random(0), release)
    file = folder / "watch.tcrec"
    recorder = FileRecorder(file, Session(fleet, clock.now(), "test"), pinned=incidents.pinned)
    engine.attach(None, None, Memory(recorder, incidents))  # type: ignore[arg-type]
    made = Quaking(clock, engine, incidents, lock, recorder, file)
    engine.subscribe(made.pictures.append)
    yield made


async def run(quake: Quaking) -> asyncio.Task[None]:
    """Begin to watch."""
    task = asyncio.ensure_future(quake.engine.run())
    await settle()
    return task


async def end(quake: Quaking, task: "asyncio.Task[None]") -> None:
    """Watch no more, and write what is left to the recording."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await quake.engine.close()
