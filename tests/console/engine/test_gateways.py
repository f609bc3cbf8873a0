"""What a user would see of gateways after given looks at their counters."""

from math import inf

import pytest

from console.domain.around import GatewayReading, RouteCounters, RouteRow
from console.domain.basis import Basis
from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker, MarkerKind
from console.domain.snapshot import Snapshot
from console.domain.triton import Histogram
from console.engine import _gateways
from tests.console.engine.watched import AT, Watched

BOUNDS = (10.0, 100.0, inf)
REFUSED = Failure(FailureKind.REFUSED, "gateway", "gateway: connection refused", "is it started?")
MODELS = {"ranker": ("ranker",), "any": ("ranker*",), "v2": ("ranker",)}


def look(watched: Watched, *routes: RouteCounters, **more: object) -> Snapshot:
    """One look at the gateway and the picture after it; a second passes."""
    reading = GatewayReading("envoy", routes, models=MODELS, query="GET http://gw/stats", **more)  # type: ignore[arg-type]
    watched._take("gateway", None, reading, None)
    return watched.tick()


def ranker(tries: float, **more: object) -> RouteCounters:
    return RouteCounters("ranker", tries=tries, **more)  # type: ignore[arg-type]


def timed(fast: float, slow: float, total_ms: float | None = None) -> RouteCounters:
    """That many requests under 10 ms and between 10 and 100 ms."""
    counts = Histogram(BOUNDS, (fast, fast + slow, fast + slow))
    return ranker(fast + slow, histogram=counts, total_ms=total_ms)


def the(snapshot: Snapshot, name: str = "ranker") -> RouteRow:
    return next(row for row in snapshot.routes if row.name == name)


def told(snapshot: Snapshot, kind: MarkerKind) -> list[Marker]:
    return [marker for marker in snapshot.markers if marker.kind is kind]


def test_one_look_says_no_rate_and_two_do() -> None:
    watched = Watched()
    first = the(look(watched, ranker(100)))
    second = the(look(watched, ranker(150, retries=0)))

    assert (first.rate, first.age_s) == (None, 0.0)
    assert second.rate == 50.0


def test_clients_asked_for_the_tries_without_the_retries() -> None:
    watched = Watched()
    look(watched, ranker(0, retries=0, timeouts=0, failed=0, connect_failures=0, rejected=0))
    found = the(look(watched, ranker(80, retries=30, timeouts=20, failed=5, connect_failures=3, rejected=2)))

    assert (found.rate, found.retries, found.timeouts, found.failed) == (50.0, 30.0, 20.0, 5.0)
    assert (found.connect_failures, found.rejected) == (3.0, 2.0)


def test_what_a_gateway_does_not_count_is_unknown_and_not_zero() -> None:
    watched = Watched()
    look(watched, ranker(0))
    found = the(look(watched, ranker(50)))

    unknown = (found.retries, found.timeouts, found.failed, found.rejected, found.connect_failures)
    assert unknown == (None,) * 5
    assert (found.mean_ms, found.p50_ms, found.p99_ms, found.basis) == (None, None, None, Basis.COUNTER)


def test_a_rate_is_that_of_the_last_ten_seconds() -> None:
    watched = Watched()
    for second in range(31):
        snapshot = look(watched, ranker(10 * second if second < 20 else 200 + 100 * (second - 20)))

    assert the(snapshot).rate == 100.0


def test_percentiles_are_of_the_last_minute_and_not_of_the_gateways_life() -> None:
    watched = Watched()
    for second in range(200):
        snapshot = look(watched, timed(fast=min(second, 100), slow=max(0, second - 100)))

    found = the(snapshot)
    assert found.p50_ms == pytest.approx(55, abs=1)
    assert found.p99_ms == pytest.approx(99, abs=1)
    assert found.basis is Basis.HISTOGRAM


def test_the_mean_is_of_the_requests_that_were_timed_and_idle_has_none() -> None:
    watched = Watched()
    look(watched, timed(10, 0, total_ms=50))
    busy = the(look(watched, timed(20, 0, total_ms=130)))
    for _ in range(62):
        idle = the(look(watched, timed(20, 0, total_ms=130)))

    assert busy.mean_ms == 8.0
    assert (idle.rate, idle.mean_ms, idle.p99_ms) == (0.0, None, None)


