import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import numpy as np
import pytest

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.gpu import GpuReading
from console.domain.sample import Sample
from console.engine.poller import LONGEST_BACKOFF_S, UNSUPPORTED_PAUSE_S, Poller
from tests.parts.clock import HandClock

NOTHING = GpuReading(())


class Scripted:
    """A source that does what it is told, and counts how often it was asked."""

    target = None

    def __init__(self, name: str, answer: Callable[[], object], every: float = 1.0) -> None:
        self.name = name
        self.every = every
        self.timeout = 2.0
        self.asked: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False
        self._answer = answer

    async def poll(self) -> GpuReading:
        self.asked.append(0.0)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            result = self._answer()
            if asyncio.iscoroutine(result):
                await result
            return NOTHING
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        self.closed = True


def refuse(kind: FailureKind = FailureKind.REFUSED) -> Callable[[], object]:
    def answer() -> object:
        raise SourceError(Failure(kind, "live", "refused"))

    return answer


class Bench:
    """Poller, clock and what was delivered."""

    def __init__(self, *sources: Scripted) -> None:
        self.clock = HandClock()
        self.samples: list[Sample] = []
        self.poller = Poller(sources, self.clock, Random(1), self.samples.append)

    async def run(self, seconds: float) -> None:
        async with self.running():
            await self.clock.advance(seconds)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.poller.run())
        yield
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    def of(self, source: Scripted) -> list[Sample]:
        return [s for s in self.samples if s.source == source.name]


async def test_a_source_is_polled_at_its_own_pace() -> None:
    fast, slow = Scripted("fast", lambda: None), Scripted("slow", lambda: None, every=5.0)

    await Bench(fast, slow).run(10.5)

    assert (len(fast.asked), len(slow.asked)) == (11, 3)


async def test_a_source_that_hangs_delays_nobody_and_is_asked_once_at_a_time() -> None:
    hanging = Scripted("hangs", asyncio.Event().wait)
    healthy = Scripted("well", lambda: None)
    bench = Bench(hanging, healthy)

    await bench.run(10.5)

    assert len(bench.of(healthy)) == 11
    assert hanging.most_in_flight == 1
    failures = [s.failure for s in bench.of(hanging)]
    assert failures
    assert all(f is not None and f.kind is FailureKind.TIMEOUT for f in failures)


async def test_failures_are_asked_less_often_but_never_given_up() -> None:
    dead = Scripted("dead", refuse())

    await Bench(dead).run(300.0)

    often = 300 / LONGEST_BACKOFF_S
    assert often * 0.7 < len(dead.asked) < often * 1.6


async def test_after_a_recovery_the_pace_is_the_old_one() -> None:
    answers = iter([True] * 4 + [False] * 1000)

    def answer() -> None:
        if next(answers):
            raise SourceError(Failure(FailureKind.REFUSED, "live", "refused"))

    source = Scripted("flaps", answer)
    bench = Bench(source)
    await bench.run(60.0)

    good = [s.mono for s in bench.of(source) if s.failure is None]
    assert {round(b - a, 6) for a, b in itertools.pairwise(good)} == {1.0}


async def test_what_is_not_supported_here_is_hardly_asked_again() -> None:
    absent = Scripted("nvml", refuse(FailureKind.UNSUPPORTED))

    await Bench(absent).run(UNSUPPORTED_PAUSE_S - 1)

    assert len(absent.asked) == 1


async def test_a_defect_of_one_source_is_its_own_failure() -> None:
    broken, healthy = Scripted("broken", lambda: 1 / 0), Scripted("well", lambda: None)
    bench = Bench(broken, healthy)

    await bench.run(3.5)

    failure = bench.of(broken)[0].failure
    assert failure is not None
    assert (failure.kind, "ZeroDivisionError" in failure.message) == (FailureKind.INTERNAL, True)
    assert len(bench.of(healthy)) == 4


