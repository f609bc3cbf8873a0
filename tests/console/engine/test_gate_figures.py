"""A gate's figures, from a store that was fed by hand."""

import pytest

from console.domain.basis import Basis, Missing
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.gate import Side
from console.domain.gate_figures import Figures, figures, percentile
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State
from tests.console.engine.watched import Values, Watched

OLD, NEW = ModelVersion("ranker", "6"), ModelVersion("ranker", "7")
INDEX = tuple(IndexEntry(key.model, key.version, State.READY) for key in (OLD, NEW))


def counted(n: float, queue_ms: float = 2.0, **more: float) -> Values:
    fields = {F.SUCCESS: n, F.REQUEST_MS: 10 * n, F.QUEUE_MS: queue_ms * n, F.INFERENCES: n, F.EXECUTIONS: n}
    return {**fields, **{F[name]: value for name, value in more.items()}}


def seen(watched: Watched, *polls: tuple[Values, Values], name: str = "a") -> Snapshot:
    for old, new in polls:
        watched.poll(name, {OLD: old, NEW: new}, index=INDEX)
        picture = watched.tick()
    return picture


def of(picture: Snapshot, side: Side, seconds: float | None = None) -> Figures:
    return figures(picture, "ranker", side, picture.elapsed_s if seconds is None else seconds)


def test_every_request_since_the_first_look_is_counted_once():
    watched = Watched("a")
    picture = seen(watched, *((counted(50 + 10 * i), counted(20 * i)) for i in range(5)))
    assert of(picture, Side("6", ("a",))).requests == pytest.approx(40)
    assert of(picture, Side("7", ("a",))).requests == pytest.approx(80)
    assert of(picture, Side("7", ("a",)), 2.0).requests == pytest.approx(40)


def test_a_burst_within_one_poll_is_counted_whole():
    watched = Watched("a")
    picture = seen(watched, (counted(0), counted(0)), (counted(0), counted(500)), (counted(0), counted(500)))
    assert of(picture, Side("7", ("a",))).requests == pytest.approx(500)
    assert of(picture, Side("6", ("a",))).requests == 0


def test_means_are_weighted_by_the_requests_they_are_of():
    watched = Watched("a")
    first = {**counted(0), F.QUEUE_MS: 0.0}
    second = {**counted(10), F.QUEUE_MS: 10.0}
    third = {**counted(100), F.QUEUE_MS: 910.0}
    picture = seen(watched, *((each, each) for each in (first, second, third)))
    assert of(picture, Side("6", ("a",))).queue_ms == pytest.approx(9.1, rel=1e-4)


def test_failures_that_count_are_those_that_count_elsewhere():
    watched = Watched("a")
    picture = seen(
        watched,
        (counted(0, FAIL_BACKEND=0.0, FAIL_CANCELED=0.0), counted(0)),
        (counted(90, FAIL_BACKEND=6.0, FAIL_CANCELED=4.0), counted(0)),
    )
    found = of(picture, Side("6", ("a",)))
    assert (found.requests, found.failed) == (pytest.approx(100), pytest.approx(6))


def test_one_target_of_several_is_counted_alone():
    watched = Watched("a", "b")
    for n in range(4):
        watched.poll("a", {OLD: counted(10 * n)}, index=INDEX)
        watched.poll("b", {OLD: counted(100 * n)}, index=INDEX)
        picture = watched.tick()
    assert of(picture, Side("6", ("b",), whole=False)).requests == pytest.approx(300)
    assert of(picture, Side("6", ("a", "b"))).requests == pytest.approx(330)


def test_the_median_target_stands_for_several_and_the_worst_is_named():
    watched = Watched("a", "b", "c")
    for n in range(3):
        for name, p99 in (("a", 20.0), ("b", 30.0), ("c", 900.0)):
            watched.poll(name, {OLD: counted(100 * n, SUMMARY_COUNT=9.0, P95=p99 / 2, P99=p99)}, index=INDEX)
        picture = watched.tick()
    found = of(picture, Side("6", ("a", "b", "c"))).latencies[Basis.SUMMARY]
    assert (found.p95, found.p99, found.worst, found.n) == (15.0, 30.0, ("c", 900.0), 600)


def test_without_traffic_nothing_is_claimed():
    watched = Watched("a")
    picture = seen(watched, (counted(5), counted(0)), (counted(5), counted(0)))
    idle = of(picture, Side("6", ("a",)))
    assert (idle.requests, idle.queue_ms, idle.mean_ms, dict(idle.latencies)) == (0, None, None, {})
    assert idle.latency_missing is Missing.UNSUPPORTED
    gone = of(picture, Side("9", ("a",)))
    assert (gone.requests, gone.failed, gone.traffic) == (None, None, 0)


def test_a_percentile_is_the_nearest_rank():
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, q) for q in (0.5, 0.95, 0.99)] == [50.0, 95.0, 99.0]
    assert percentile([7.0], 0.99) == 7.0
