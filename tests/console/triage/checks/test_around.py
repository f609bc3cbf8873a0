"""What serves and what stands around it: states, probes, processes, metrics, errors, gateway, network, storage."""

import pytest

from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker, MarkerKind
from console.domain.probe import ProbeOutcome
from console.domain.rows import Lifetime
from console.domain.triage import Answer, CheckUse
from console.domain.triton import State
from console.triage import checks
from console.triage.checks import (
    crash_loop,
    error_spike,
    every_request_fails,
    gateway_retries,
    metrics_missing,
    network,
    not_serving,
    probe_failing,
    storage,
)
from tests.fake_history import NOW
from tests.parts.memory import Figure, Memory, Served, scene
from tests.parts.pictures import FOUR, PYTHON, SCENES, link, metrics_gone, route, routed, since, ways
from tests.snapshots import down_target, probe_summary, target_row


def went(*ago: float, kind: MarkerKind = MarkerKind.DOWN, target: str = "triton-0") -> tuple[Marker, ...]:
    return tuple(Marker(NOW - each, kind, target, "went away", target=target) for each in ago)


@pytest.mark.parametrize(
    ("markers", "answer"),
    [
        ((), Answer.NO),
        (went(90), Answer.NO),
        (went(300, 90), Answer.YES),
        (went(599, 90), Answer.YES),
        (went(700, 90), Answer.NO),
        (went(300, 290, kind=MarkerKind.RESTART), Answer.NO),
        (went(300, 90, kind=MarkerKind.RESTART), Answer.YES),
        ((*went(120), *went(100, kind=MarkerKind.RESTART)), Answer.NO),
        (went(40, 10), Answer.YES),
        (went(300, 90, target="triton-5"), Answer.NO),
        (went(300, 90, kind=MarkerKind.UP), Answer.NO),
    ],
)
def test_a_process_that_died_twice_lately_is_in_a_loop(markers: tuple[Marker, ...], answer: Answer) -> None:
    assert crash_loop.check(scene(Served(), markers=markers)).answer is answer


def test_a_loop_is_told_with_its_target_how_often_and_since_when() -> None:
    found = crash_loop.check(SCENES["restarted twice"]())
    assert found.reason == "triton-0 went away 2 times in 10 min, last at 08:51:50Z"
    assert (found.target, found.at, found.verdict) == ("triton-0", NOW - 300, "crash_loop")
    assert (found.evidence[0].now, found.evidence[0].unit) == (2.0, "restarts")
    assert crash_loop.check(scene(Served(), markers=went(90))).reason == "triton-0 restarted once"


@pytest.mark.parametrize(("requests", "answer"), [(10.0, Answer.YES), (400.0, Answer.NO)])
def test_one_death_is_a_loop_where_it_had_just_died_before_the_watch(requests: float, answer: Answer) -> None:
    memory = Memory()
    served = Served(on=("triton-0", "triton-1"))
    for name, count in (("triton-0", requests), ("triton-1", 1000.0)):
        memory.lives[served.key, name] = Lifetime(NOW - 600, count, 0.0, *[None] * 7)
    assert crash_loop.check(scene(served, memory=memory, markers=went(90))).answer is answer


def test_a_model_that_is_ready_on_a_server_that_is_gone_serves_nobody() -> None:
    both = Served(on=("triton-0", "triton-1"))
    found = not_serving.check(scene(both, targets=[down_target("triton-0"), target_row("triton-1")]))
    assert (found.answer, found.evidence[0].now, found.evidence[0].baseline) == (Answer.NO, 1.0, 2.0)
    lone = scene(Served(), Served(version="2", on=("triton-1",), row={"state": State.UNAVAILABLE, "ready": 0, "since": 0.0}),
                 targets=[down_target("triton-0"), target_row("triton-1")])  # fmt: skip
    assert not_serving.check(lone).reason == "no target on which v1 was READY answers any more"
    gone = not_serving.check(SCENES["target gone"]())
    assert (gone.answer, gone.verdict, gone.target) == (Answer.YES, "unreachable", "triton-0")
    assert gone.reason.startswith("none of its targets answers: live: connection refused")
    assert not_serving.check(scene(Served(), targets=[])).answer is Answer.UNKNOWN


