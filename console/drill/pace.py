"""Time of the drill: the clock's seconds times the speed are the scenario's seconds."""

from collections.abc import Callable

from console.drill.sim.fleet import Fleet
from console.ports import Clock

# Polls closer together than this see the same moment (s of the scenario).
_MOMENT_S = 0.01
_LOOK_S, _NAP_S = 0.005, 0.25


class Pace:
    """Keeps the fleet at the clock's time; the fleet is computed when somebody looks, not in between."""

    def __init__(self, fleet: Fleet, clock: Clock, speed: float) -> None:
        self.fleet = fleet
        self.clock = clock
        self.speed = speed
        self._zero = clock.monotonic()
        self._epoch = clock.now()

    @property
    def second(self) -> float:
        """The scenario's second by the clock."""
        return (self.clock.monotonic() - self._zero) * self.speed

    def wall_ms(self, second: float) -> int:
        """The epoch's milliseconds at a second of the scenario."""
        return int((self._epoch + second / self.speed) * 1000)

    def catch_up(self, *, exactly: bool = False) -> float:
        """Advance the fleet to now and return its second; ``exactly`` also for less than a moment."""
        second = self.second
        if exactly or second - self.fleet.now >= _MOMENT_S:
            self.fleet.advance(second)
        return self.fleet.now

    async def wait(self, done: Callable[[], bool], due: Callable[[], float]) -> None:
        """Return once ``done()`` holds, advancing the fleet meanwhile; ``due()`` is the second for that, if known."""
        while not done():
            left = (due() - self.fleet.now) / self.speed
            await self.clock.sleep(min(_NAP_S, left) if left > 0 else _LOOK_S)
            self.catch_up(exactly=True)
