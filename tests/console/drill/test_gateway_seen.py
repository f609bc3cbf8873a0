"""The drill's gateway as the console reads it: its incident, and what somebody turns at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import aiohttp

from console.cli._drill_fleet import drill_fleet
from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.fleet import Fleet, Tls
from console.domain.marker import MarkerKind
from console.domain.snapshot import Snapshot
from console.drill import Drill
from console.drill.scenario import scenario_named
from console.engine.poller import Poller
from console.engine.store import Store
from console.sources.gateway import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock

EVERY_S = 2.0


class Seen:
    """A drill, and the store that its gateway is polled into every two seconds of its clock."""

    def __init__(self, scenario: str) -> None:
        self._clock = HandClock()
        self._drill = Drill(scenario_named(scenario), seed=1, clock=self._clock)
        self._http = Http({}, Tls())
        self.url = ""

    async def begin(self) -> None:
        endpoints = (await self._drill.start()).as_json()
        self.url = endpoints["admin"]
        fleet = drill_fleet(endpoints, Fleet(), "")
        self._store = Store(fleet)
        found = sources(fleet, Kit(self._clock, self._http))
        self._poller = Poller(found, self._clock, Random(0), self._store.take)

    async def end(self) -> None:
        await self._http.close()
        await self._drill.stop()

    async def look(self, seconds: float) -> Snapshot:
        """The picture after that much more of the drill."""
        for _ in range(int(seconds / EVERY_S)):
            await self._clock.advance(EVERY_S)
            await self._poller.once()
            snapshot = self._store.tick(self._clock.now(), self._clock.monotonic())
        return snapshot


@asynccontextmanager
async def seen(scenario: str) -> AsyncIterator[Seen]:
    found = Seen(scenario)
    await found.begin()
    try:
        yield found
    finally:
        await found.end()


def again(row: RouteRow) -> float:
    """Retries for each request."""
    assert row.retries is not None
    assert row.rate is not None
    return row.retries / row.rate if row.rate else 0.0


async def test_retries_rise_when_the_gateway_gives_up_too_soon() -> None:
    async with seen("gateway-retries") as drill:
        before = {row.name: row for row in (await drill.look(30)).routes}
        after = {row.name: row for row in (await drill.look(60)).routes}

    assert set(before) == set(after)
    assert {name for name, row in before.items() if row.edge} == {"clients of gw"}
    routes = [name for name, row in before.items() if not row.edge and row.rate]
    assert "ranker" in routes
    assert max(again(before[name]) for name in routes) < 0.02
    worst = max(routes, key=lambda name: again(after[name]))
    assert again(after[worst]) > 0.2
    assert (after[worst].timeouts or 0) > 0
    assert (before[worst].timeouts, before[worst].basis) == (0.0, Basis.HISTOGRAM)
    assert (after["clients of gw"].p99_ms or 0) > 1.5 * (before["clients of gw"].p99_ms or 0)


async def test_a_quiet_gateway_has_figures_for_every_route_and_nothing_to_remark() -> None:
    async with seen("healthy") as drill:
        snapshot = await drill.look(40)

    assert snapshot.notes == ()
    assert snapshot.markers == ()
    ranker = next(row for row in snapshot.routes if row.name == "ranker")
    assert ranker.models == ("ranker",)
    assert (ranker.retries, ranker.failed, ranker.stale) == (0.0, 0.0, False)
    assert 0 < (ranker.p50_ms or 0) < (ranker.p99_ms or 0) < 50
    assert 0 < (ranker.mean_ms or 0) < 50


async def test_weights_that_somebody_turns_are_marked_with_their_model() -> None:
    async with seen("healthy") as drill:
        await drill.look(6)
        async with aiohttp.ClientSession() as session:
            turn = "routing.ranker.ranker=25&routing.ranker.ranker-standby=75"
            await (await session.post(f"{drill.url}/runtime_modify?{turn}")).read()
        snapshot = await drill.look(14)

    (marker,) = snapshot.markers
    assert (marker.kind, marker.model) == (MarkerKind.WEIGHT, "ranker")
    assert marker.detail == (
        "weight of ranker in route ranker was 100, is 25; "
        "weight of ranker-standby in route ranker was 0, is 75"
    )
    rates = {row.name: row.rate or 0 for row in snapshot.routes}
    assert 2 < rates["ranker-standby"] / rates["ranker"] < 4
