"""Polls every source at its own pace: one poll in flight each, time limits, backoff with jitter."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.sample import Reading, Sample, Spread
from console.domain.text import visible
from console.ports import Clock, Source

LONGEST_BACKOFF_S = 10.0
UNSUPPORTED_PAUSE_S = 60.0


class Poller:
    """Runs the sources and hands each sample to ``deliver``, on the loop it runs on."""

    def __init__(
        self, sources: Sequence[Source], clock: Clock, random: Random, deliver: Callable[[Sample], None]
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._random = random
        self._deliver = deliver

    @property
    def names(self) -> frozenset[str]:
        """What is polled."""
        return frozenset(source.name for source in self._sources)

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._keep_polling(source), name=source.name)

    async def once(self) -> None:
        """Poll every source once, all at the same time."""
        await asyncio.gather(*(self._poll(source) for source in self._sources))

    async def close(self) -> None:
        """Close the sources."""
        for source in self._sources:
            await source.close()

    async def _keep_polling(self, source: Source) -> None:
        failed = 0
        while True:
            started = self._clock.monotonic()
            sample = await self._poll(source)
            failed = failed + 1 if sample.failure else 0
            due = started + self._pause(source, sample, failed)
            await self._clock.sleep(max(0.0, due - self._clock.monotonic()))

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
        now = self._clock.monotonic()
        sample = Sample(
            source.name, source.target, self._clock.now(), now, now - started, source.every, None, None
        )
        if isinstance(outcome, Failure):
            sample = sample._replace(failure=outcome)
        elif isinstance(outcome, Spread):
            *parts, sample = outcome.samples(sample)
            for part in parts:
                self._deliver(part)
        else:
            sample = sample._replace(reading=outcome)
        self._deliver(sample)
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
