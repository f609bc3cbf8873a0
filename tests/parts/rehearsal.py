"""A drill watched by the console's own sources and store, on one clock that is driven by hand."""

import asyncio
from dataclasses import replace
from random import Random
from typing import Self

from console.cli._drill_fleet import drill_fleet
from console.domain.fleet import Fleet
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.drill import Drill, Scenario
from console.drill.scenario import scenario_named
from console.engine.poller import Poller
from console.engine.store import Store
from console.ports import Source
from console.transport.http import Http
from console.transport.kit import Kit
from console.wiring import open_sources
from tests.parts.clock import HandClock


class Rehearsal:
    """Plays a scenario and looks at it every ``refresh`` seconds from second 0 on, or from ``since`` on.

    ``load`` multiplies all traffic. ``bare`` knows the targets alone: no gateway, no exporter, no objectives, no probes.
    """

    def __init__(
        self,
        scenario: str | Scenario,
        seed: int = 0,
        load: float = 1.0,
        refresh: float = 1.0,
        *,
        bare: bool = False,
    ) -> None:
        self._clock = HandClock()
        played = scenario if isinstance(scenario, Scenario) else scenario_named(scenario)
        self._drill = Drill(busy(played, load), seed=seed, clock=self._clock)
        self._refresh = refresh
        self._bare = bare

    async def __aenter__(self) -> Self:
        endpoints = (await self._drill.start()).as_json()
        base = Fleet(refresh=self._refresh)
        fleet = drill_fleet(endpoints, base, "")
        if self._bare:
            fleet = replace(base, targets=fleet.targets)
        self.fleet = fleet = self.watched(fleet)
        self._http = Http(fleet.headers, fleet.tls)
        self._store = Store(fleet)
        sources = self.opened(Kit(self._clock, self._http))
        sources = [source for source in sources if not source.name.startswith("deploy")]
        probes = [source for source in sources if source.name.startswith("probe")]
        others = [source for source in sources if source not in probes]
        self._poller = Poller(others, self._clock, Random(0), self._take)
        # A probe takes the drill's own time to answer: nobody waits for it here.
        self._probing = asyncio.create_task(Poller(probes, self._clock, Random(0), self._take).run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._probing.cancel()
        await self._poller.close()
        await self._http.close()
        await self._drill.stop()

    def watched(self, fleet: Fleet) -> Fleet:
        """The fleet that is watched, of the drill's own."""
        return fleet

    def opened(self, kit: Kit) -> list[Source]:
        """What it is watched with."""
        return open_sources(self.fleet, kit)

    async def skip(self, seconds: float) -> None:
        """Let that much happen unwatched."""
        await self._clock.advance(seconds)

    async def watch(self, seconds: float) -> Snapshot:
        """Look on for so long; returns the last picture."""
        until = self._clock.monotonic() + seconds
        while True:
            await self._poller.once()
            snapshot = self._picture()
            if self._clock.monotonic() >= until:
                return snapshot
            await self._clock.advance(self._refresh)

    def _take(self, sample: Sample) -> None:
        self._store.take(sample)

    def _picture(self) -> Snapshot:
        return self._store.tick(self._clock.now(), self._clock.monotonic())


def busy(scenario: Scenario, load: float) -> Scenario:
    """The scenario under so many times its traffic."""
    models = {name: replace(model, rate=model.rate * load) for name, model in scenario.fleet.models.items()}
    return replace(scenario, fleet=replace(scenario.fleet, models=models))