def test_the_newest_version_says_why_nothing_serves() -> None:
    found = not_serving.check(SCENES["load fails"]())
    assert found.reason == "v1 is UNAVAILABLE: Internal: failed to localize path: gone"
    assert (found.verdict, found.model) == ("not_serving", "ranker")
    assert "gone" in not_serving.check(SCENES["no such model"]()).reason


def probed(*outcomes: ProbeOutcome, detail: str = "") -> tuple[Answer, str, str]:
    summaries = tuple(
        probe_summary(each, detail=detail, target=f"triton-{n}") for n, each in enumerate(outcomes)
    )
    found = probe_failing.check(scene(Served(on=FOUR, row={"probes": summaries})))
    return found.answer, found.verdict, found.reason


def test_probes_that_fail_are_told_and_those_that_reach_nothing_say_nothing() -> None:
    ok, error, lost = ProbeOutcome.OK, ProbeOutcome.ERROR, ProbeOutcome.UNREACHABLE
    assert probed(ok, ok) == (Answer.NO, "", "its probes answer on 2 targets")
    assert probed(ok, lost) == (Answer.NO, "", "its probes answer on 1 targets")
    assert probed(lost) == (Answer.UNKNOWN, "", "no probe was answered: unreachable on triton-0")
    assert probed(ok, error, detail="boom") == (Answer.YES, "", "its probe on triton-1 ends in error: boom")
    assert probed(error, detail="Stub process is not healthy")[1] == "dead_stub"
    assert (
        probed(error, detail="Exceeds maximum queue size")[2]
        == "its queue is full on triton-0: see the queue"
    )
    assert probed()[0] is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("failed", "answer"), [(0.0, Answer.NO), (18.8, Answer.NO), (19.2, Answer.YES), (20.0, Answer.YES)]
)
def test_nearly_every_request_must_fail(failed: float, answer: Answer) -> None:
    found = every_request_fails.check(scene(Served(failed=since(0.0, failed) if failed else 0.0)))
    assert found.answer is answer


def test_on_which_target_everything_fails_is_told() -> None:
    broken = Served(on=FOUR, only={"triton-3": {"failed": since(0.0, 20.0)}})
    found = every_request_fails.check(scene(broken))
    assert (found.answer, found.target) == (Answer.YES, "triton-3")
    assert found.evidence[0].subject == "ranker/1 on triton-3"
    assert (found.evidence[0].now, found.evidence[0].answer) == (1.0, Answer.YES)


def test_of_nothing_asked_nothing_is_known() -> None:
    idle = every_request_fails.check(SCENES["idle"]())
    assert (idle.answer, idle.evidence[0].hint) == (Answer.UNKNOWN, probe_failing.HINT)
    assert every_request_fails.check(scene(Served(rate=0.04, failed=0.04))).answer is Answer.UNKNOWN
    assert every_request_fails.check(SCENES["load fails"]()).reason == "no version of it is READY"
    assert every_request_fails.check(SCENES["probe fails"]()).verdict == "dead_stub"
    gone = every_request_fails.check(scene(Served(failed=20.0, row={"stale": True})))
    assert (gone.answer, gone.reason) == (Answer.UNKNOWN, "none of its targets answers")


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [(0.0, 0.1, Answer.NO), (0.0, 0.3, Answer.YES), (2.0, 4.0, Answer.NO), (1.0, 3.2, Answer.YES)],
)
def test_errors_must_triple_to_a_percent(before: float, now: float, answer: Answer) -> None:
    assert error_spike.check(scene(Served(failed=since(before, now)))).answer is answer


