"""A fleet as a real Prometheus tells it: figures, groups, worst servers, what comes and goes, and what was before."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.basis import Basis
from console.domain.fleet import Fleet, ModelVersion, Objective
from console.domain.marker import MarkerKind
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.engine._refill import Refill, refilling
from console.engine.poller import Poller
from console.engine.store import Store
from console.sources.prometheus import PrometheusSource
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus_past import PrometheusPast
from console.transport.promql_client import PromqlClient
from tests.parts.farm import Farm, Load, Server, farm

SLOW = 3
RANKER, OCR = ModelVersion("ranker", "7"), ModelVersion("ocr", "1")
LIMIT_S = 90.0


def loads(number: int) -> list[Load]:
    """Two models, of which ``ocr`` has no percentiles; server 3 is four times as slow."""
    slow = 4.0 if number == SLOW else 1.0
    return [
        Load("ranker", "7", rate=20.0, failing=0.02, ms=10.0 * slow, p99_ms=40.0 * slow),
        Load("ocr", "1", rate=5.0, ms=100.0 * slow, p99_ms=None, slow=None),
    ]


def servers(count: int) -> list[Server]:
    found = farm(count, loads, cluster=lambda n: "eu" if n % 2 else "us", node=lambda n: f"node-{n // 4}")
    for number, server in enumerate(found):
        server.gpus = {f"GPU-{number:04d}": 0.5}
    return found


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("farm"), servers(12)) as found:
        yield found


class Watched:
    """A fleet watched through a Prometheus, a poll whenever it is asked for."""

    def __init__(self, url: str, **fleet: Any) -> None:
        settings = {
            "selector": 'job="triton"',
            "by": ("cluster",),
            "default_objective": Objective(50.0),
            **fleet,
        }
        self.fleet = Fleet(name="prod", prometheus=url, through_prometheus=True, refresh=1.0, **settings)
        self.samples: list[Sample] = []
        self.store = Store(self.fleet)
        clock = SystemClock()
        self._poller = Poller([PrometheusSource(self.fleet, clock)], clock, Random(0), self._take)

    def _take(self, sample: Sample) -> None:
        self.samples.append(sample)
        self.store.take(sample)

    async def look(self) -> Snapshot:
        await self._poller.once()
        return self.store.tick(time.time(), time.monotonic())

    async def until(self, true: Callable[[Snapshot], bool]) -> Snapshot:
        """The first picture of which it is true."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            snapshot = await self.look()
            if true(snapshot):
                return snapshot
            assert time.monotonic() < deadline, (snapshot.prometheus, snapshot.notes)
            await asyncio.sleep(0.3)

    async def close(self) -> None:
        await self._poller.close()


@pytest.fixture
async def watched(prometheus: Farm) -> AsyncIterator[Watched]:
    found = Watched(prometheus.url)
    yield found
    await found.close()


def rate(snapshot: Snapshot, key: ModelVersion) -> float:
    return next((row.rate or 0.0 for row in snapshot.models if row.key == key), 0.0)


async def test_figures_are_those_of_all_servers_together(watched: Watched) -> None:
    """Rates are whole once Prometheus has seen as much as they are taken over."""
    seen = await watched.until(lambda picture: rate(picture, RANKER) > 12 * 20 * 0.99)
    ranker, ocr = sorted(seen.models, key=lambda row: row.key, reverse=True)

    assert (ranker.key, ocr.key) == (RANKER, OCR)
    assert ranker.rate == pytest.approx(240, rel=0.02)
    assert ranker.error_ratio == pytest.approx(0.001, rel=0.02)
    assert ranker.mean_ms == pytest.approx((11 * 10 + 40) / 12, rel=0.02)
    assert ranker.queue_ms == pytest.approx(ranker.mean_ms * 0.2, rel=0.02)
    assert ranker.batch == pytest.approx(2.0, rel=0.02)
    assert ranker.pending == 36
    assert ranker.percentiles is not None
    assert (ranker.percentiles.p99, ranker.percentiles.median_p99) == (160.0, 40.0)
    assert ranker.percentiles.target == f"triton-{SLOW}"
    # Of one in twelve the median is over what is promised: of its requests half are slow, at least.
    assert ranker.slo.burn["5m"] == pytest.approx(0.5 / 12 / 0.01, rel=0.1)
    assert ocr.percentiles is None
    assert ocr.mean_ms == pytest.approx((11 * 100 + 400) / 12, rel=0.02)


