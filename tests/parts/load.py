"""A load generator that knows what it sent: the truth that figures of the console are compared with."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.parts.models import request


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests for one model: ``rate`` a second whatever the answers take, or without it ``clients`` in a closed loop."""

    model: str
    rate: float | None = None
    clients: int = 1
    values: tuple[float, ...] = (1.0,)
    batched: bool = False
    version: str | None = None

    @property
    def path(self) -> str:
        """Where the requests go."""
        version = f"/versions/{self.version}" if self.version else ""
        return f"/v2/models/{self.model}{version}/infer"


@dataclass(slots=True)
class Tally:
    """What happened to one stream; times are seconds of the loop's clock, latencies ms as the client saw them."""

    started: float
    sent: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> int:
        """Requests answered with 200."""
        return len(self.latencies_ms)

    @property
    def failed(self) -> int:
        """Requests that ended in any other way."""
        return len(self.failures)

    @property
    def mean_ms(self) -> float:
        """Mean latency of the good answers."""
        return statistics.fmean(self.latencies_ms)

    def quantile_ms(self, quantile: float) -> float:
        """A quantile of the good answers' latencies, by nearest rank."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(int(quantile * len(ordered)), len(ordered) - 1)]

    def rate(self) -> float:
        """Requests sent per second, from the first to the last one."""
        return (len(self.sent) - 1) / (self.sent[-1] - self.sent[0])


@asynccontextmanager
async def under_load(url: str, *streams: Stream) -> AsyncIterator[Sequence[Tally]]:
    """Send the streams to a server while the block runs; their tallies, in order, grow meanwhile and stay after."""
    loop = asyncio.get_running_loop()
    tallies = [Tally(loop.time()) for _ in streams]
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout) as session:
        drivers = [
            asyncio.create_task(_drive(session, stream, tally))
            for stream, tally in zip(streams, tallies, strict=True)
        ]
        try:
            yield tallies
        finally:
            for driver in drivers:
                driver.cancel()
            await asyncio.gather(*drivers, return_exceptions=True)


async def send(url: str, stream: Stream, times: int = 1) -> None:
    """Send that many requests one after another, whatever comes of them."""
    tally = Tally(0.0)
    async with aiohttp.ClientSession(url) as session:
        for _ in range(times):
            await _send(session, stream, tally)


async def _drive(session: aiohttp.ClientSession, stream: Stream, tally: Tally) -> None:
    async with asyncio.TaskGroup() as group:
        if stream.rate is None:
            for _ in range(stream.clients):
                group.create_task(_closed(session, stream, tally))
            return
        for tick in range(10**9):
            await _until(tally.started + tick / stream.rate)
            group.create_task(_send(session, stream, tally))


async def _closed(session: aiohttp.ClientSession, stream: Stream, tally: Tally) -> None:
    while True:
        if not await _send(session, stream, tally):
            await asyncio.sleep(0.01)


async def _until(at: float) -> None:
    await asyncio.sleep(at - asyncio.get_running_loop().time())


async def _send(session: aiohttp.ClientSession, stream: Stream, tally: Tally) -> bool:
    clock = asyncio.get_running_loop().time
    begun = clock()
    tally.sent.append(begun)
    try:
        async with session.post(
            stream.path, json=request(*stream.values, batched=stream.batched)
        ) as response:
            text = await response.text()
            if response.status == 200:
                tally.latencies_ms.append((clock() - begun) * 1e3)
                return True
            tally.failures.append(f"{response.status} {text}")
    except (aiohttp.ClientError, TimeoutError) as error:
        tally.failures.append(repr(error))
    return False
