import pytest

from console.domain.basis import Basis, Missing
from console.domain.gate import Limits, Outcome
from console.domain.gate_memory import Held, HeldPair
from tests.parts.gates import checks, figures, latency, probed

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def test_equal_sides_pass_and_say_by_how_much():
    found = checks(figures(), figures(21.0))
    assert found["p99"].outcome is PASS
    assert (found["p99"].baseline, found["p99"].candidate, found["p99"].limit) == (20.0, 21.0, 22.0)
    assert (found["p99"].unit, found["p99"].basis, found["p99"].n) == ("ms", "summary", 1000)
    assert found["queue"].outcome is found["errors"].outcome is PASS
    assert "mean" not in found


def test_a_slower_candidate_fails():
    found = checks(figures(20.0), figures(60.0, 40.0))["p99"]
    assert found.outcome is FAIL
    assert "3.0× the baseline's" in found.why


def test_a_difference_under_the_floor_is_none_and_says_so():
    found = checks(figures(1.0), figures(1.9))["p99"]
    assert found.outcome is PASS
    assert "0.9 ms more than the baseline, which is under the floor of 2 ms" in found.why
    assert checks(figures(1.0, 0.5), figures(3.1, 2.9))["p99"].outcome is FAIL


def test_a_p99_of_few_requests_needs_the_p95_to_agree():
    few = checks(figures(20.0, n=200), figures(60.0, 10.0, n=200))["p99"]
    assert few.outcome is UNKNOWN
    assert "the slowest 2 of 200 requests" in few.why
    assert checks(figures(20.0, n=200), figures(60.0, 40.0, n=200))["p99"].outcome is FAIL
    assert checks(figures(20.0, n=1000), figures(60.0, 10.0, n=1000))["p99"].outcome is FAIL


def test_too_few_requests_are_named_with_the_way_to_more():
    found = checks(figures(), figures(n=3))
    assert {found[name].outcome for name in ("p99", "queue", "errors")} == {UNKNOWN}
    assert found["p99"].why == "candidate had 3 requests, 100 are needed: send it traffic, or --probe 100"
    both = checks(figures(n=1), figures(n=3))["errors"].why
    assert both.startswith("baseline had 1 request and candidate had 3 requests, 100 are needed")


def test_what_both_sides_lack_alike_is_told_once():
    assert checks(figures(n=3), figures(n=3))["p99"].why.startswith(
        "both sides had 3 requests, 100 are needed"
    )


def test_a_side_that_answered_nothing_is_told_apart_from_one_that_is_idle_now():
    mute = figures(None, latency_missing=Missing.IDLE)
    failing = mute._replace(failed=1000.0, mean_ms=None, queue_ms=None)
    assert checks(figures(), failing)["p99"].why == "no request of the candidate was answered"
    assert checks(mute, figures())["p99"].why == "no p99 of the baseline is told while it is idle"


def test_requests_that_nobody_counted_are_unknown_and_not_none():
    nobody = figures(
        None, requests=None, failed=None, mean_ms=None, queue_ms=None, latency_missing=Missing.NO_DATA
    )
    found = checks(figures(), nobody)["queue"]
    assert (found.outcome, found.candidate) == (UNKNOWN, None)
    assert "nothing counted the requests of the candidate" in found.why


def test_without_percentiles_p99_is_unknown_and_the_mean_is_compared_beside_it():
    plain = figures(None, latency_missing=Missing.UNSUPPORTED)
    found = checks(plain, plain._replace(mean_ms=50.0))
    assert (found["p99"].outcome, found["p99"].needed) == (UNKNOWN, True)
    assert "--metrics-config summary_latencies=true" in found["p99"].why
    assert (found["mean"].outcome, found["mean"].basis, found["mean"].limit) == (FAIL, "mean", 7.0)

    allowed = checks(plain, plain, Limits(allow_mean=True))
    assert (allowed["p99"].needed, allowed["mean"].needed) == (False, True)
    assert allowed["mean"].outcome is PASS
    strict = Limits(allow_mean=True, required=frozenset(["p99"]))
    assert checks(plain, plain, strict)["p99"].needed


def test_bases_are_compared_with_their_like_alone():
    one = figures()
    other = figures(None, latencies={Basis.HISTOGRAM: latency(500.0, basis=Basis.HISTOGRAM)})
    found = checks(one, other)["p99"]
    assert found.outcome is UNKNOWN
    assert "different ways (summary and histogram)" in found.why
    both = {Basis.HISTOGRAM: latency(20.0, basis=Basis.HISTOGRAM), Basis.SUMMARY: latency(500.0)}
    assert checks(figures(latencies=both), figures(latencies=both))["p99"].basis == "histogram"


def test_own_probes_measure_where_there_is_no_traffic_and_stand_back_where_there_is():
    probes = (probed(), probed(80.0, 70.0))
    silent = figures(n=103, probed=103)
    alone = checks(silent, silent, probes=probes)["p99"]
    assert (alone.outcome, alone.basis, alone.n) == (FAIL, "probe", 100)
    busy = figures(n=5000, probed=103)
    assert checks(busy, busy, probes=probes)["p99"].basis == "summary"


def test_a_queue_under_probes_alone_says_that_it_was_not_under_load():
    silent = figures(n=103, probed=103)
    found = checks(silent, silent, probes=(probed(), probed()))["queue"]
    assert found.outcome is PASS
    assert "queues build under load" in found.why


def test_under_a_hundred_probes_there_is_no_p99():
    silent = figures(n=23, probed=23, latency_missing=Missing.UNSUPPORTED)
    few = (probed(None, ok=20), probed(None, ok=20))
    assert checks(silent, silent, probes=few)["p99"].outcome is UNKNOWN


def test_of_several_targets_the_worst_is_named():
    many = figures(latencies={Basis.SUMMARY: latency(20.0)._replace(worst=("triton-3", 90.0))})
    assert "the slowest is triton-3 with 90.0 ms" in checks(figures(), many)["p99"].why


@pytest.mark.parametrize(("candidate", "outcome"), [(2.1, PASS), (3.0, FAIL)])
def test_gpu_memory_is_compared_where_it_is_known(candidate: float, outcome: Outcome) -> None:
    gib = 2.0**30
    known = HeldPair(Held(2 * gib, "gpus of the target"), Held(candidate * gib, "gpus of the target"))
    found = checks(figures(), figures(), memory=known)["gpu_memory"]
    assert (found.outcome, found.needed) == (outcome, False)
    assert checks(figures(), figures())["gpu_memory"].why == "nothing tells"


def test_what_is_skipped_is_not_judged():
    found = checks(figures(), figures(500.0, 400.0), Limits(skipped=frozenset(["p99", "correctness"])))
    assert set(found) == {"queue", "errors", "gpu_memory"}