async def test_groups_servers_and_the_worst_of_them_are_told(watched: Watched) -> None:
    told = (await watched.until(lambda picture: rate(picture, RANKER) > 0)).prometheus
    assert told is not None

    assert told.flavour.startswith("Prometheus 2.")
    assert (told.scrape_s, told.window_s) == (1.0, 15.0)
    assert [(group.target, group.up, group.known) for group in told.groups] == [("eu", 6, 6), ("us", 6, 6)]
    worst = {each.key: each for each in reversed(told.worst)}
    assert worst[RANKER].labels["pod"] == worst[OCR].labels["pod"] == f"triton-{SLOW}"
    assert (worst[RANKER].basis, worst[RANKER].value_ms, worst[RANKER].median_ms) == (
        Basis.SUMMARY,
        160.0,
        40.0,
    )
    assert worst[OCR].basis is Basis.MEAN
    assert worst[OCR].value_ms == pytest.approx(400, rel=0.02)
    assert worst[OCR].median_ms == pytest.approx(100, rel=0.02)
    assert len(told.worst) == 6
    assert told.notes == ()


async def test_the_servers_gpus_are_known_with_their_places(watched: Watched) -> None:
    seen = await watched.until(lambda picture: len(picture.gpus) == 12)
    gpu = next(row.gpu for row in seen.gpus if row.gpu.uuid == "GPU-0005")

    assert (gpu.utilization, gpu.memory_free_bytes, gpu.node, gpu.pod) == (0.5, 12e9, "node-1", "triton-5")


