"""A drill whose servers are found as pods: they come, go, and are replaced while it is watched."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

from console.domain.fleet import Discovery, Fleet, Target
from console.domain.prospect import DISCOVERY, TargetsReading
from console.domain.sample import Sample
from console.engine.following import Following
from console.ports import Source
from console.transport.kit import Kit
from console.wiring import OpenCrew, open_sources
from tests.parts.taped import Taped

Pods = Callable[[float, Sequence[Target]], Sequence[Target]]


class Looking:
    """A look that finds what ``pods`` says of the seconds since it began."""

    name, target, every, timeout = DISCOVERY, None, 5.0, 2.0

    def __init__(self, pods: Pods, servers: Sequence[Target], kit: Kit) -> None:
        self._pods = pods
        self._servers = servers
        self._clock = kit.clock
        self._began = kit.clock.monotonic()

    async def poll(self) -> TargetsReading:
        """The pods of now."""
        found = self._pods(self._clock.monotonic() - self._began, self._servers)
        return TargetsReading(tuple(found), ("1 pod pending: Insufficient nvidia.com/gpu",))

    async def close(self) -> None:
        pass


class Unfolding(Taped):
    """A rehearsal of a fleet that has no targets but those it finds."""

    def __init__(self, scenario: str, pods: Pods) -> None:
        super().__init__(scenario, unprobed=True)
        self._pods = pods
        self._following: Following | None = None

    def watched(self, fleet: Fleet) -> Fleet:
        """Without its targets."""
        self.servers = fleet.targets
        return replace(fleet, targets=(), probes=(), discovery=Discovery(kubernetes="app=triton"))

    def opened(self, kit: Kit) -> list[Source]:
        """The fleet's sources, with a look of the test's own."""
        self._crew = OpenCrew(self.fleet, kit)
        kept = [source for source in open_sources(self.fleet, kit) if source.name != DISCOVERY]
        return [*kept, Looking(self._pods, self.servers, kit)]

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._following = Following(self.fleet, self._poller, self._clock)
        self._following.crew = self._crew
        return self

    def _take(self, sample: Sample) -> None:
        super()._take(sample)
        if self._following is not None:
            self._following.take(sample, self._store.roll.fleet.targets)
