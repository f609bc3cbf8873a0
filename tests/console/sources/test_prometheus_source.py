"""The source on a Prometheus that a test makes up: what a refresh makes of its answers, whole, partial, failed and late."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet, ModelVersion
from console.domain.marker import MarkerKind
from console.domain.prospect import PrometheusReading, TargetsReading
from console.domain.sample import Part, Sample, Spread
from console.domain.triton import TritonReading
from console.engine.poller import Poller
from console.engine.store import Store
from console.sources.prometheus import PrometheusSource, sources
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.promql_client import PromqlClient, Row, Rows
from tests.parts.clock import HandClock

FLEET = Fleet(
    "prod", prometheus="http://prom:9090", through_prometheus=True, selector='job="triton"', refresh=5.0
)
RANKER, OCR = ModelVersion("ranker", "7"), ModelVersion("ocr", "1")
Answer = Callable[[str], Rows | None]


class World:
    """A Prometheus whose clock is ``ahead`` seconds ahead of the console's, scraped at its every second."""

    def __init__(self, clock: HandClock, ahead: float = 0.0) -> None:
        self.clock = clock
        self.ahead = ahead
        self.rates: Mapping[ModelVersion, float] = {RANKER: 100.0}
        self.warnings: tuple[str, ...] = ()
        self.up = (2, 2)
        self.failing: tuple[str, ...] = ()
        self.asked: list[tuple[str, float | None]] = []
        self.slow_s = 0.0

    async def query(self, text: str, at: float | None = None, seconds: float | None = None) -> Rows:
        del seconds
        self.asked.append((text, at))
        await self.clock.advance(self.slow_s)
        if any(part in text for part in self.failing):
            raise SourceError(Failure(FailureKind.TIMEOUT, "prometheus", "prometheus: no answer", "wait"))
        return Rows([*self._rows(text)], self.warnings if at is not None else ())

    def _rows(self, text: str) -> list[Row]:
        now = self.clock.now() + self.ahead
        if text == "vector(time())":
            return [self._row(now)]
        if text.startswith("quantile(0.5, (timestamp(up"):
            return [self._row(15.1)]
        if '"figure", "up"' in text:
            counts = {"up": self.up[0], "of": self.up[1]}
            served = (
                {"now": self.up[0], "seen": self.up[1], "newest": now - 3, "oldest": now - 9}
                if self.up[0]
                else {}
            )
            return [self._row(value, figure=figure) for figure, value in {**counts, **served}.items()]
        if '"figure", "success"' in text and self.up[0]:
            return [
                self._row(rate, figure="success", model=key.model, version=key.version)
                for key, rate in self.rates.items()
            ]
        return []

    def _row(self, value: float, **labels: str) -> Row:
        return Row(labels, (self.clock.now() + self.ahead, repr(value)))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_700_000_000.0)


