"""What a live watch saw, and what a real Prometheus that scraped the same servers tells of it afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from statistics import fmean
from typing import NamedTuple

import aiohttp
import pytest

from console import wiring
from console.clock import SystemClock
from console.domain.fleet import Fleet, ModelVersion, Target, Tls
from console.domain.marker import MarkerKind
from console.domain.snapshot import Snapshot
from console.drill import Drill
from console.drill.scenario import scenario_named
from console.engine.feed import feed
from console.engine.poller import Poller
from console.engine.store import Store
from console.ports import Recording
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus_past import PrometheusPast
from console.wiring import open_sources
from tests.parts.backfilled import Backfilled, Scrape
from tests.parts.clock import HandClock
from tests.parts.watch import Watch

WATCHED_S, EVERY_S = 180, 15
# A version is loaded in the middle of it.
SCENARIO = "bad-rollout"


class Seen(NamedTuple):
    """The last picture of the watch, its servers, and what was scraped meanwhile."""

    live: Snapshot
    targets: tuple[Target, ...]
    scrapes: list[Scrape]


@pytest.fixture(scope="module")
def seen() -> Seen:
    return asyncio.run(watch())


async def watch() -> Seen:
    """A scenario watched every second, and scraped now and then, while its clock is driven up to now."""
    clock = HandClock(float(int(time.time()) - WATCHED_S - 2))
    drill = Drill(scenario_named(SCENARIO), clock=clock)
    targets = tuple(Target(name, url, metrics) for name, url, metrics in (await drill.start()).targets)
    fleet, http = Fleet(targets=targets, read_only=True), Http({}, Tls())
    store = Store(fleet)
    poller = Poller(open_sources(fleet, Kit(clock, http)), clock, Random(0), store.take)
    scrapes: list[Scrape] = []
    async with aiohttp.ClientSession() as session:
        for second in range(WATCHED_S):
            await poller.once()
            live = store.tick(clock.now(), clock.monotonic())
            if second % EVERY_S == 4:
                for target in targets:
                    async with session.get(target.metrics) as answer:
                        scrapes.append(Scrape(clock.now(), target.metrics.split("/")[2], await answer.text()))
            await clock.advance(1.0)
    await poller.close()
    await http.close()
    await drill.stop()
    return Seen(live, targets, scrapes)


@pytest.fixture
def prometheus(seen: Seen, tmp_path: Path) -> Iterator[str]:
    with Backfilled(tmp_path, seen.scrapes) as found:
        yield found.url


@pytest.fixture
async def recording(seen: Seen, prometheus: str) -> AsyncIterator[Recording]:
    http = Http({}, Tls())
    fleet = Fleet(targets=seen.targets, prometheus=prometheus)
    found = await PrometheusPast(fleet, Kit(SystemClock(), http)).open(time.time() - 3600)
    assert found is not None
    yield found
    found.close()
    await http.close()


def test_history_is_what_the_watch_saw_within_a_step(seen: Seen, recording: Recording) -> None:
    told = fed(seen, recording)

    assert recording.problems == ()
    rows = {row.key for row in told.models}
    assert rows == {row.key for row in seen.live.models if row.ready}
    for key in rows:
        for column, within in (("rate", 0.25), ("p99_ms", 0.25), ("queue_ms", 0.5), ("infer_ms", 0.1)):
            compare(seen.live, told, key, column, within)


def fed(seen: Seen, recording: Recording) -> Snapshot:
    """The picture after all frames."""
    store = Store(Fleet(targets=seen.targets))
    for frame in recording.frames():
        for entry in frame.inputs:
            feed(store, entry)
        last = store.tick(frame.at, frame.mono)
    return last


def compare(live: Snapshot, told: Snapshot, key: ModelVersion, column: str, within: float) -> None:
    """Each point is what the watch saw in the step before it or in the one before that: scrapes lie in between."""
    saw, said = (picture.history.model(key, column, 3600) for picture in (live, told))
    compared = []
    for at, value in zip(*said, strict=True):
        around = [v for t, v in zip(*saw, strict=True) if at - 2 * EVERY_S < t <= at and v is not None]
        assert value is None or around, f"{column} of {key} is known from nowhere"
        if value is not None:
            compared += [value]
            assert min(around) * (1 - within) <= value <= max(around) * (1 + within), (
                key,
                column,
                at,
                around,
            )
    known = [v for v in saw.values if v is not None]
    assert len(compared) >= (3 if known else 0)
    if known:
        assert fmean(compared) == pytest.approx(fmean(known), rel=within)


def test_the_version_that_came_is_told_about_when_it_came(seen: Seen, recording: Recording) -> None:
    loads = {m.target: m.at for m in seen.live.markers if m.kind is MarkerKind.LOAD}
    assert loads

    told = {m.target: m for m in recording.markers if m.kind is MarkerKind.LOAD}

    assert told.keys() == loads.keys()
    for target, marker in told.items():
        assert (marker.model, marker.version) == ("ranker", "7")
        assert marker.at == pytest.approx(loads[target], abs=EVERY_S)


async def test_a_console_that_opens_afterwards_knows_it_from_its_first_picture_on(
    seen: Seen, prometheus: str, tmp_path: Path
) -> None:
    """Its servers are gone by then: what it shows is what Prometheus remembers."""
    fleet = Fleet(targets=seen.targets, prometheus=prometheus, state=str(tmp_path / "state"), read_only=True)
    engine, watch = wiring.build(fleet, wiring.Keeping(recall=True)), Watch()
    engine.subscribe(watch.take)
    task = asyncio.create_task(engine.run())
    try:
        await watch.until(lambda _: True, 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()

    first = watch.snapshots[0]
    assert first.recalled is not None
    assert first.recalled.source == "Prometheus"
    assert first.recalled.until - first.recalled.since > WATCHED_S - 3 * EVERY_S
    assert [row.up for row in first.targets] == [False] * len(seen.targets)
    rate = first.history.model(ModelVersion("ranker", "7"), "rate", 3600).values
    assert any(rate)
    loads = {m.target for m in first.markers if m.kind is MarkerKind.LOAD}
    assert loads == {target.name for target in seen.targets}
