"""What changed: rollouts, traffic, other tenants, and whether it is over."""

import pytest

from console.domain.around import WorkloadReading
from console.domain.marker import Marker, MarkerKind
from console.domain.triage import Answer
from console.triage.checks import captured, in_band, promise_broken, recent_rollout, tenants, traffic_shift
from tests.fake_history import NOW
from tests.parts.memory import Memory, Served, scene, stepped
from tests.parts.pictures import FOUR, SCENES, SLOWER, change, life, noisy, route, routed, since
from tests.snapshots import frozen


def test_a_load_that_made_it_slower_is_named_with_its_time_and_the_way_back() -> None:
    picture = scene(
        Served(version="2", rate=stepped(None, 20.0, 62.0), infer_ms=stepped(None, 40.0, 62.0)),
        Served(version="1", rate=stepped(20.0, 0.0, 62.0)),
        markers=(change(),),
    )
    found = recent_rollout.check(picture)
    assert (found.answer, found.verdict) == (Answer.YES, "rollout")
    assert (found.model, found.version, found.target) == ("ranker", "1", "triton-0")
    assert found.at == NOW - 65
    assert found.reason.startswith("ranker/2 loaded on triton-0 at 08:52:15Z, ")
    assert "an execution takes 5.0× as long (8.0 → 40.0 ms)" in found.reason
    load = found.evidence[0]
    assert (load.subject, load.at, load.age_s) == ("ranker/2 on triton-0", NOW - 65, 65.0)
    assert load.query == "POST http://triton-0:8000/v2/repository/index"


@pytest.mark.parametrize(
    ("marker", "answer"),
    [
        (change(ago=65.0), Answer.YES),
        (change(ago=650.0), Answer.YES),
        (change(ago=700.0), Answer.NO),
        (change(ago=30.0), Answer.NO),
        (change(model="other", subject="other/2"), Answer.NO),
        (change(target="triton-7", model=""), Answer.NO),
        (change(MarkerKind.UNLOAD), Answer.NO),
        (change(MarkerKind.CONFIG), Answer.YES),
        (change(MarkerKind.ROLLOUT, model="", target="", subject="deployment/triton"), Answer.YES),
    ],
)
def test_only_a_change_of_this_model_shortly_before_may_have_caused_it(
    marker: Marker, answer: Answer
) -> None:
    picture = scene(Served(version="2", **SLOWER), markers=(marker,), memory=Memory(watched_s=1200.0))
    assert recent_rollout.check(picture).answer is answer


def test_the_nearer_the_change_the_surer() -> None:
    near, far = (
        recent_rollout.check(scene(Served(version="2", **SLOWER), markers=(change(ago=ago),)))
        for ago in (65.0, 300.0)
    )
    assert near.confidence > far.confidence


def test_a_load_that_harms_nothing_is_no_cause() -> None:
    found = recent_rollout.check(scene(Served(version="2"), markers=(change(),)))
    assert found.answer is Answer.NO
    assert found.reason.endswith("but executions take as long as before, and nothing fails more")
    assert {each.answer for each in found.evidence} == {Answer.NO}


def test_more_work_is_not_blamed_on_a_load() -> None:
    picture = SCENES["flooded"]()
    flooded = scene(Served(rate=since(20.0, 60.0), queue_ms=since(1.0, 300.0)), markers=(change(),))
    assert recent_rollout.check(picture).answer is Answer.NO
    assert "what grew is the work: 3.0× the inferences" in recent_rollout.check(flooded).reason


def test_errors_since_a_load_are_its_doing() -> None:
    found = recent_rollout.check(scene(Served(version="2", failed=since(0.0, 8.0)), markers=(change(),)))
    assert (found.answer, found.verdict) == (Answer.YES, "rollout")
    assert "errors rose to 40.0%" in found.reason


def test_waiting_at_the_same_traffic_is_its_doing_too() -> None:
    found = recent_rollout.check(scene(Served(version="2", queue_ms=since(1.0, 200.0)), markers=(change(),)))
    assert found.answer is Answer.YES
    assert "requests wait 200.0 ms instead of 1.0 ms, at the same traffic" in found.reason


def test_few_requests_do_not_convict_a_load() -> None:
    found = recent_rollout.check(SCENES["quiet"]())
    assert found.answer is Answer.NO
    assert "too few requests" in found.reason


def test_what_a_restarted_server_loads_is_no_rollout() -> None:
    back = Marker(NOW - 80, MarkerKind.RESTART, "triton-0", "restarted", target="triton-0")
    found = recent_rollout.check(scene(Served(version="2", **SLOWER), markers=(back, change())))
    assert found.answer is Answer.NO


def test_on_one_bad_target_the_loads_of_the_others_are_left_out() -> None:
    slow = Served(on=FOUR, only={"triton-2": {"infer_ms": since(8.0, 60.0)}})
    elsewhere = recent_rollout.check(scene(slow, markers=(change(target="triton-1"),)))
    here = recent_rollout.check(scene(slow, markers=(change(target="triton-2"),)))
    assert (elsewhere.answer, here.answer) == (Answer.NO, Answer.YES)
    assert here.target == "triton-2"


