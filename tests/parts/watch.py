"""The engine as wiring builds it, watched by a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from console import wiring
from console.domain.fleet import Fleet
from console.domain.rows import ModelRow, TargetRow
from console.domain.snapshot import Snapshot


class Watch:
    """Every snapshot so far, and a way to wait for one."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self._news = asyncio.Event()

    def take(self, snapshot: Snapshot) -> None:
        """Remember a snapshot and wake who waits for it."""
        self.snapshots.append(snapshot)
        self._news.set()

    async def until(self, wanted: Callable[[Snapshot], bool], seconds: float = 30) -> Snapshot:
        """The first snapshot from now on that is as wanted; TimeoutError after some seconds of others."""
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                await self._news.wait()
                if wanted(self.snapshots[-1]):
                    return self.snapshots[-1]


@asynccontextmanager
async def watching(fleet: Fleet) -> AsyncIterator[Watch]:
    """Run an engine on a fleet, with the system's clock, while the block runs."""
    engine = wiring.build(fleet)
    watch = Watch()
    engine.subscribe(watch.take)
    task = asyncio.create_task(engine.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()


def target(snapshot: Snapshot, name: str) -> TargetRow:
    """One target's row."""
    return next(row for row in snapshot.targets if row.name == name)


def model(snapshot: Snapshot, name: str) -> ModelRow:
    """The first row of a model."""
    return next(row for row in snapshot.models if row.model == name)