def test_why_requests_fail_is_evidence_and_what_clients_cancelled_is_no_error() -> None:
    errors = {"BACKEND": 30.0, "CANCELED": 5.0, 'a"b': 1.0, "OTHER": 0.0}
    found = error_spike.check(scene(Served(failed=since(0.0, 4.0), row={"errors": errors})))
    assert found.reason == "20.0% of its requests fail, it was 0.0%"
    told = {each.what: (each.answer, each.now, each.query) for each in found.evidence[1:]}
    assert told == {
        "failed in 10 s: BACKEND": (
            Answer.YES, 30.0, 'nv_inference_request_failure{model="ranker",reason="BACKEND"}',
        ),
        "failed in 10 s: CANCELED": (
            Answer.NO, 5.0, 'nv_inference_request_failure{model="ranker",reason="CANCELED"}',
        ),
        'failed in 10 s: a"b': (
            Answer.YES, 1.0, 'nv_inference_request_failure{model="ranker",reason="a\\"b"}',
        ),
    }  # fmt: skip
    few = error_spike.check(scene(Served(rate=0.2, failed=since(0.0, 0.2))))
    assert few.answer is Answer.NO
    assert "too few" in few.reason


def test_errors_without_a_past_count_from_a_percent_on() -> None:
    short = {"memory": Memory(watched_s=8.0)}
    assert error_spike.check(scene(Served(failed=0.3), **short)).reason == "1.5% of its requests fail"
    assert error_spike.check(scene(Served(failed=0.1), **short)).answer is not Answer.YES
    assert error_spike.check(SCENES["metrics refused"]()).answer is Answer.UNKNOWN


def test_the_route_that_fails_is_the_one_that_is_told() -> None:
    routes = (route(name="well", failed=0.0), route(failed=6.0))
    found = error_spike.check(scene(Served(), routes=routes, courses=routed(failed=since(0.0, 6.0))))
    assert found.reason.startswith("6.0 a second fail at the gateway")
    always = scene(Served(), routes=(route(failed=6.0),), courses=routed(failed=5.0))
    few = scene(Served(), routes=(route(rate=0.2, failed=0.1),), courses=routed(failed=0.0))
    assert error_spike.check(always).answer is Answer.NO
    assert error_spike.check(few).answer is Answer.NO


def test_the_gateways_own_trouble_is_told_with_what_clients_ask_for() -> None:
    found = gateway_retries.check(SCENES["repeated by the gateway"]())
    assert (found.answer, found.verdict) == (Answer.YES, "external")
    assert found.reason == "repeats 9.0/s, timeouts 2.0/s on 20.0/s asked for"
    repeats = found.evidence[0]
    assert (repeats.now, repeats.baseline, repeats.source) == (9.0, 0.0, "envoy")


@pytest.mark.parametrize(
    ("fields", "before", "answer"),
    [
        ({"retries": 1.1}, 0.0, Answer.YES),
        ({"retries": 0.9}, 0.0, Answer.NO),
        ({"retries": 9.0}, 5.0, Answer.NO),
        ({"retries": 0.2, "rate": 0.2}, 0.0, Answer.NO),
        ({"retries": 9.0, "stale": True}, 0.0, Answer.UNKNOWN),
        ({"retries": 9.0, "models": ("other*",)}, 0.0, Answer.UNKNOWN),
        ({"retries": 9.0, "edge": True}, 0.0, Answer.UNKNOWN),
    ],
)
def test_a_twentieth_of_what_is_asked_for_counts(
    fields: dict[str, object], before: float, answer: Answer
) -> None:
    picture = scene(Served(), routes=(route(**fields),), courses=routed(retries=before))
    assert gateway_retries.check(picture).answer is answer


def test_a_gateway_that_does_not_count_says_so() -> None:
    found = gateway_retries.check(SCENES["a gateway that counts little"]())
    assert found.answer is Answer.UNKNOWN
    assert found.reason == "the gateway counts neither repeats, timeouts nor failed connections"
    assert "envoy does not count them" in found.evidence[0].hint


