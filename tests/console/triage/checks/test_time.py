"""Where the time goes: layers, queue, batching, GPU, CPU."""

import pytest

from console.domain.triage import Answer, Evidence
from console.triage.checks import (
    batching,
    co_tenant,
    cpu_preprocessing,
    gpu_memory,
    gpu_saturated,
    layers,
    node_cpu,
    queue_sustained,
    queue_up,
)
from tests.parts.memory import Figure, Memory, Served, scene, stepped
from tests.parts.pictures import BATCHING, ENSEMBLE, FLOODED, FOUR, SCENES, gpu, noisy, route, routed, since
from tests.snapshots import GIB, gpu_row, target_row

SLOW = Served(infer_ms=since(8.0, 24.0))


def named(evidence: tuple[Evidence, ...], what: str) -> Evidence:
    return next(each for each in evidence if each.what == what)


def test_a_queue_that_rose_with_the_work_is_the_queues() -> None:
    found = queue_up.check(SCENES["flooded"]())
    assert (found.answer, found.verdict, found.model) == (Answer.YES, "queue", "ranker")
    assert found.reason.startswith("requests wait 300.0 ms instead of 1.0: 3.0× the inferences of before")
    queue = named(found.evidence, "queue time")
    assert (queue.now, queue.baseline, queue.unit, queue.answer) == (300.0, 1.0, "ms", Answer.YES)
    busy = named(found.evidence, "instances busy")
    assert busy.now == pytest.approx(60 * 8 / 1000 / 2)
    assert (busy.unit, busy.answer) == ("ratio", Answer.NO)
    assert "nv_inference_exec_count" in busy.query
    assert "nv_inference_compute_infer_duration_us" in busy.query


def test_a_queue_behind_slower_executions_is_not() -> None:
    found = queue_up.check(scene(Served(queue_ms=since(1.0, 300.0), infer_ms=since(8.0, 40.0))))
    assert found.answer is Answer.NO
    assert "because an execution takes 5.0× as long: the cause is deeper" in found.reason


def test_a_queue_behind_the_gateways_repeats_is_not() -> None:
    picture = scene(
        Served(rate=since(20.0, 60.0), queue_ms=since(1.0, 300.0)),
        routes=(route(retries=40.0),),
        courses=routed(retries=since(0.0, 40.0)),
    )
    found = queue_up.check(picture)
    assert (found.answer, found.verdict) == (Answer.NO, "")
    assert "the gateway sends each request 3.0 times" in found.reason


@pytest.mark.parametrize(
    ("queue_ms", "answer"), [(1.4, Answer.NO), (4.0, Answer.NO), (6.0, Answer.YES), (300.0, Answer.YES)]
)
def test_waiting_must_rise_by_a_share_of_the_promise(queue_ms: float, answer: Answer) -> None:
    assert queue_up.check(scene(Served(queue_ms=since(1.0, queue_ms)))).answer is answer


@pytest.mark.parametrize(("queue_ms", "answer"), [(50.0, Answer.NO), (70.0, Answer.YES)])
def test_without_a_past_a_share_of_the_promise_tells(queue_ms: float, answer: Answer) -> None:
    found = queue_up.check(scene(Served(queue_ms=queue_ms), memory=Memory(watched_s=8.0)))
    assert (found.answer, found.confidence) == (answer, 0.5)
    assert "instead of" not in found.reason
    assert "as usual" not in found.reason


def test_the_target_that_waits_is_named() -> None:
    found = queue_up.check(scene(Served(on=FOUR, only={"triton-2": {"queue_ms": since(1.0, 90.0)}})))
    assert (found.answer, found.target) == (Answer.YES, "triton-2")
    assert found.evidence[0].subject == "ranker on triton-2"
    assert "on triton-2" in found.reason


