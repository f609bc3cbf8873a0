"""Polls every source at its own pace: one poll in flight each, time limits, backoff with jitter."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from random import Random

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.sample import Reading, Sample, Spread
from console.domain.text import visible
from console.ports import Clock, Source

LONGEST_BACKOFF_S = 10.0
UNSUPPORTED_PAUSE_S = 60.0
# So many sources begin at once; more of them one after the other, and the last no later than this.
_AT_ONCE = 32
_APART_S, _LAST_S = 1e-3, 0.8
# More than these are polled at moments of their own within the interval: their answers would be read all at the same
# time otherwise, and a key would wait for all of them.
_IN_STEP = 4
# Whoever is asked this much of an interval after the last time is asked in time.
_ABOUT = 0.9


class Poller:
    """Runs the sources and hands each sample to ``deliver``, on the loop it runs on; sources may come and go."""

    def __init__(
        self, sources: Sequence[Source], clock: Clock, random: Random, deliver: Callable[[Sample], None]
    ) -> None:
        self._sources = list(sources)
        self._clock = clock
        self._random = random
        self._deliver = deliver
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[Source, asyncio.Task[None]] = {}
        self._resting: set[Source] = set()
        self._leaving: list[Source] = []
        self._last: dict[Source, float] = {}

    @property
    def names(self) -> frozenset[str]:
        """What is polled."""
        return frozenset(source.name for source in self._sources)

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._group:
                self._begin(self._sources)
        finally:
            self._group = None
            self._tasks.clear()
            self._resting.clear()

    async def once(self) -> float:
        """Poll every source once, all at the same time, then those that came of it; returns when the last of them began."""
        self._last.clear()
        return await self.due()

    async def due(self) -> float:
        """As ``once``, without those whose last poll of this kind began less than their interval ago."""
        polled: set[Source] = set()
        began = self._clock.monotonic()
        while waiting := [each for each in self._sources if each not in polled and self._is_due(each)]:
            began = self._clock.monotonic()
            self._last |= dict.fromkeys(waiting, began)
            polled.update(waiting)
            await asyncio.gather(*map(self._poll, waiting))
        return began

    def _is_due(self, source: Source) -> bool:
        last = self._last.get(source)
        return last is None or self._clock.monotonic() - last >= _ABOUT * source.every

    def add(self, sources: Sequence[Source]) -> None:
        """Poll these, too, from now on."""
        self._sources += sources
        if self._group is not None:
            self._begin(sources)

    def remove(self, sources: Iterable[Source]) -> None:
        """Poll these no more; what they are asked just now is not waited for."""
        gone = set(sources)
        self._sources = [source for source in self._sources if source not in gone]
        for source in gone:
            self._leaving.append(source)
            self._resting.discard(source)
            self._last.pop(source, None)
            task = self._tasks.pop(source, None)
            if task is not None:
                task.cancel()

    def hasten(self, name: str) -> None:
        """Let a source be polled now; one that is being polled is not."""
        for source in [source for source in self._resting if source.name == name]:
            self._tasks[source].cancel()
            self._begin([source])

    async def close(self) -> None:
        """Close the sources."""
        leaving, self._leaving = self._leaving, []
        for source in (*self._sources, *leaving):
            await source.close()

    def _begin(self, sources: Sequence[Source]) -> None:
        if self._group is None:
            return
        apart = min(_APART_S, _LAST_S / max(len(sources), 1))
        for number, source in enumerate(sources):
            second = 0.5 + number / len(sources) if len(sources) > _IN_STEP else 1.0
            polling = self._keep_polling(source, max(0, number - _AT_ONCE + 1) * apart, second)
            self._tasks[source] = self._group.create_task(polling, name=source.name)

    async def _keep_polling(self, source: Source, after: float, second: float) -> None:
        """Poll after so many seconds, then after this share of the interval, then every interval."""
        failed = 0
        try:
            if after:
                await self._clock.sleep(after)
            while True:
                started = self._clock.monotonic()
                sample = await self._poll(source)
                failed = failed + 1 if sample.failure else 0
                due = started + self._pause(source, sample, failed) * second
                second = 1.0
                self._resting.add(source)
                await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
                self._resting.discard(source)
        finally:
            self._resting.discard(source)
            if source in self._leaving:
                self._leaving.remove(source)
                await source.close()

    def _pause(self, source: Source, sample: Sample, failed: int) -> float:
        """Seconds from one poll's start to the next: longer after failures, and never in step with others."""
        if sample.failure is None:
            return source.every
        if sample.failure.kind is FailureKind.UNSUPPORTED:
            return max(source.every, UNSUPPORTED_PAUSE_S)
        longest = max(source.every, LONGEST_BACKOFF_S)
        backoff = min(longest, source.every * 2.0 ** min(failed - 1, 10))
        return backoff * self._random.uniform(0.75, 1.25)

    async def _poll(self, source: Source) -> Sample:
        started = self._clock.monotonic()
        outcome = await self._bounded(source)
        deliver = _nobody if source in self._leaving else self._deliver
        now = self._clock.monotonic()
        sample = Sample(
            source.name, source.target, self._clock.now(), now, now - started, source.every, None, None
        )
        if isinstance(outcome, Failure):
            sample = sample._replace(failure=outcome)
        elif isinstance(outcome, Spread):
            *parts, sample = outcome.samples(sample)
            for part in parts:
                deliver(part)
        else:
            sample = sample._replace(reading=outcome)
        deliver(sample)
        return sample

    async def _bounded(self, source: Source) -> Reading | Spread | Failure:
        """The reading or why there is none; an answer that comes after the limit is dropped."""
        poll = asyncio.ensure_future(source.poll())
        limit = asyncio.ensure_future(self._clock.sleep(source.timeout))
        try:
            await asyncio.wait({poll, limit}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                return Failure(
                    FailureKind.TIMEOUT,
                    "poll",
                    f"no answer within {source.timeout:g} s",
                    "the process may be stopped or overloaded",
                )
            return poll.result()
        except SourceError as error:
            return error.failure
        except Exception as error:  # noqa: BLE001 - one source's defect must not stop the others
            return Failure(
                FailureKind.INTERNAL,
                "poll",
                f"{type(error).__name__}: {visible(str(error))}",
                "this is a defect of the console: please report it",
            )
        finally:
            poll.cancel()
            limit.cancel()


def _nobody(_: Sample) -> None:
    """What a source says that is polled no more: it may be of another process than the one of that name by now."""