@pytest.mark.parametrize(
    ("before", "now", "answer"), [(0.4, 90.0, Answer.YES), (0.4, 19.0, Answer.NO), (40.0, 100.0, Answer.NO)]
)
def test_a_way_that_takes_much_longer_is_slow(before: Figure, now: float, answer: Answer) -> None:
    found = network.check(
        scene(Served(), links=(link(connect_ms=now),), courses=ways(connect_ms=since(before, now)))
    )
    assert found.answer is answer


def test_the_part_of_the_way_that_fails_is_named() -> None:
    found = network.check(SCENES["connecting fails"]())
    assert (found.reason, found.target) == ("connect to triton-0 failed: refused", "triton-0")
    assert [(each.what, each.answer) for each in found.evidence] == [("TCP connect", Answer.YES)]
    assert network.check(scene(Served(), links=(link(stale=True, failed="dns"),))).answer is Answer.UNKNOWN
    assert network.check(scene(Served(), links=(link("triton-7", failed="dns"),))).answer is Answer.UNKNOWN
    assert (
        network.check(scene(Served(), links=(link(connect_ms=None),))).reason
        == "no part of the way was measured"
    )


def test_loads_that_take_long_or_cannot_read_are_the_storages() -> None:
    assert storage.check(SCENES["load fails"]()).reason == "v1: Internal: failed to localize path: gone"
    assert storage.check(SCENES["loading for long"]()).reason == "v1 has been loading for 400 s"
    loading = {"state": State.LOADING, "ready": 0}
    assert storage.check(scene(Served(row={**loading, "since": NOW - 100}))).answer is Answer.NO
    assert (
        storage.check(scene(Served(row={**loading, "since": NOW - 400, "stale": True}))).answer
        is Answer.UNKNOWN
    )
    assert storage.check(scene(Served(row={"load_s": 3.0}))).reason == "loads are neither long nor failing"


def test_metrics_that_are_missing_are_told_apart_from_a_server_that_is() -> None:
    found = metrics_missing.check(SCENES["metrics refused"]())
    assert (found.answer, found.target, found.verdict) == (Answer.YES, "triton-0", "metrics_missing")
    assert found.evidence[0].query == "curl -s http://triton-0:8002/metrics"
    assert "--allow-metrics" in found.evidence[0].hint
    assert "credential" in metrics_missing.check(SCENES["metrics forbidden"]()).evidence[0].hint
    assert metrics_missing.check(SCENES["target gone"]()).answer is Answer.UNKNOWN
    silent = down_target("triton-0", failures=(metrics_gone(),))
    assert metrics_missing.check(scene(Served(), targets=[silent])).answer is Answer.UNKNOWN
    other = target_row("triton-0", failures=(Failure(FailureKind.TIMEOUT, "index", "slow"),))
    assert metrics_missing.check(scene(Served(), targets=[other])).answer is Answer.NO
    elsewhere = [target_row("triton-0"), target_row("triton-1", failures=(metrics_gone(),))]
    assert metrics_missing.check(scene(Served(), targets=elsewhere)).answer is Answer.NO


def test_of_very_many_figures_those_that_decide_are_kept() -> None:
    names = tuple(f"triton-{number:02}" for number in range(60))
    targets = [target_row(name, failures=(metrics_gone(),) if name == "triton-59" else ()) for name in names]
    found = checks.run(CheckUse("metrics_missing"), scene(Served(on=names), targets=targets))
    assert found.evidence[0].subject == "triton-59"
    assert len(found.evidence) == 40


def test_a_python_model_of_which_nothing_gets_through_slowly_is_dead() -> None:
    dead = Served(rate=since(20.0, 2.0), failed=since(0.0, 2.0), config=PYTHON)
    found = every_request_fails.check(scene(dead))
    assert (found.answer, found.verdict) == (Answer.YES, "dead_stub")
