"""The shapes that the engine depends on; adapters and the system clock fill them in."""

from typing import Protocol

from console.domain.sample import Reading


class Clock(Protocol):
    """Time as the engine sees it: the system's in wiring, a hand-driven one in tests."""

    def now(self) -> float:
        """Wall time in seconds since the epoch, UTC; it may step."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; for differences only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of this clock."""
        ...


class Source(Protocol):
    """One thing that is polled.

    ``name`` is unique in the fleet. ``target`` names the server it belongs to, or is
    None. ``every`` and ``timeout`` are seconds.
    """

    name: str
    target: str | None
    every: float
    timeout: float

    async def poll(self) -> Reading:
        """One reading; raises SourceError when nothing usable came back."""
        ...

    async def close(self) -> None:
        """Release connections; the source is not polled again."""
        ...