def test_a_gateway_that_writes_its_times_rarely_has_a_mean_of_the_minute() -> None:
    watched = Watched()
    look(watched, timed(10, 0, total_ms=50))
    look(watched, timed(20, 0, total_ms=130))
    for second in range(15):
        found = the(look(watched, timed(20, 0, total_ms=130)._replace(tries=20 + second)))

    assert found.mean_ms == 8.0


def test_a_gateways_own_means_are_shown_while_it_has_requests() -> None:
    watched = Watched()
    means = {"average_ms": 12.0, "queue_ms": 3.0, "connect_ms": 1.0, "queued": 4.0}
    look(watched, ranker(0, **means))
    busy = the(look(watched, ranker(5, **means)))
    for _ in range(62):
        idle = the(look(watched, ranker(5, **means)))

    assert (busy.mean_ms, busy.queue_ms, busy.connect_ms, busy.queued) == (12.0, 3.0, 1.0, 4.0)
    assert (busy.basis, busy.p99_ms) == (Basis.MEAN, None)
    assert (idle.mean_ms, idle.queue_ms, idle.connect_ms) == (None, None, None)


def test_what_is_counted_from_its_first_time_on_is_known_from_then_on() -> None:
    watched = Watched()
    look(watched, ranker(0))
    look(watched, timed(10, 0, total_ms=100)._replace(failed=0))
    found = the(look(watched, timed(20, 10, total_ms=500)._replace(failed=5)))

    assert (found.rate, found.failed, found.mean_ms) == (15.0, 5.0, 20.0)
    assert found.p50_ms == pytest.approx(10)


def test_connect_time_from_sums() -> None:
    watched = Watched()
    look(watched, ranker(0, connects=10, connect_total_ms=100))
    found = the(look(watched, ranker(9, connects=12, connect_total_ms=107)))
    assert found.connect_ms == 3.5


def test_a_restart_makes_no_negative_rate_and_says_so_once() -> None:
    watched = Watched()
    for tries in (0, 1000):
        look(watched, ranker(tries, retries=tries / 10), RouteCounters("idle", tries=0))
    after = look(watched, ranker(3, retries=0), RouteCounters("idle", tries=0))
    later = look(watched, ranker(13, retries=1), RouteCounters("idle", tries=0))

    (marker,) = told(later, MarkerKind.RESET)
    assert (marker.subject, marker.at) == ("envoy", AT + 2)
    assert "restarted or reloaded" in marker.detail
    assert (the(after).rate, the(after).retries) == (None, None)
    assert (the(later).rate, the(later).retries) == (9.0, 1.0)


def test_one_route_that_began_anew_is_named_and_the_others_go_on() -> None:
    watched = Watched()
    for tries in (100, 200):
        look(watched, ranker(tries), RouteCounters("any", tries=tries))
    snapshot = look(watched, ranker(5), RouteCounters("any", tries=300))

    (marker,) = told(snapshot, MarkerKind.RESET)
    assert (marker.subject, marker.model) == ("ranker", "ranker")
    assert (the(snapshot).rate, the(snapshot, "any").rate) == (None, 100.0)


def test_times_that_went_back_tell_of_a_restart_too() -> None:
    watched = Watched()
    look(watched, timed(50, 50))
    snapshot = look(watched, timed(0, 1)._replace(tries=101))
    assert len(told(snapshot, MarkerKind.RESET)) == 1


def test_replicas_that_answer_in_turn_are_told_apart_from_restarts() -> None:
    watched = Watched()
    for second in range(40):
        snapshot = look(watched, ranker(1000 + second if second % 2 else 10 + second))

    assert len(told(snapshot, MarkerKind.RESET)) == 2
    assert any("several replicas" in note for note in snapshot.notes)


def split(old: float, new: float) -> tuple[RouteCounters, RouteCounters]:
    weights = {"ranker": old, "v2": new}
    return ranker(0, weights=weights), RouteCounters("v2", tries=0, weights=weights)


def test_changed_weights_make_one_marker_for_their_split() -> None:
    watched = Watched()
    look(watched, *split(100, 0))
    look(watched, *split(100, 0))
    snapshot = look(watched, *split(25, 75))

    (marker,) = told(snapshot, MarkerKind.WEIGHT)
    assert (marker.subject, marker.model, marker.at) == ("ranker", "ranker", AT + 2)
    assert marker.detail == (
        "weight of ranker in route ranker was 100, is 25; weight of v2 in route ranker was 0, is 75"
    )
    assert the(snapshot).weights == {"ranker": 25, "v2": 75}


