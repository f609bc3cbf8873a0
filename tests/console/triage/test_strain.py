import math

import pytest

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.triage.strain import Strain
from console.triage.words import times
from tests.parts.memory import Served, noisy, scene, stepped

FOUR = ("triton-0", "triton-1", "triton-2", "triton-3")


def strain(*served, **changes):
    return Strain(scene(*served, **changes))


def slowed(**figures):
    """A model that got slower a minute ago."""
    return Served(**{"infer_ms": stepped(8.0, 40.0, 60.0), "p99_ms": stepped(15.0, 90.0, 60.0), **figures})


def waiting(**figures):
    """A model whose requests wait longer since a minute."""
    return Served(**{"queue_ms": stepped(1.0, 60.0, 60.0), "p99_ms": stepped(15.0, 90.0, 60.0), **figures})


def route(name="triton", *models, **changes):
    nothing = dict.fromkeys(RouteRow._fields[3:], None)
    told = {
        "edge": False,
        "rate": 20.0,
        "basis": Basis.MEAN,
        "weights": {},
        "query": "q",
        "age_s": 1.0,
        "stale": False,
    }
    return RouteRow(name, "envoy", models or ("ranker",), **{**nothing, **told, **changes})


# More work


def test_twice_the_inferences_are_twice_the_work():
    assert strain(waiting(rate=stepped(20.0, 40.0, 60.0))).more == 2.0


def test_larger_requests_are_more_work_as_well():
    assert strain(waiting(items=stepped(1.0, 3.0, 60.0))).more == 3.0


def test_work_from_nothing_is_more_and_not_as_before():
    found = strain(Served(rate=stepped(0.0, 40.0, 60.0)))
    assert found.more == math.inf
    assert times(found.more) == "∞×"
    assert not found.by_service


def test_idleness_is_no_more_work():
    assert strain(Served(rate=0.0)).more == 1.0


def test_where_work_is_unknown_it_is_taken_as_before():
    assert strain(waiting(items=None)).more == 1.0


def test_more_is_told_of_the_target_that_stands_out():
    found = strain(
        Served(on=FOUR, only={"triton-1": {"rate": stepped(20.0, 60.0, 60.0), "queue_ms": stepped(1.0, 90.0, 60.0)}},
               p99_ms=stepped(15.0, 90.0, 60.0)),
    )  # fmt: skip
    assert (found.focus, found.more, found.where) == ("triton-1", 3.0, " on triton-1")


def test_where_none_stands_out_it_is_told_of_all():
    found = strain(waiting(on=FOUR))
    assert (found.focus, found.where) == ("", "")


# Slower work


def test_an_execution_that_takes_five_times_as_long_is_slower():
    found = strain(slowed())
    assert found.slower == 5.0
    assert found.by_service


def test_waiting_is_no_slower_work():
    found = strain(waiting())
    assert found.slower == 1.0
    assert not found.by_service


def test_larger_batches_under_more_traffic_are_not_slower():
    """Executions take longer because they carry more."""
    found = strain(
        slowed(
            rate=stepped(20.0, 80.0, 60.0), batch=stepped(1.0, 4.0, 60.0), infer_ms=stepped(8.0, 30.0, 60.0)
        )
    )
    assert found.slower == pytest.approx(30 / 4 / 8)
    assert not found.by_service


def test_larger_batches_at_the_same_traffic_are_what_slower_executions_make():
    found = strain(slowed(batch=stepped(1.0, 4.0, 60.0)))
    assert found.slower == 5.0
    assert found.by_service


def test_more_work_explains_more_than_a_little_slower_work():
    found = strain(slowed(rate=stepped(20.0, 80.0, 60.0), infer_ms=stepped(8.0, 12.0, 60.0)))
    assert found.slower == 1.5
    assert not found.by_service


def test_a_fifth_of_a_millisecond_is_noise():
    assert strain(waiting(infer_ms=stepped(0.1, 0.29, 60.0))).slower == 1.0
    assert strain(waiting(infer_ms=stepped(0.1, 0.31, 60.0))).slower == pytest.approx(3.1)


def test_what_lies_within_the_usual_scatter_is_not_slower():
    wild = noisy(stepped(8.0, 10.5, 60.0), 0.8, 3)
    assert strain(waiting(infer_ms=wild)).slower == 1.0


def test_faster_work_is_not_slower():
    assert strain(waiting(infer_ms=stepped(8.0, 4.0, 60.0))).slower == 1.0


def test_without_figures_of_executions_it_is_unknown_and_no_cause():
    found = strain(slowed(infer_ms=None, mean_ms=stepped(10.0, 50.0, 60.0)))
    assert found.slower is None
    assert not found.by_service


def test_without_batches_the_execution_itself_tells():
    assert strain(slowed(batch=None)).slower == 5.0


# The gateway


def test_routes_that_tell_nothing_of_the_model_are_left_out():
    routes = (
        route("mine", "rank*"),
        route("theirs", "ocr"),
        route("edge", edge=True),
        route("old", stale=True),
        route("idle", rate=0.0),
        route("new", rate=None),
    )
    assert [each.name for each in strain(slowed(), routes=routes).routes] == ["mine"]


def test_repeats_are_told_by_the_route_that_repeats_most():
    found = strain(slowed(), routes=(route("a", retries=5.0), route("b", retries=20.0), route("c")))
    assert found.repeated == 2.0


def test_without_a_gateway_nothing_is_known_of_repeats():
    found = strain(slowed())
    assert (found.repeated, found.asked, found.by_repeats) == (None, None, False)
    assert strain(slowed(), routes=(route(),)).repeated is None


def test_what_clients_ask_for_is_added_over_routes():
    courses = {("a", "rate"): stepped(10.0, 40.0, 60.0), ("b", "rate"): 10.0}
    found = strain(slowed(), routes=(route("a"), route("b")), courses=courses)
    assert found.asked == 2.5


def test_traffic_that_moves_to_a_route_without_any_is_no_less():
    courses = {("stable", "rate"): stepped(20.0, 10.0, 60.0), ("canary", "rate"): stepped(0.0, 10.0, 60.0)}
    assert strain(slowed(), routes=(route("stable"), route("canary")), courses=courses).asked == 1.0


def test_asked_for_from_nothing_or_unknown_is_no_ratio():
    assert (
        strain(slowed(), routes=(route("a"),), courses={("a", "rate"): stepped(0.0, 10.0, 60.0)}).asked
        is None
    )
    assert strain(slowed(), routes=(route("a"),), courses={("a", "rate"): None}).asked is None
    assert strain(slowed(), routes=(route("a"),)).asked is None


@pytest.mark.parametrize(
    ("retries", "asked", "repeats"),
    [(20.0, 20.0, True), (2.0, 20.0, True), (1.0, 20.0, False), (20.0, 40.0, False), (0.0, 20.0, False)],
)
def test_a_gateway_repeats_when_clients_ask_as_before(retries, asked, repeats):
    found = strain(
        waiting(rate=stepped(20.0, 40.0, 60.0)),
        routes=(route("a", retries=retries),),
        courses={("a", "rate"): stepped(20.0, asked, 60.0)},
    )
    assert found.by_repeats is repeats


def test_a_routes_figures_are_compared_over_the_same_stretches():
    courses = {("a", "mean_ms"): stepped(10.0, 50.0, 60.0)}
    found = strain(slowed(), courses=courses)
    shift = found.route_shift(route("a"), "mean_ms")
    assert (shift.now, shift.base, shift.basis) == (50.0, 10.0, "median of 540 s before")
