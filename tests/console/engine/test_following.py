"""A console whose servers are found while it runs: who is asked, who is not any more, and when it looks again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Discovery, Fleet, Target
from console.domain.prospect import DISCOVERY, TargetsReading
from console.domain.triton import TritonReading
from console.engine.engine import Engine
from console.ports import Source
from console.transport.roster import Roster
from tests.parts.clock import HandClock

FOUND = Fleet("shop", discovery=Discovery(kubernetes="app=triton"))


def pod(name: str, address: str) -> Target:
    return Target(name, f"http://{address}:8000", f"http://{address}:8002/metrics", pod=name)


A, B = pod("pod-a", "10.0.0.1"), pod("pod-b", "10.0.0.2")


class Asked:
    """A source of one server, which fails while it is dead."""

    every, timeout = 1.0, 2.0

    def __init__(self, target: Target, dead: set[str]) -> None:
        self.name, self.target = f"triton:{target.name}", target.name
        self.url = target.url
        self.asked = 0
        self.closed = False
        self._dead = dead

    async def poll(self) -> TritonReading:
        self.asked += 1
        if self.target in self._dead:
            raise SourceError(Failure(FailureKind.REFUSED, "live", "live: refused"))
        return TritonReading(live=True)

    async def close(self) -> None:
        self.closed = True


class Looking:
    """A look that finds what a test says, or fails; it takes ``slow`` seconds."""

    name, target, every, timeout = DISCOVERY, None, 15.0, 12.0

    def __init__(self, clock: HandClock) -> None:
        self.found: Sequence[Target] | None = ()
        self.slow = 0.0
        self.asked: list[float] = []
        self._clock = clock

    async def poll(self) -> TargetsReading:
        self.asked.append(self._clock.monotonic())
        if self.slow:
            await self._clock.sleep(self.slow)
        if self.found is None:
            raise SourceError(
                Failure(FailureKind.FORBIDDEN, DISCOVERY, "discovery.kubernetes: may not", "ask")
            )
        return TargetsReading(tuple(self.found))

    async def close(self) -> None:
        pass


class World:
    """An engine on found servers: ``sources`` are all that were ever opened."""

    def __init__(self, *found: Target) -> None:
        self.clock = HandClock()
        self.look = Looking(self.clock)
        self.look.found = found
        self.roster = Roster()
        self.dead: set[str] = set()
        self.sources: list[Asked] = []
        self.engine = Engine(FOUND, [self.look], self.clock, Random(1), self._none)
        self.engine.enlist(self)

    def of(self, target: Target) -> list[Source]:
        self.sources.append(Asked(target, self.dead))
        return [self.sources[-1]]

    def tell(self, targets: Sequence[Target]) -> None:
        self.roster.tell(targets)

    async def _none(self) -> None:
        return

    @asynccontextmanager
    async def running(self, seconds: float = 3.0) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.engine.run())
        await self.clock.advance(seconds)
        yield
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    @property
    def names(self) -> list[str]:
        assert self.engine.snapshot is not None
        return [row.name for row in self.engine.snapshot.targets if row.up]


async def test_servers_that_are_found_are_asked_and_known_to_whoever_acts() -> None:
    world = World(A, B)

    async with world.running():
        assert world.names == ["pod-a", "pod-b"]
        assert world.roster.of(FOUND) == (A, B)


async def test_a_server_that_is_gone_is_asked_no_more() -> None:
    world = World(A, B)
    async with world.running():
        world.look.found = (B,)
        await world.clock.advance(15.0)
        asked = world.sources[0].asked
        await world.clock.advance(15.0)

        assert world.names == ["pod-b"]
        assert world.sources[0].asked == asked
        assert world.sources[0].closed
        assert world.roster.of(FOUND) == (B,)


async def test_one_that_comes_is_asked_from_then_on() -> None:
    world = World(A)
    async with world.running():
        world.look.found = (A, B)
        await world.clock.advance(16.0)

        assert world.names == ["pod-a", "pod-b"]
        assert len(world.sources) == 2


async def test_one_that_was_replaced_is_asked_at_its_new_address_alone() -> None:
    world = World(A)
    async with world.running():
        world.look.found = (pod("pod-a", "10.0.0.9"),)
        await world.clock.advance(16.0)
        before = world.sources[0].asked
        await world.clock.advance(5.0)

        assert [source.url for source in world.sources] == ["http://10.0.0.1:8000", "http://10.0.0.9:8000"]
        assert (world.sources[0].asked, world.sources[0].closed) == (before, True)


async def test_a_look_that_fails_takes_nobody_away() -> None:
    world = World(A, B)
    async with world.running():
        world.look.found = None
        await world.clock.advance(40.0)

        assert world.names == ["pod-a", "pod-b"]
        assert world.engine.snapshot is not None
        assert world.engine.snapshot.notes == ("discovery.kubernetes: may not (ask)",)


async def test_when_one_stops_answering_it_is_looked_up_at_once_whether_it_is_still_there() -> None:
    world = World(A, B)
    async with world.running():
        world.look.found = (B,)
        world.dead.add("pod-a")
        await world.clock.advance(2.0)

        assert world.look.asked == [0.0, 4.0]
        assert world.names == ["pod-b"]
        assert world.engine.snapshot is not None
        assert world.engine.snapshot.alerts == ()


async def test_many_that_stop_answering_are_looked_up_once() -> None:
    world = World(A, B)
    async with world.running():
        world.dead |= {"pod-a", "pod-b"}
        await world.clock.advance(3.0)

        assert len(world.look.asked) == 2


async def test_the_first_picture_waits_for_a_slow_look() -> None:
    world = World(A)
    world.look.slow = 5.0

    async with world.running(4.0):
        assert world.engine.snapshot is None
        await world.clock.advance(2.0)
        assert world.names == ["pod-a"]


async def test_one_picture_without_a_screen_is_of_all_that_is_found() -> None:
    world = World(A, B)

    seen = asyncio.ensure_future(world.engine.observe(2.0))
    await world.clock.advance(3.0)

    assert [row.name for row in (await seen).targets if row.up] == ["pod-a", "pod-b"]
    assert [source.asked for source in world.sources] == [2, 2]


async def test_a_look_that_takes_long_does_not_shorten_the_time_between_two_polls() -> None:
    world = World(A)
    world.look.slow = 3.0

    seen = asyncio.ensure_future(world.engine.observe(2.0))
    await world.clock.advance(9.0)

    assert (await seen).targets[0].up
    assert world.sources[0].asked == 2
    assert world.look.asked[1] - world.look.asked[0] == 5.0
