"""The machine's clock."""

import asyncio
import time


class SystemClock:
    """``console.ports.Clock`` of this machine, on the running loop."""

    def now(self) -> float:
        """Wall time, seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)