def test_few_requests_that_wait_are_no_queue() -> None:
    found = queue_up.check(scene(Served(rate=0.2, queue_ms=since(1.0, 300.0))))
    assert found.answer is Answer.NO
    assert queue_up.check(SCENES["metrics refused"]()).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("queue_ms", "infer_ms", "answer"),
    [
        (101.0, 8.0, Answer.YES),
        (99.0, 8.0, Answer.NO),
        (101.0, 120.0, Answer.NO),
        (stepped(101.0, 1.0, 50.0, 40.0), 8.0, Answer.NO),
    ],
)
def test_a_queue_is_sustained_that_takes_half_the_promise_all_the_time(
    queue_ms: Figure, infer_ms: float, answer: Answer
) -> None:
    assert queue_sustained.check(scene(Served(queue_ms=queue_ms, infer_ms=infer_ms))).answer is answer


def test_no_queue_time_and_no_traffic_are_two_things() -> None:
    assert queue_sustained.check(SCENES["idle"]()).reason == "too little traffic to say"
    unknown = queue_sustained.check(SCENES["metrics refused"]())
    assert (unknown.answer, unknown.reason) == (Answer.UNKNOWN, "its queue time is not known")


def batched(config: dict[str, object], **figures: Figure) -> tuple[Answer, str]:
    found = batching.check(scene(Served(config={"name": "ranker", **config}, **figures)))
    return found.answer, found.reason


WAITS: dict[str, Figure] = {"queue_ms": 50.0}


def test_batching_that_does_not_work_is_told() -> None:
    big = {"max_batch_size": 8}
    delay = {"dynamic_batching": {"max_queue_delay_microseconds": 40_000}}
    assert batched(big, **WAITS) == (
        Answer.YES,
        "requests wait 50.0 ms and are executed one by one: no dynamic_batching is configured",
    )
    assert batched({**big, **delay}, **WAITS)[1] == (
        "each waits up to 40 ms for company that does not come: 1.0 an execution"
    )
    assert batched({**big, **delay}, queue_ms=15.0)[0] is Answer.NO
    assert batched({**big, **delay}, **WAITS, batch=4.0)[0] is Answer.NO
    assert batched({**big, **delay}, **WAITS, infer_ms=60.0)[0] is Answer.NO
    assert batched(big, queue_ms=5.0) == (Answer.NO, "1.0 inferences an execution, up to 8 may be")
    assert batched({}, **WAITS) == (Answer.NO, "it does not batch: max_batch_size is 0")
    assert batched(big, rate=None) == (Answer.UNKNOWN, "its batch sizes are unknown")


@pytest.mark.parametrize(
    ("sizes", "answer"), [({1: 9, 8: 1}, Answer.YES), ({1: 7, 8: 3}, Answer.NO), ({}, Answer.NO)]
)
def test_sizes_beside_the_preferred_ones_are_told(sizes: dict[int, int], answer: Answer) -> None:
    config = {"name": "ranker", "max_batch_size": 8, "dynamic_batching": {"preferred_batch_size": [8]}}
    found = batching.check(scene(Served(config=config, batch=3.0, queue_ms=50.0, row={"batches": sizes})))
    assert found.answer is answer
    if answer is Answer.YES:
        assert found.reason == "90% of executions have none of the preferred sizes 8"


def test_the_config_is_evidence_that_anyone_can_read() -> None:
    config = batching.check(scene(Served("a b/c", config=BATCHING))).evidence[1]
    assert config.query == "GET http://triton-0:8000/v2/models/a%20b%2Fc/config"
    assert "dynamic_batching on" in config.what
    unknown = batching.check(SCENES["means alone"]())
    assert (unknown.answer, unknown.evidence[1].query) == (
        Answer.UNKNOWN,
        "GET http://triton-0:8000/v2/models/ranker/config",
    )


def test_the_layer_that_took_most_is_named() -> None:
    assert layers.check(SCENES["flooded"]()).reason.startswith("waiting took most of it: waiting +299.0 ms")
    one = layers.check(SCENES["one of four"]())
    assert "inference took most of it on triton-2" in one.reason
    even = layers.check(scene(Served(queue_ms=since(1, 11), input_ms=since(1, 11), infer_ms=since(1, 11))))
    assert even.answer is Answer.NO
    assert even.reason.startswith("no layer stands out")
    assert layers.check(scene(Served(queue_ms=since(1.0, 1.9)))).reason == "no layer takes longer than before"
    assert layers.check(SCENES["metrics refused"]()).answer is Answer.UNKNOWN