def test_a_load_on_all_targets_is_not_blamed_on_one() -> None:
    loads = tuple(change(target=name) for name in FOUR)
    found = recent_rollout.check(scene(Served(on=FOUR, version="2", **SLOWER), markers=loads))
    assert found.target == ""
    assert "on triton-0, triton-1, triton-2, triton-3 at" in found.reason


def test_a_deployment_is_shown_with_what_its_controller_says() -> None:
    rollout = change(
        MarkerKind.ROLLOUT, subject="deployment/triton", model="", target="", detail="revision 4"
    )
    work = WorkloadReading("deployment/triton", "4", query="kubectl rollout history deployment/triton")
    found = recent_rollout.check(scene(Served(**SLOWER), markers=(rollout,), workloads=(work,)))
    assert found.answer is Answer.YES
    assert (found.evidence[0].source, found.evidence[0].query) == ("Kubernetes", work.query)


def test_without_a_watch_and_without_counters_of_before_it_is_unknown() -> None:
    short = Memory(watched_s=60.0)
    assert recent_rollout.check(scene(Served(), memory=short)).answer is Answer.UNKNOWN
    assert recent_rollout.check(scene(Served(life=life()), memory=Memory(watched_s=60.0))).answer is Answer.NO
    assert recent_rollout.check(scene(Served(), memory=Memory(watched_s=121.0))).answer is Answer.NO


def test_young_counters_tell_of_a_load_before_the_watch() -> None:
    picture = scene(
        Served(version="2", infer_ms=300.0, life=life(400.0, 302.0)),
        Served("other", life=life(1_000_000.0)),
        memory=Memory(watched_s=30.0),
        markers=(),
    )
    found = recent_rollout.check(picture)
    assert (found.answer, found.verdict, found.model) == (Answer.YES, "rollout", "ranker")
    age = found.evidence[0]
    assert age.unit == "s"
    assert age.now == pytest.approx(620.0, abs=5)
    assert age.query == 'nv_inference_request_success{model="ranker",version="2"}'
    assert "what was before is not known" in found.reason


def test_requests_that_got_larger_are_a_shift_however_many_there_are() -> None:
    found = traffic_shift.check(SCENES["larger requests"]())
    assert (found.answer, found.verdict) == (Answer.YES, "traffic_shift")
    assert found.reason == "a request carries 8.0× the inferences (1.0 → 8.0)"


def test_more_of_the_same_that_waits_is_left_to_the_queue() -> None:
    found = traffic_shift.check(SCENES["flooded"]())
    assert found.answer is Answer.NO
    assert found.reason == "3.0× the inferences of the same kind: see the queue for what that does"


def test_more_of_the_same_that_does_not_wait_but_gets_slower_is_a_shift() -> None:
    found = traffic_shift.check(scene(Served(rate=since(20.0, 60.0), infer_ms=since(8.0, 24.0))))
    assert (found.answer, found.confidence) == (Answer.YES, 0.5)


def test_weights_that_moved_with_the_traffic_are_named() -> None:
    found = traffic_shift.check(SCENES["weights moved"]())
    assert found.reason == "weight of v2: 10 → 50 at 08:52:15Z"
    assert (found.evidence[0].query, found.evidence[0].age_s) == ("curl http://envoy:9901/stats", 65.0)


def test_weights_that_moved_no_traffic_are_not() -> None:
    weight = change(MarkerKind.WEIGHT, detail="weight of v2: 10 → 11", model="", target="")
    assert traffic_shift.check(scene(Served(), markers=(weight,))).answer is Answer.NO


def test_one_target_that_gets_more_than_its_share_is_named() -> None:
    skewed = Served(on=FOUR, only={"triton-2": {"rate": since(20.0, 60.0), "queue_ms": since(1.0, 80.0)}})
    found = traffic_shift.check(scene(skewed))
    assert (found.answer, found.target) == (Answer.YES, "triton-2")
    assert found.reason == "triton-2 gets 3.0× its usual traffic, the others do not"


def test_a_neighbour_with_more_to_do_is_a_shift_where_executions_got_slower() -> None:
    found = traffic_shift.check(SCENES["a noisy neighbour"]())
    assert found.reason == "embed does 5.0× its usual work on the same targets"
    well = traffic_shift.check(scene(Served(), noisy()[1]))
    assert well.answer is Answer.NO


def test_repeats_of_the_gateway_are_no_more_traffic() -> None:
    repeated = scene(
        Served(rate=since(20.0, 60.0), infer_ms=since(8.0, 24.0)),
        routes=(route(retries=40.0),),
        courses=routed(retries=since(0.0, 40.0)),
    )
    found = traffic_shift.check(repeated)
    assert found.answer is Answer.NO
    assert "from the gateway's own repeats" in found.reason


def test_traffic_without_a_past_and_without_servers_is_unknown() -> None:
    assert "keep the console open" in traffic_shift.check(SCENES["watched for a moment"]()).reason
    assert traffic_shift.check(SCENES["target gone"]()).answer is Answer.UNKNOWN
    assert traffic_shift.check(scene(Served(rate=0.1, items=since(1.0, 8.0)))).answer is Answer.NO


