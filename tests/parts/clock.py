"""Time that stands still until a test moves it."""

import asyncio
import heapq
from itertools import count

# How many turns of the loop a woken task gets to finish what it does without I/O.
_TURNS = 30


class HandClock:
    """``console.ports.Clock`` driven by hand: ``await clock.advance(seconds)`` wakes sleepers in order of time."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._wall = now
        self._elapsed = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Wall time in seconds since the epoch."""
        return self._wall + self._elapsed

    def monotonic(self) -> float:
        """Seconds that were advanced."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was advanced by that much."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an operator or NTP does; monotonic time stays."""
        self._wall += seconds

    async def advance(self, seconds: float) -> None:
        """Move on, stopping at each sleeper's time to let it and the tasks behind it run."""
        goal = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= goal:
            at, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, at)
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._elapsed = goal
        await settle()


async def settle() -> None:
    """Let every task that can run without I/O do so."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class LeapingClock(HandClock):
    """A clock that nobody has to move: whoever sleeps has slept, and the time is then so much later."""

    async def sleep(self, seconds: float) -> None:
        """Return at once, that much later."""
        self._elapsed += max(seconds, 0.0)
        await asyncio.sleep(0)
