"""Queueing must follow from arrivals, service times, batching and instances."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from console.drill.sim.cache import ResponseCache
from console.drill.sim.loaded import Loaded
from console.drill.sim.model_config import complete
from console.drill.sim.request import Outcome, Request
from console.drill.sim.scheduler import Scheduler
from console.drill.sim.tally import Series
from console.drill.spec import VersionSpec

SLICE_S = 0.1
OVERHEAD_S = 0.0002


class Client:
    """Remembers how its requests ended."""

    def __init__(self) -> None:
        self.answers: list[tuple[Request, float, Outcome]] = []

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:
        self.answers.append((request, at, outcome))

    @property
    def outcomes(self) -> Counter[Outcome]:
        return Counter(outcome for _, _, outcome in self.answers)

    @property
    def seconds(self) -> list[float]:
        return [at - request.arrived for request, at, _ in self.answers]


def serve(
    batching: dict[str, Any] | None = None,
    *,
    max_batch: int = 0,
    instances: int = 1,
    cache: ResponseCache | None = None,
    **spec: float,
) -> Scheduler:
    given: dict[str, Any] = {"backend": "python", "instance_group": [{"count": instances}]}
    if max_batch:
        given |= {"max_batch_size": max_batch, "dynamic_batching": batching or {}}
    given["response_cache"] = {"enable": cache is not None}
    version = VersionSpec(**{"item_ms": 0.0, "sigma": 0.0, **spec})  # type: ignore[arg-type]
    loaded = Loaded("m", 1, complete("m", given, gpu=False), version)
    return Scheduler(loaded, Series(), np.random.default_rng(0), 0.0, cache)


def play(scheduler: Scheduler, arrivals: list[float], until: float, **request: Any) -> Client:
    client = Client()
    waiting = sorted(arrivals)
    now = 0.0
    while now < until:
        now = min(until, now + SLICE_S)
        while waiting and waiting[0] <= now:
            scheduler.submit(
                Request(waiting.pop(0), request.get("items", 1), client, **request.get("more", {}))
            )
        scheduler.run(now, request.get("slow", 1.0))
    return client


def poisson(rate: float, seconds: float) -> list[float]:
    rng = np.random.default_rng(3)
    return np.cumsum(rng.exponential(1 / rate, int(rate * seconds))).tolist()


def test_alone_a_request_takes_its_service_time() -> None:
    client = play(serve(fixed_ms=20), [0.05], 1.0)

    assert client.seconds == pytest.approx([0.02], abs=OVERHEAD_S)


def test_the_mean_wait_is_that_of_queueing_theory() -> None:
    rate, service = 60.0, 0.010
    scheduler = serve(fixed_ms=service * 1e3)

    play(scheduler, poisson(rate, 400.0), 420.0)

    load = rate * service
    expected = load * service / (2 * (1 - load))
    assert scheduler.tally.queue_s / scheduler.tally.success == pytest.approx(expected, rel=0.15)


def test_more_arrivals_than_capacity_make_a_queue_that_grows() -> None:
    scheduler = serve(fixed_ms=20)
    client = play(scheduler, poisson(100, 10.0), 10.0)

    assert scheduler.pending == pytest.approx(1000 - 500, abs=40)
    assert len(client.answers) == pytest.approx(500, abs=5)


def test_instances_share_the_work() -> None:
    one, four = serve(fixed_ms=20), serve(fixed_ms=20, instances=4)
    arrivals = poisson(45, 60.0)

    assert np.mean(play(four, arrivals, 61.0).seconds) < np.mean(play(one, arrivals, 61.0).seconds) / 2


def test_a_slow_device_stretches_executions() -> None:
    assert play(serve(fixed_ms=20), [0.0], 1.0, slow=3.0).seconds == pytest.approx([0.06], abs=OVERHEAD_S)


def test_the_batcher_waits_for_company_and_no_longer() -> None:
    scheduler = serve({"max_queue_delay_microseconds": 30_000}, max_batch=4, fixed_ms=10)
    client = play(scheduler, [0.0, 0.010, 0.2, 0.201, 0.202, 0.203], 1.0)

    assert client.seconds[:2] == pytest.approx([0.040, 0.030], abs=OVERHEAD_S)
    assert client.seconds[2:] == pytest.approx([0.013, 0.012, 0.011, 0.010], abs=OVERHEAD_S)
    assert {size: row.executions for size, row in scheduler.tally.batches.items()} == {2: 1, 4: 1}


def test_preferred_sizes_are_taken_first() -> None:
    scheduler = serve(
        {"preferred_batch_size": [4], "max_queue_delay_microseconds": 50_000}, max_batch=8, fixed_ms=10
    )
    play(scheduler, [0.001 * number for number in range(6)], 1.0)

    assert {size: row.executions for size, row in scheduler.tally.batches.items()} == {4: 1, 2: 1}


def test_requests_that_bring_several_items_fill_batches() -> None:
    scheduler = serve({}, max_batch=8, fixed_ms=50)
    play(scheduler, [0.0, 0.001, 0.002, 0.003, 0.004], 1.0, items=3)

    assert scheduler.tally.inferences == 15
    assert {size: row.executions for size, row in scheduler.tally.batches.items()} == {3: 1, 6: 2}


def test_a_full_queue_refuses_at_once_and_counts_nothing() -> None:
    scheduler = serve({"default_queue_policy": {"max_queue_size": 2}}, max_batch=1, fixed_ms=200)
    client = play(scheduler, [0.0] + [0.01] * 7, 2.0)

    assert client.outcomes == {Outcome.OK: 3, Outcome.FULL: 5}
    assert [at for _, at, outcome in client.answers if outcome is Outcome.FULL] == [0.01] * 5
    assert sum(scheduler.tally.failure.values()) == 0


def test_what_waits_too_long_is_rejected_when_an_instance_gets_free() -> None:
    patience = {"default_queue_policy": {"default_timeout_microseconds": 300_000}}
    scheduler = serve(patience, max_batch=1, fixed_ms=600)
    client = play(scheduler, [0.0, 0.1, 0.1], 3.0)

    assert client.outcomes == {Outcome.OK: 1, Outcome.REJECTED: 2}
    assert [at for _, at, outcome in client.answers if outcome is Outcome.REJECTED] == pytest.approx(
        [0.6, 0.6], abs=OVERHEAD_S
    )
    assert scheduler.tally.failure["REJECTED"] == 2


def test_a_request_may_bring_its_own_patience() -> None:
    client = play(serve({}, max_batch=1, fixed_ms=600), [0.0, 0.1], 3.0, more={"timeout_s": 0.05})

    assert client.outcomes == {Outcome.OK: 1, Outcome.REJECTED: 1}


def test_a_dead_stub_keeps_each_inference_for_a_second() -> None:
    scheduler = serve(fixed_ms=5, instances=2)
    scheduler.dead.add(0)
    client = play(scheduler, [0.0, 2.0, 4.0, 6.0], 9.0)

    assert client.outcomes == {Outcome.DEAD: 2, Outcome.OK: 2}
    assert scheduler.tally.failure["BACKEND"] == 2
    assert scheduler.tally.executions == 2
    failed = [request for request, _, outcome in client.answers if outcome is Outcome.DEAD]
    assert failed[0].failure == "Stub process 'm_0_0' is not healthy."


def test_executions_that_raise_count_as_backend_failures() -> None:
    scheduler = serve(fixed_ms=5, error_rate=1.0)
    client = play(scheduler, [0.0, 0.1], 1.0)

    assert client.outcomes == {Outcome.RAISED: 2}
    assert (scheduler.tally.failure["BACKEND"], scheduler.tally.executions, scheduler.tally.inferences) == (
        2,
        2,
        0,
    )
    assert scheduler.tally.request_s == 0


def test_a_cached_answer_needs_no_instance() -> None:
    cache = ResponseCache()
    scheduler = serve({}, max_batch=4, cache=cache, fixed_ms=50, cached=0.5)
    client = play(scheduler, poisson(10, 30.0), 40.0)

    tally = scheduler.tally
    assert tally.cache_hits == cache.hits == pytest.approx(150, abs=30)
    assert tally.success == len(client.answers) == tally.cache_hits + tally.cache_misses
    assert tally.inferences == tally.cache_misses == tally.computed


def test_a_process_that_dies_answers_nobody_well() -> None:
    scheduler = serve(fixed_ms=500)
    client = Client()
    for at in (0.0, 0.1):
        scheduler.submit(Request(at, 1, client))
    scheduler.run(0.2, 1.0)
    scheduler.lose(0.2)

    assert client.outcomes == {Outcome.LOST: 2}
    assert scheduler.idle


def test_the_same_seed_gives_the_same_seconds() -> None:
    arrivals = poisson(50, 10.0)

    first, again = (play(serve(fixed_ms=10, sigma=0.3), arrivals, 12.0).seconds for _ in range(2))

    assert first == again
    assert len(set(first)) > len(first) / 2