async def test_a_source_that_is_taken_away_is_polled_no_more_and_closed() -> None:
    gone, stays = Scripted("gone", lambda: None), Scripted("stays", lambda: None)
    bench = Bench(gone, stays)

    async with bench.running():
        await bench.clock.advance(3.5)
        bench.poller.remove([gone])
        await bench.clock.advance(3.0)

    assert (len(gone.asked), len(stays.asked)) == (4, 7)
    assert (gone.closed, stays.closed) == (True, False)


async def test_what_a_source_that_was_taken_away_says_late_is_not_told() -> None:
    hanging, stays = Scripted("hangs", asyncio.Event().wait), Scripted("stays", lambda: None)
    bench = Bench(hanging, stays)

    async with bench.running():
        await bench.clock.advance(0.5)
        bench.poller.remove([hanging])
        await bench.clock.advance(10.0)

    assert bench.of(hanging) == []
    assert hanging.in_flight == 0


async def test_a_source_that_is_added_is_polled_at_its_own_pace_from_then_on() -> None:
    first, late = Scripted("first", lambda: None), Scripted("late", lambda: None, every=2.0)
    bench = Bench(first)

    async with bench.running():
        await bench.clock.advance(5.5)
        bench.poller.add([late])
        await bench.clock.advance(5.0)

    assert [sample.mono for sample in bench.of(late)] == [5.5, 7.5, 9.5]


async def test_a_look_that_finds_more_to_ask_is_whole_at_once() -> None:
    found = Scripted("found", lambda: None)
    scout = Scripted("scout", lambda: bench.poller.add([] if "found" in bench.poller.names else [found]))
    bench = Bench(scout)

    await bench.poller.once()

    assert [sample.source for sample in bench.samples] == ["scout", "found"]
    assert len(scout.asked) == 1


async def test_a_source_that_rests_can_be_asked_now() -> None:
    scout = Scripted("scout", lambda: None, every=15.0)
    bench = Bench(scout)

    async with bench.running():
        await bench.clock.advance(2.0)
        bench.poller.hasten("scout")
        await bench.clock.advance(16.0)

    assert [sample.mono for sample in bench.of(scout)] == [0.0, 2.0, 17.0]


async def test_hundreds_of_sources_do_not_begin_at_the_same_moment() -> None:
    many = [Scripted(f"pod-{number}", lambda: None) for number in range(500)]
    bench = Bench(*many)

    await bench.run(0.999)

    began = [bench.of(each)[0].mono for each in many]
    assert began.count(0.0) < 50
    assert len(set(began)) > 400
    assert max(began) < 1.0


async def test_what_is_due_is_asked_once_in_its_interval() -> None:
    fast, slow = Scripted("fast", lambda: None), Scripted("slow", lambda: None, every=10.0)
    bench = Bench(fast, slow)

    for _ in range(5):
        await bench.poller.due()
        await bench.clock.advance(1.0)

    assert (len(fast.asked), len(slow.asked)) == (5, 1)


async def test_many_sources_are_polled_at_moments_of_their_own_and_each_at_its_pace() -> None:
    many = [Scripted(f"triton-{n}", lambda: None) for n in range(10)]
    bench = Bench(*many)

    await bench.run(5.45)

    moments = [[s.mono for s in bench.of(source)] for source in many]
    second = [asked[1] for asked in moments]
    assert second == pytest.approx([0.5 + n / 10 for n in range(10)], abs=0.01)
    assert all(np.diff(asked[1:]) == pytest.approx(1.0, abs=0.01) for asked in moments)


async def test_a_few_sources_are_polled_together() -> None:
    few = [Scripted(f"triton-{n}", lambda: None) for n in range(4)]
    bench = Bench(*few)

    await bench.run(3.5)

    assert [[round(s.mono, 2) for s in bench.of(source)] for source in few] == [[0.0, 1.0, 2.0, 3.0]] * 4