@pytest.fixture
def world(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> World:
    found = World(clock)

    async def query(_: PromqlClient, *given: Any, **named: Any) -> Rows:
        return await found.query(*given, **named)

    async def build(_: PromqlClient) -> Mapping[str, str]:
        return {"version": "2.53.0", "revision": "x"}

    monkeypatch.setattr(PromqlClient, "query", query)
    monkeypatch.setattr(PromqlClient, "build", build)
    return found


def of(spread: Spread, target: str = "prod") -> list[Part]:
    return [part for part in spread.parts if part.target == target]


def told(spread: Spread) -> PrometheusReading:
    assert isinstance(spread.reading, PrometheusReading)
    return spread.reading


async def looked(source: PrometheusSource, clock: HandClock, seconds: float = 5.0) -> Spread:
    await clock.advance(seconds)
    return await source.poll()


async def test_a_fleet_without_groups_is_one_group_of_its_name(world: World, clock: HandClock) -> None:
    spread = await PrometheusSource(FLEET, clock).poll()
    (targets,) = [part.reading for part in spread.parts if isinstance(part.reading, TargetsReading)]

    assert [(target.name, target.url, target.scraped) for target in targets.targets] == [
        ("prod", "http://prom:9090", True)
    ]
    assert told(spread).groups[0]._replace(labels={}) == ("prod", {}, 2, 2, 9.0)
    assert (told(spread).flavour, told(spread).scrape_s, told(spread).window_s) == (
        "Prometheus 2.53.0",
        15.0,
        60.0,
    )
    assert world.asked


@pytest.mark.parametrize("ahead", [0.0, 40.0, -3600.0])
async def test_every_query_is_about_one_moment_of_prometheuss_own_and_data_are_as_old_as_their_scrape(
    world: World, clock: HandClock, ahead: float
) -> None:
    world.ahead = ahead
    source = PrometheusSource(FLEET, clock)
    spread = await source.poll()

    (moment,) = {at for _, at in world.asked if at is not None}
    assert moment == pytest.approx(clock.now() + ahead)
    assert [part.mono for part in of(spread)] == [
        pytest.approx(clock.monotonic() - 63), pytest.approx(clock.monotonic() - 3)
    ]  # fmt: skip
    assert {part.every for part in of(spread)} == {15.0}


async def test_no_newer_scrape_is_no_news(world: World, clock: HandClock) -> None:
    source = PrometheusSource(FLEET, clock)
    await source.poll()

    assert of(await source.poll()) == []
    assert len(of(await looked(source, clock))) == 1
    assert world.asked


async def test_after_a_machine_has_slept_its_clock_is_learned_anew(world: World, clock: HandClock) -> None:
    source = PrometheusSource(FLEET, clock)
    await source.poll()
    await looked(source, clock, 20.0)
    learned = [text for text, _ in world.asked].count("vector(time())")
    await looked(source, clock)
    assert [text for text, _ in world.asked].count("vector(time())") == learned

    clock.step(600.0)
    world.asked.clear()
    spread = await looked(source, clock)

    assert world.asked[0][0] == "vector(time())"
    assert told(spread).at == pytest.approx(clock.now())


async def test_a_query_that_fails_is_named_and_the_rest_stands(world: World, clock: HandClock) -> None:
    world.failing = ("topk by (model, version)", "nv_cpu")
    spread = await PrometheusSource(FLEET, clock).poll()

    problems = [asking.purpose for asking in told(spread).asked if asking.problem]
    assert problems == ["the worst servers of each version", "their requests", "hosts and GPUs"]
    assert (
        told(spread).notes[0]
        == "prometheus does not tell the worst servers of each version: no answer (wait)"
    )
    assert len(of(spread)) == 2


@pytest.mark.parametrize("needed", ['"figure", "up"', '"figure", "success"', "vector(time())"])
async def test_without_scrapes_or_requests_there_is_nothing_to_say(
    world: World, clock: HandClock, needed: str
) -> None:
    world.failing = (needed,)

    with pytest.raises(SourceError, match="no answer"):
        await PrometheusSource(FLEET, clock).poll()


async def test_an_answer_that_is_not_whole_unloads_nothing(world: World, clock: HandClock) -> None:
    world.rates = {RANKER: 100.0, OCR: 1.0}
    store, source = Store(FLEET), PrometheusSource(FLEET, clock)
    poller = Poller([source], clock, Random(0), store.take)
    await poller.once()
    store.tick(clock.now(), clock.monotonic())
    world.rates, world.warnings = {RANKER: 100.0}, ("store eu-2 is down",)
    await clock.advance(5)
    await poller.once()
    partial = store.tick(clock.now(), clock.monotonic())
    world.warnings = ()
    await clock.advance(5)
    await poller.once()
    whole = store.tick(clock.now(), clock.monotonic())

    assert {row.key for row in partial.models} == {RANKER, OCR}
    assert partial.markers == ()
    assert "prometheus warns: store eu-2 is down" in partial.notes
    assert [(marker.kind, marker.model, marker.target) for marker in whole.markers] == [
        (MarkerKind.UNLOAD, "ocr", "prod")
    ]


async def test_a_version_that_comes_is_told_when_its_figures_begin(world: World, clock: HandClock) -> None:
    store = Store(FLEET)
    poller = Poller([PrometheusSource(FLEET, clock)], clock, Random(0), store.take)
    await poller.once()
    world.rates = {RANKER: 100.0, OCR: 1.0}
    await clock.advance(5)
    await poller.once()

    (marker,) = store.tick(clock.now(), clock.monotonic()).markers
    assert (marker.kind, marker.model, marker.version) == (MarkerKind.LOAD, "ocr", "1")
    assert marker.at == pytest.approx(clock.now() - 3)


async def test_a_group_of_which_nobody_answers_is_down_and_its_versions_are_not_unloaded(
    world: World, clock: HandClock
) -> None:
    source = PrometheusSource(FLEET, clock)
    await source.poll()
    world.up = (0, 2)
    (part,) = of(await looked(source, clock))

    assert isinstance(part.reading, Failure)
    assert part.reading.message == "metrics: none of its 2 servers answers when it is scraped"


async def test_servers_without_a_model_are_up(world: World, clock: HandClock) -> None:
    source = PrometheusSource(FLEET, clock)
    world.rates = {}
    (*_, part) = of(await source.poll())

    assert isinstance(part.reading, TritonReading)
    assert part.reading.live


async def test_a_prometheus_that_takes_long_is_asked_less_often(world: World, clock: HandClock) -> None:
    source = PrometheusSource(FLEET, clock)
    await source.poll()
    assert source.every == FLEET.refresh

    world.slow_s = 1.0
    await looked(source, clock)

    # Eleven queries, four at a time, each of a second: three seconds, a quarter of which is this much.
    assert source.every == pytest.approx(12.0)
    assert world.asked


async def test_samples_are_of_the_moment_they_tell_of(world: World, clock: HandClock) -> None:
    taken: list[Sample] = []
    poller = Poller([PrometheusSource(FLEET, clock)], clock, Random(0), taken.append)
    await poller.once()

    newest = [sample for sample in taken if sample.target == "prod"][-1]
    assert newest.at == pytest.approx(clock.now() - 3)
    assert isinstance(newest.reading, TritonReading)
    assert newest.reading.counters_at == newest.mono
    assert taken[0].source == "prometheus:groups"
    assert taken[-1].source == "prometheus"
    assert world.asked


def test_fleets_with_targets_are_not_seen_through_their_prometheus(clock: HandClock) -> None:
    kit = Kit(clock, Http({}, Fleet().tls))

    assert sources(Fleet(prometheus="http://prom:9090"), kit) == []
    assert [source.name for source in sources(FLEET, kit)] == ["prometheus"]