def test_weights_of_several_models_belong_to_none() -> None:
    watched = Watched()
    look(watched, RouteCounters("any", weights={"a": 1.0}))
    snapshot = look(watched, RouteCounters("any", weights={"a": 0.0}))
    assert [marker.model for marker in told(snapshot, MarkerKind.WEIGHT)] == [""]


def test_weights_unknown_for_a_while_are_no_change_unless_they_come_back_changed() -> None:
    watched = Watched()
    look(watched, *split(50, 50))
    look(watched, ranker(0), RouteCounters("v2", tries=0))
    assert told(look(watched, *split(50, 50)), MarkerKind.WEIGHT) == []
    look(watched, ranker(0), RouteCounters("v2", tries=0))
    assert len(told(look(watched, *split(50, 40)), MarkerKind.WEIGHT)) == 1


def test_a_new_configuration_is_told_unless_the_weights_tell_it() -> None:
    watched = Watched()
    look(watched, *split(50, 50), revision="1")
    snapshot = look(watched, *split(50, 50), revision="2")
    assert [marker.subject for marker in told(snapshot, MarkerKind.CONFIG)] == ["envoy"]
    assert len(told(look(watched, *split(50, 40), revision="3"), MarkerKind.CONFIG)) == 1
    assert len(told(look(watched, *split(50, 40)), MarkerKind.CONFIG)) == 1


def test_the_clients_side_is_a_row_of_its_own_and_the_first() -> None:
    watched = Watched()
    edge = RouteCounters("clients of gw", tries=0)
    look(watched, ranker(0), edge=edge)
    snapshot = look(watched, ranker(20), edge=edge._replace(tries=10))

    assert [(row.name, row.edge, row.rate) for row in snapshot.routes] == [
        ("clients of gw", True, 10.0),
        ("ranker", False, 20.0),
    ]
    assert the(snapshot).query == "GET http://gw/stats"


def test_a_silent_gateway_keeps_its_last_figures_marked_stale_and_its_history_has_a_gap() -> None:
    watched = Watched()
    look(watched, ranker(0))
    look(watched, ranker(10))
    watched._take("gateway", None, None, REFUSED)
    for _ in range(6):
        snapshot = watched.tick()

    found = the(snapshot)
    assert (found.stale, found.rate) == (True, 10.0)
    assert found.age_s == 6.0
    assert any("gateway" in note for note in snapshot.notes)
    points = watched.store.route("ranker", "rate", 60)
    assert list(points.values)[:3] == [None, 10.0, 10.0]
    assert points.values[-1] is None


def test_after_a_long_silence_rates_begin_anew() -> None:
    watched = Watched()
    look(watched, ranker(0))
    look(watched, ranker(10))
    watched.mono += 60
    assert the(look(watched, ranker(9000))).rate is None
    assert the(look(watched, ranker(9010))).rate == 10.0


def test_history_of_a_route_by_figure_and_nothing_for_what_is_not_there() -> None:
    watched = Watched()
    for tries in (0, 10, 30):
        look(watched, ranker(tries))

    points = watched.store.route("ranker", "rate", 60)
    assert (list(points.at), list(points.values)) == ([AT, AT + 1, AT + 2], [None, 10.0, 15.0])
    assert watched.store.route("nobody", "rate", 60).values == ()
    assert watched.store.route("ranker", "bogus", 60).values == ()


def test_routes_that_are_gone_are_not_shown() -> None:
    watched = Watched()
    look(watched, ranker(0), RouteCounters("any"))
    assert [row.name for row in look(watched, RouteCounters("any")).routes] == ["any"]


def test_names_that_change_at_every_look_do_not_grow_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_gateways, "_MOST_ROWS", 20)
    watched = Watched()
    for second in range(200):
        look(watched, ranker(second), RouteCounters(f"made-up-{second}"))

    assert len(watched.store._gateways._rows) <= 21
    assert len(watched.store._gateways._meters) == 2
    assert watched.store.route("ranker", "rate", 5).values[-1] == 1.0
