"""Fleets to change between, each with an engine that publishes what a test hands it."""

from console.domain.fleet import Fleet
from console.domain.fleets import FleetError
from tests.parts.knobs import bench
from tests.screens.stage import Stage, StillEngine
from tests.snapshots import snapshot


class KnownFleets:
    """What ``opened`` were watched so far, with their engines; ``broken`` names cannot be opened, ``unmade`` have no engine."""

    def __init__(self, *fleets: Fleet, broken: str = "", unmade: str = "") -> None:
        self.fleets = fleets
        self.broken, self.unmade = broken, unmade
        self.opened: list[tuple[Fleet, StillEngine]] = []

    def listed(self) -> tuple[Fleet, ...]:
        """All of them."""
        return self.fleets

    def read(self, name: str) -> Fleet:
        """The one of that name."""
        if name == self.broken:
            raise FleetError(f"fleets.{name}.headers.key: the environment has no KEY")
        return next(fleet for fleet in self.fleets if fleet.name == name)

    def engine(self, fleet: Fleet) -> StillEngine:
        """A new one."""
        if fleet.name == self.unmade:
            raise OSError(28, "No space left on device")
        engine = StillEngine(bench(snapshot(fleet=fleet)))
        self.opened.append((fleet, engine))
        return engine

    async def watched(self, stage: Stage, number: int) -> tuple[Fleet, StillEngine]:
        """The so many-th fleet that was opened, once it is watched."""
        await stage.wait(lambda: len(self.opened) > number)
        fleet, engine = self.opened[number]
        await stage.wait(engine.running.is_set)
        return fleet, engine