def test_what_the_gateway_adds_is_its_time_less_tritons_and_of_several_routes_the_worst() -> None:
    slow = scene(
        Served(),
        routes=(route(name="slow"), route()),
        courses={**routed(), ("slow", "rate"): 20.0, ("slow", "mean_ms"): since(14.0, 60.0)},
    )
    found = layers.check(slow)
    assert "the gateway and the way to it took most of it" in found.reason
    outside = found.evidence[0]
    assert (outside.now, outside.baseline, outside.unit) == (50.0, 4.0, "ms")
    assert outside.source == "envoy and Triton"


def test_inputs_that_take_longer_and_a_cpu_part_are_preprocessing() -> None:
    found = cpu_preprocessing.check(SCENES["inputs slow"]())
    assert found.reason == "getting inputs ready takes 30.0 ms, 78% of computing, it was 0.5 ms"
    assert (found.verdict, found.model) == ("external", "ranker")
    small = cpu_preprocessing.check(scene(Served(input_ms=since(0.5, 3.0), infer_ms=40.0)))
    assert small.answer is Answer.NO
    cpu = {"name": "tokens", "instance_group": [{"kind": "KIND_CPU"}]}
    parts = (
        Served("search", infer_ms=0.0, mean_ms=since(20.0, 60.0), config=ENSEMBLE),
        Served("ranker"),
    )
    tokens = cpu_preprocessing.check(scene(*parts, Served("tokens", infer_ms=since(8.0, 48.0), config=cpu)))
    assert tokens.reason == "tokens runs on the CPU and took most of what was added"
    for group in ([{"kind": "KIND_GPU"}], [{"count": 1}], 5, {"kind": "KIND_CPU"}, None):
        odd = Served("tokens", infer_ms=since(8.0, 48.0), config={**cpu, "instance_group": group})
        assert cpu_preprocessing.check(scene(*parts, odd)).answer is Answer.NO


def test_a_large_share_of_input_without_a_past_is_unknown() -> None:
    short = {"memory": Memory(watched_s=6.0)}
    assert cpu_preprocessing.check(scene(Served(input_ms=20.0), **short)).answer is Answer.UNKNOWN
    assert cpu_preprocessing.check(scene(Served(), **short)).answer is Answer.NO


def test_a_full_cpu_is_told_only_where_executions_got_slower_with_it() -> None:
    def host(before: Figure, now: float, served: Served = SLOW) -> tuple[Answer, str]:
        course = since(before, now) if before != now else now
        found = node_cpu.check(scene(served, courses={("triton-0", "cpu_utilization"): course}))
        return found.answer, found.reason

    assert host(0.3, 0.97) == (
        Answer.YES,
        "the CPU of triton-0 is 97% busy, was 30%, and the model has no more to do: something else takes it",
    )
    assert host(0.3, 0.97, Served(rate=since(20.0, 30.0), infer_ms=since(8.0, 24.0)))[1].endswith(
        "its own work grew"
    )
    assert host(0.3, 0.84)[0] is Answer.NO
    assert host(0.95, 0.97)[1].endswith("that is not what changed")
    assert host(0.3, 0.97, Served())[1].endswith("that is not what changed")
    unknown = scene(Served(), memory=Memory(watched_s=6.0), courses={("triton-0", "cpu_utilization"): 0.97})
    found = node_cpu.check(unknown)
    assert (found.answer, found.evidence[0].answer) == (Answer.UNKNOWN, Answer.UNKNOWN)
    assert found.evidence[0].query == "curl -s http://triton-0:8002/metrics | grep nv_cpu_utilization"
    assert node_cpu.check(SCENES["well"]()).reason == "the CPU of its nodes is not known"