def test_a_tenant_that_does_more_is_named_and_one_that_does_not_is_not() -> None:
    found = tenants.check(SCENES["a noisy neighbour"]())
    assert (found.answer, found.model, found.verdict) == (Answer.YES, "embed", "")
    assert found.evidence[0].subject == "embed"
    calm = tenants.check(scene(Served(**SLOWER), Served("embed")))
    assert calm.reason == "none of the 1 other models on its targets does more than usual"
    apart = tenants.check(scene(Served(), Served("embed", on=("triton-1",), rate=since(20.0, 200.0))))
    assert apart.reason == "no other model has traffic on its targets"


@pytest.mark.parametrize(
    ("title", "answer", "words"),
    [
        ("well", Answer.NO, "within its promise, and in its band"),
        ("means alone", Answer.NO, "whether p99 is within its promise is not known"),
        ("slow since ever", Answer.YES, "p99 of v1 is 900.0 ms of 200 ms promised"),
        ("flooded before the watch", Answer.YES, "even the mean of v1 is 310.0 ms of 200 ms promised"),
        ("failing", Answer.YES, "the share of errors left its band at 08:52:20Z (0.00% → 20.00%)"),
        ("failing at the gateway", Answer.YES, "6.0 tries a second fail at the gateway, of 20.0 asked for"),
        ("quiet", Answer.NO, "too little traffic"),
        ("idle", Answer.NO, "too little traffic"),
        ("metrics refused", Answer.UNKNOWN, "its traffic is unknown"),
        ("target gone", Answer.UNKNOWN, "its traffic is unknown"),
        ("watched for a moment", Answer.UNKNOWN, "neither its percentiles nor its usual mean are known"),
        ("no such model", Answer.UNKNOWN, "gone is not known to any target"),
    ],
)
def test_a_promise_is_broken_kept_or_unknown(title: str, answer: Answer, words: str) -> None:
    found = promise_broken.check(SCENES[title]())
    assert found.answer is answer
    assert words in found.reason
    opposite = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}
    again = in_band.check(SCENES[title]())
    few = "too little" in words
    assert again.answer is (Answer.UNKNOWN if few else opposite.get(answer, answer))


def test_p99_is_said_to_be_in_its_band_only_where_it_is_known() -> None:
    assert in_band.check(SCENES["well"]()).reason == "p99 is in its band, within its promise"
    assert "not known" in in_band.check(SCENES["means alone"]()).reason


@pytest.mark.parametrize(("burn", "answer"), [(5.9, Answer.NO), (6.1, Answer.YES)])
def test_a_budget_that_burns_fast_breaks_the_promise(burn: float, answer: Answer) -> None:
    row = scene(Served(p99_ms=20.0)).row
    standing = {"slo": row.slo._replace(burn={"5m": burn})}
    found = promise_broken.check(scene(Served(p99_ms=20.0, failed=0.1, row=standing)))
    assert found.answer is answer
    assert promise_broken.check(scene(Served(p99_ms=20.0, row=standing))).answer is Answer.NO
    assert promise_broken.check(scene(Served(p99_ms=20.0, rate=0.2, row=standing))).answer is Answer.NO
    assert [each.unit for each in found.evidence if each.what == "5 m burn rate"] == ["×"]


def test_what_always_failed_at_the_gateway_is_not_what_broke() -> None:
    always = scene(
        Served(), routes=(route(failed=1.0, rejected=6.0),), courses=routed(failed=1.0, rejected=6.0)
    )
    now = scene(
        Served(),
        routes=(route(failed=1.0, rejected=6.0),),
        courses=routed(failed=1.0, rejected=since(0.0, 6.0)),
    )
    few = scene(Served(), routes=(route(rate=0.2, failed=0.1),), courses=routed(failed=since(0.0, 0.1)))
    uncounted = SCENES["a gateway that counts little"]()
    assert promise_broken.check(always).answer is Answer.NO
    assert promise_broken.check(now).answer is Answer.YES
    assert promise_broken.check(few).answer is Answer.NO
    assert not [each for each in promise_broken.check(uncounted).evidence if "gateway" in each.what]


def test_a_freeze_is_in_force_over_unknown_or_not_there() -> None:
    found = captured.check(SCENES["frozen"]())
    assert (found.answer, found.at, found.reason) == (Answer.YES, NOW - 720, "frozen by ana@bastion")
    over = captured.check(scene(Served(), frozen=frozen(until=NOW - 1)))
    assert (over.answer, over.reason) == (Answer.NO, "the freeze has expired")
    assert captured.check(SCENES["well"]()).reason == "nothing is frozen"
    unknown = captured.check(SCENES["lock unreadable"]())
    assert (unknown.answer, unknown.evidence[0].hint) == (
        Answer.UNKNOWN,
        "the lock's folder cannot be read: check [freeze]",
    )
    assert captured.check(scene(Served(), frozen=frozen(who="\x1b[31mx"))).reason == "frozen by \\e[31mx"
