"""Few requests, counters of before the watch, and one that differs among several."""

import pytest

from console.domain.marker import MarkerKind
from console.domain.probe import ProbeOutcome
from console.domain.triage import Answer
from console.triage.checks import probe_failing, promise_broken, queue_up, recent_rollout, traffic_shift
from tests.parts.memory import Served, scene, stepped
from tests.parts.pictures import BATCHING, FOUR, SLOWER, change, life, since
from tests.snapshots import probe_summary


@pytest.mark.parametrize(("infer_ms", "answer"), [(16.0, Answer.NO), (20.0, Answer.YES)])
def test_a_mean_that_doubled_since_before_the_watch_is_out_of_its_band(
    infer_ms: float, answer: Answer
) -> None:
    found = promise_broken.check(scene(Served(infer_ms=infer_ms, life=life(mean_ms=10.0))))
    assert found.answer is answer
    if answer is Answer.YES:
        assert "the mean is 2.2× that of the requests before (10.0 → 22.0 ms)" in found.reason


def test_few_requests_that_are_slow_break_no_promise() -> None:
    assert promise_broken.check(scene(Served(rate=0.2, infer_ms=300.0))).answer is Answer.NO
    assert promise_broken.check(scene(Served(rate=0.2, p99_ms=900.0))).answer is Answer.NO
    stale = scene(Served(rate=0.2, infer_ms=300.0, row={"stale": True}))
    assert promise_broken.check(stale).answer is Answer.UNKNOWN


def test_a_dead_stub_is_named_among_probes_that_fail_otherwise() -> None:
    details = ("boom", "Stub process is not healthy", "Exceeds maximum queue size")
    probes = tuple(
        probe_summary(ProbeOutcome.ERROR, detail=detail, target=name)
        for detail, name in zip(details, FOUR, strict=False)
    )
    found = probe_failing.check(scene(Served(on=FOUR, row={"probes": probes})))
    assert (found.verdict, found.target) == ("dead_stub", "triton-1")
    mixed = probe_failing.check(scene(Served(on=FOUR, row={"probes": (probes[0], probes[2])})))
    assert (mixed.answer, mixed.target) == (Answer.YES, "triton-0")


def test_how_busy_the_instances_of_one_target_are() -> None:
    one = {"triton-2": {"rate": since(20.0, 60.0), "queue_ms": since(1.0, 90.0)}}
    found = queue_up.check(scene(Served(on=FOUR, only=one, config=BATCHING)))
    busy = next(each for each in found.evidence if each.what == "instances busy")
    assert (busy.now, busy.subject) == (pytest.approx(60 * 8 / 1000 / 2), "ranker on triton-2")


def test_of_changes_at_one_moment_the_load_is_the_cause_and_few_are_shown() -> None:
    both = (change(MarkerKind.CONFIG, detail="config changed"), change())
    for markers in (both, both[::-1]):
        assert recent_rollout.check(scene(Served(**SLOWER), markers=markers)).reason.startswith(
            "ranker/2 loaded"
        )
    many = tuple(change(ago=65.0 + number) for number in range(20))[::-1]
    found = recent_rollout.check(scene(Served(**SLOWER), markers=many))
    assert sum(each.at is not None for each in found.evidence) == 6


def test_a_target_that_gets_more_as_all_do_is_not_skewed() -> None:
    one = {"triton-2": {"rate": since(20.0, 60.0), "queue_ms": since(1.0, 80.0)}}
    alike = Served(on=FOUR, rate=since(20.0, 60.0), only=one)
    assert traffic_shift.check(scene(alike)).answer is Answer.NO


def test_more_that_waits_and_takes_longer_is_the_queues() -> None:
    waits = Served(rate=since(20.0, 60.0), infer_ms=since(8.0, 24.0), queue_ms=since(1.0, 90.0))
    assert traffic_shift.check(scene(waits)).answer is Answer.NO


def test_a_model_that_hangs_is_told_though_nothing_is_counted() -> None:
    """Requests wait and none comes back: no latency, no error, no rate."""
    stopped, waiting = stepped(20.0, 0.0, 90.0), stepped(0.0, 7.0, 88.0)
    found = promise_broken.check(scene(Served(rate=stopped, pending=waiting)))
    assert found.answer is Answer.YES
    assert "7 requests have been waiting for a minute, and none was answered" in found.reason
    pending = next(each for each in found.evidence if each.what == "requests waiting")
    assert (pending.now, pending.answer) == (7.0, Answer.YES)
    assert "nv_inference_pending_request_count" in pending.query
    # One that waits may be a long one; some that were answered are slow, not stuck; a minute has to pass.
    for rate, waits in ((stopped, stepped(0.0, 2.0, 88.0)), (stepped(20.0, 0.2, 90.0), waiting)):
        assert promise_broken.check(scene(Served(rate=rate, pending=waits))).answer is Answer.NO
    late = Served(rate=stepped(20.0, 0.0, 30.0), pending=stepped(0.0, 7.0, 30.0))
    assert "waiting for a minute" not in promise_broken.check(scene(late)).reason