def test_the_floor_of_free_memory_is_a_floor() -> None:
    def free(mib: float | None, **more: float) -> tuple[Answer, str]:
        row = gpu_row(memory_free_bytes=None if mib is None else mib * 2**20, **more)
        found = gpu_memory.check(scene(Served(), gpus=(gpu_row("GPU-9"), row)))
        return found.answer, found.reason

    assert free(511) == (Answer.YES, "GPU 0 node-0 has 511 MiB free, the floor is 512 MiB")
    assert free(513) == (Answer.NO, "at least 0.5 GiB are free")
    assert free(None, memory_used_bytes=79.9 * GIB)[0] is Answer.YES
    assert free(None, memory_used_bytes=None)[0] is Answer.NO
    assert gpu_memory.check(SCENES["well"]()).answer is Answer.UNKNOWN
    stale = gpu_memory.check(scene(Served(), gpus=(gpu_row(memory_free_bytes=0.0, stale=True),)))
    assert stale.answer is Answer.UNKNOWN


def test_only_the_gpus_of_its_targets_count() -> None:
    targets = [target_row("triton-0", gpus=("GPU-1",)), target_row("triton-1", gpus=("GPU-2",))]
    full = gpu_row("GPU-2", memory_free_bytes=0.0)
    assert (
        gpu_memory.check(scene(Served(), targets=targets, gpus=(gpu_row("GPU-1"), full))).answer is Answer.NO
    )


@pytest.mark.parametrize(
    ("before", "now", "served", "answer"),
    [
        (0.4, 0.98, SLOW, Answer.YES),
        (0.4, 0.85, SLOW, Answer.NO),
        (0.97, 0.98, SLOW, Answer.NO),
        (0.4, 0.98, Served(), Answer.NO),
    ],
)
def test_a_gpu_is_saturated_that_got_full_and_slow(
    before: float, now: float, served: Served, answer: Answer
) -> None:
    found = gpu_saturated.check(
        scene(served, gpus=(gpu_row(sm_active=now),), courses=gpu(sm_active=since(before, now)))
    )
    assert found.answer is answer


def test_the_best_figure_of_a_gpu_is_taken_and_what_would_be_better_is_said() -> None:
    rows = (gpu_row(sm_active=None, engine_active=None, utilization=1.0),)
    found = gpu_saturated.check(scene(SLOW, gpus=rows, courses=gpu(utilization=since(0.5, 1.0))))
    assert found.reason == "GPU 0 node-0: time with any kernel running 100%, was 50%"
    assert "DCGM_FI_PROF_SM_ACTIVE" in found.evidence[0].hint
    assert found.confidence < gpu_saturated.check(SCENES["GPU taken"]()).confidence


def test_somebody_else_takes_the_gpu_only_where_nobody_here_does_more() -> None:
    taken = {"gpus": (gpu_row(sm_active=0.98),), "courses": gpu(sm_active=since(0.4, 0.98))}
    assert co_tenant.check(scene(SLOW, **taken)).verdict == "gpu"
    assert (
        co_tenant.check(scene(*noisy(), **taken)).reason
        == "embed on the same server does more: see the traffic"
    )
    more = Served(rate=since(20.0, 60.0), infer_ms=since(8.0, 48.0))
    assert co_tenant.check(scene(more, **taken)).answer is Answer.NO
    assert co_tenant.check(scene(Served(), **taken)).reason.startswith("executions take as long as before")
    calm = {"gpus": (gpu_row(),), "courses": gpu()}
    assert co_tenant.check(scene(SLOW, **calm)).reason == "its GPUs are no busier and no fuller than before"
    fuller = gpu(used=since(50 * GIB, 51.5 * GIB))
    assert co_tenant.check(scene(SLOW, gpus=(gpu_row(),), courses=fuller)).answer is Answer.YES
    assert co_tenant.check(scene(Served(**FLOODED))).answer is Answer.UNKNOWN