async def test_one_target_and_many_cost_the_same_number_of_queries(
    prometheus: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    query = PromqlClient.query

    async def counting(self: PromqlClient, text: str, *more: Any, **named: Any) -> Any:
        asked.append(text)
        return await query(self, text, *more, **named)

    monkeypatch.setattr(PromqlClient, "query", counting)

    async def cost(url: str) -> int:
        found = Watched(url)
        await found.look()
        asked.clear()
        told = (await found.look()).prometheus
        await found.close()
        assert told is not None
        assert len(told.asked) == len(asked)
        return len(asked)

    with Farm(tmp_path, servers(1)) as alone:
        assert await cost(alone.url) == await cost(prometheus.url) == 11


async def test_servers_that_stop_answering_are_counted_and_a_group_without_any_is_down(
    tmp_path: Path,
) -> None:
    with Farm(tmp_path, servers(4)) as prometheus:
        watched = Watched(prometheus.url)
        await watched.until(lambda picture: rate(picture, RANKER) > 0)
        prometheus.servers[0].up = False
        one = await watched.until(
            lambda picture: picture.prometheus is not None and picture.prometheus.groups[1].up == 1
        )
        up_then = one.up
        prometheus.servers[2].up = False
        none = await watched.until(lambda picture: picture.up == 1)
        prometheus.servers[2].up = True
        again = await watched.until(lambda picture: picture.up == 2)
        await watched.close()

    assert up_then == 2
    us = next(row for row in none.targets if row.name == "us")
    assert us.error == "metrics: none of its 2 servers answers when it is scraped"
    kinds = [marker.kind for marker in again.markers if marker.target == "us" and not marker.model]
    assert [kind for kind in kinds if kind is not MarkerKind.ALERT] == [MarkerKind.DOWN, MarkerKind.UP]


async def test_a_version_that_comes_and_servers_that_go_are_told(tmp_path: Path) -> None:
    with Farm(tmp_path, servers(4)) as prometheus:
        watched = Watched(prometheus.url)
        await watched.until(lambda picture: rate(picture, RANKER) > 0)
        prometheus.servers[1].loads = [*loads(1), Load("ranker", "8", rate=3.0)]
        came = await watched.until(lambda picture: len(picture.models) == 3)
        prometheus.servers = prometheus.servers[:3]
        prometheus.discover()
        gone = await watched.until(lambda picture: any("found no more" in note for note in picture.notes))
        await watched.close()

    (load,) = [marker for marker in came.markers if marker.kind is MarkerKind.LOAD]
    assert (load.model, load.version, load.target) == ("ranker", "8", "eu")
    assert gone.prometheus is not None
    assert [(group.up, group.known) for group in gone.prometheus.groups] == [(1, 1), (2, 2)]
    assert "prometheus: 1 server is found no more" in " ".join(gone.notes)


async def test_a_query_that_fails_leaves_the_rest_and_is_named(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = PromqlClient.query

    async def failing(self: PromqlClient, text: str, *more: Any, **named: Any) -> Any:
        return await query(self, "nonsense(" if "topk" in text or "queue" in text else text, *more, **named)

    monkeypatch.setattr(PromqlClient, "query", failing)
    seen = await watched.until(lambda picture: rate(picture, RANKER) > 0)
    ranker = next(row for row in seen.models if row.key == RANKER)

    assert ranker.mean_ms is None
    assert ranker.percentiles is not None
    assert any(
        note.startswith("prometheus does not tell durations: Prometheus refuses") for note in seen.notes
    )
    assert seen.prometheus is not None
    assert sum(bool(asking.problem) for asking in seen.prometheus.asked) == 5


async def test_a_prometheus_that_is_gone_makes_figures_old_and_not_zero(tmp_path: Path) -> None:
    with Farm(tmp_path, servers(2)) as prometheus:
        watched = Watched(prometheus.url)
        await watched.until(lambda picture: rate(picture, RANKER) > 0)
    gone = await watched.look()
    later = watched.store.tick(time.time() + 60, time.monotonic() + 60)
    await watched.close()

    assert any("prometheus: connection refused" in note for note in gone.notes)
    assert all(row.stale and row.rate is None for row in later.models)
    assert later.up == 0


async def remembered(prometheus: Farm, seconds: int) -> None:
    """Wait until it has scraped its servers for so long."""
    async with asyncio.timeout(4 * seconds):
        while not prometheus.query(f"count_over_time(nv_inference_request_success[5m]) > {seconds}"):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.5)


async def test_what_a_prometheus_remembers_fills_the_charts(prometheus: Farm) -> None:
    await remembered(prometheus, 50)
    fleet, http = Watched(prometheus.url).fleet, Http({}, replace(Fleet()).tls)
    now, mono = time.time(), time.monotonic()
    past = await PrometheusPast(fleet, Kit(SystemClock(), http)).open(now - 600)
    assert past is not None
    store = Store(fleet)
    for _ in refilling(Refill(store, fleet, (now, mono)), past, now - 600, now):
        pass
    points = store.model(RANKER, "rate", 600)
    await http.close()

    known = [value for value in points.values if value is not None]
    assert known
    assert known[-1] == pytest.approx(240, rel=0.1)
    assert past.problems == []
    assert not any(marker.kind is MarkerKind.RESTART for marker in store.tick(now, mono).markers)


async def test_nothing_that_fits_is_said_and_is_no_zero(prometheus: Farm) -> None:
    watched = Watched(prometheus.url, selector='job="nobody"')
    seen = await watched.look()
    await watched.close()

    assert (seen.targets, seen.models) == ((), ())
    assert seen.prometheus is not None
    assert watched.store.roll.complete
