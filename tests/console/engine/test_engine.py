"""The engine with its sources, its clock and its listeners."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from console.domain.failure import FailureKind
from console.domain.families import F
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.engine import Engine
from tests.console.engine.watched import counters
from tests.parts.clock import HandClock

KEY = ModelVersion("ranker", "1")


class Served:
    """A target whose counters grow by 50 requests a second, as a reading changed by ``twist``."""

    def __init__(self, name: str, clock: HandClock, twist: Callable[[TritonReading], TritonReading]) -> None:
        self.name, self.target = f"triton:{name}", name
        self.every, self.timeout = 1.0, 2.0
        self.closed = False
        self._clock, self._twist = clock, twist

    async def poll(self) -> TritonReading:
        now = self._clock.monotonic()
        found = counters({KEY: {F.SUCCESS: 50 * now, F.EXECUTIONS: 50 * now}})
        index = (IndexEntry("ranker", "1", State.READY),)
        return self._twist(TritonReading(live=True, index=index, counters=found, counters_at=now))

    async def close(self) -> None:
        self.closed = True


class Room:
    """An engine on targets named a, b … and what it published."""

    def __init__(self, **twists: Callable[[TritonReading], TritonReading]) -> None:
        self.clock = HandClock()
        self.sources = [Served(name, self.clock, twist) for name, twist in twists.items()]
        targets = tuple(Target(name, f"http://{name}:8000", "") for name in twists)
        self.released = False
        self.engine = Engine(Fleet("room", targets), self.sources, self.clock, Random(1), self._release)
        self.pictures: list[Snapshot] = []
        self.engine.subscribe(self.pictures.append)

    async def _release(self) -> None:
        self.released = True

    async def run(self, seconds: float) -> None:
        task = asyncio.ensure_future(self.engine.run())
        await self.clock.advance(seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def plain(reading: TritonReading) -> TritonReading:
    return reading


def nonsense(reading: TritonReading) -> TritonReading:
    return TritonReading(live=True, index=reading.index, statistics=("what?",))  # type: ignore[arg-type]


async def test_a_picture_comes_every_refresh_and_its_rates_are_right() -> None:
    room = Room(a=plain)
    await room.run(10.5)

    assert 9 <= len(room.pictures) <= 12
    assert room.pictures[-1].models[0].rate == pytest.approx(50.0)
    assert [p.sequence for p in room.pictures] == list(range(1, len(room.pictures) + 1))


async def test_odd_data_of_one_target_are_its_own_failure() -> None:
    room = Room(a=plain, b=nonsense)
    await room.run(5.5)

    well, odd = room.pictures[-1].targets
    assert (well.up, odd.up) == (True, False)
    assert odd.failures[0].kind is FailureKind.INTERNAL
    assert room.pictures[-1].models[0].rate == pytest.approx(50.0)


async def test_one_picture_from_two_polls() -> None:
    room = Room(a=plain)
    task = asyncio.ensure_future(room.engine.observe(5.0))
    await room.clock.advance(6.0)
    picture = await task
    await room.engine.close()

    assert (picture.models[0].rate, picture.models[0].window_s) == (50.0, 5.0)
    assert room.released
    assert room.sources[0].closed


async def test_a_watched_fleet_has_a_history_and_nothing_goes_on_afterwards() -> None:
    room = Room(a=plain)
    task = asyncio.ensure_future(room.engine.watched(10.0))
    await room.clock.advance(30.0)
    picture = await task
    await room.engine.close()

    assert picture.elapsed_s == pytest.approx(10.0, abs=1.5)
    assert picture.models[0].rate == pytest.approx(50.0)
    assert sum(value is not None for value in picture.history.model(KEY, "rate", 60).values) >= 5
    assert len(room.pictures) == picture.sequence


async def test_a_long_refresh_does_not_keep_a_watched_fleet_waiting() -> None:
    room = Room(a=plain)
    room.engine.fleet = replace(room.engine.fleet, refresh=60.0)
    task = asyncio.ensure_future(room.engine.watched(10.0))
    await room.clock.advance(12.0)
    assert (await task).elapsed_s == pytest.approx(10.0, abs=1.5)
