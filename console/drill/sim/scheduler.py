"""The queue, dynamic batcher and instances of one loaded model version.

Time is advanced in slices: ``run(until)`` takes the requests that arrived, forms batches by
Triton's rules, and answers what ends within the slice. Nothing else makes latency.
"""

from collections import deque
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from console.drill.sim.batching import batch_policy
from console.drill.sim.cache import INSERT_S, LOOKUP_S, ResponseCache
from console.drill.sim.loaded import Loaded
from console.drill.sim.request import Outcome, Request
from console.drill.sim.tally import FAMILIES, Series

DEAD_STUB_S = 1.0  # how long an inference waits for a stub that has died
ADD_INSTANCE_S = 0.07
INPUT_S, OUTPUT_S = 60e-6, 90e-6  # gathering and scattering tensors, besides 4 µs an item
ITEM_S = 4e-6
_NOISE = 2048
_ARRIVED = attrgetter("arrived")


@dataclass(slots=True)
class _Execution:
    ends: float
    start: float
    requests: list[Request]
    items: int
    input_s: float
    infer_s: float
    output_s: float
    outcome: Outcome


class Scheduler:
    """One loaded version; ``dead`` are the numbers of instances whose stub has died."""

    def __init__(
        self,
        loaded: Loaded,
        series: Series,
        rng: np.random.Generator,
        now: float,
        cache: ResponseCache | None = None,
    ) -> None:
        self._cache = cache if (loaded.config.get("response_cache") or {}).get("enable") else None
        self._hit_share = loaded.spec.cached
        self.policy = batch_policy(loaded.config)
        self.series = series
        self.tally = series.open()
        self._busy_s = 0.0
        self.error_rate = loaded.spec.error_rate
        self.dead: set[int] = set()
        self._inbox: list[Request] = []
        self._waiting: deque[Request] = deque()
        self._waiting_items = 0
        self._running: list[_Execution] = []
        self._loaded = loaded
        self._free_at = [now] * self.policy.instances
        self._noise = rng.lognormal(0.0, loaded.spec.sigma, _NOISE).tolist()
        self._luck = rng.random(_NOISE).tolist()
        self._turn = 0
        self._fixed_ms, self._item_ms = loaded.spec.fixed_ms, loaded.spec.item_ms

    @property
    def pending(self) -> int:
        """Requests that wait for an instance."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """True when nothing waits and nothing runs."""
        return not (self._waiting or self._running or self._inbox)

    def submit(self, request: Request) -> None:
        """Take a request; it is looked at in the next slice."""
        self._inbox.append(request)

    def resize(self, instances: int, now: float) -> None:
        """Change the number of instances in place; the last ones go."""
        del self._free_at[instances:]
        self._free_at += [now + ADD_INSTANCE_S] * (instances - len(self._free_at))
        self.dead = {number for number in self.dead if number < instances}

    def run(self, until: float, slow: float) -> None:
        """Advance to second ``until``; ``slow`` stretches every execution that starts meanwhile."""
        inbox, at = self._inbox, 0
        if len(inbox) > 1:
            inbox.sort(key=_ARRIVED)
        while True:
            if not self._waiting:
                if at == len(inbox):
                    break
                at = self._admit(at, inbox[at].arrived)
                continue
            instance = min(range(len(self._free_at)), key=self._free_at.__getitem__)
            at = self._admit(at, max(self._free_at[instance], self._waiting[0].arrived))
            start, at = self._start(self._free_at[instance], at)
            if start > until:
                break
            if self._expire(start):
                continue
            self._execute(instance, start, slow)
        at = self._admit(at, until)
        del inbox[:at]
        self._finish(until)

    def work(self, until: float, slow: float) -> float:
        """As ``run``; the answer is the compute time of the executions that began meanwhile (s)."""
        before = self._busy_s
        self.run(until, slow)
        return self._busy_s - before

    def lose(self, at: float) -> None:
        """The process dies: whatever waits or runs is lost."""
        lost = [*self._inbox, *self._waiting]
        for execution in self._running:
            lost += execution.requests
        self._inbox, self._waiting, self._waiting_items, self._running = [], deque(), 0, []
        for request in lost:
            request.owner.answered(request, at, Outcome.LOST)

    def _admit(self, at: int, upto: float) -> int:
        """Move what arrived by ``upto`` from the inbox to the queue, or refuse it where the queue is full."""
        inbox, waiting, limit = self._inbox, self._waiting, self.policy.max_queue_size
        while at < len(inbox) and inbox[at].arrived <= upto:
            request = inbox[at]
            at += 1
            if self._cache is not None and self._hit(request, self._cache):
                continue
            if limit and len(waiting) >= limit:
                request.owner.answered(request, request.arrived, Outcome.FULL)
                continue
            waiting.append(request)
            self._waiting_items += request.items
        return at

    def _hit(self, request: Request, cache: ResponseCache) -> bool:
        """Answer from the cache, if this request is one that was seen before."""
        self._turn = turn = (self._turn + 1) % _NOISE
        if self._luck[turn] >= self._hit_share:
            return False
        cache.hits += 1
        tally, windows = self.tally, self.series.windows
        tally.success += 1
        tally.cache_hits += 1
        tally.cache_hit_s += LOOKUP_S
        tally.request_s += LOOKUP_S
        tally.last = request.arrived
        windows["queue"].add(request.arrived, [0.0])
        windows["cache_hit"].add(request.arrived, [LOOKUP_S])
        request.begun = request.arrived
        request.ends = request.arrived + LOOKUP_S
        request.owner.answered(request, request.ends, Outcome.OK)
        return True

    def _start(self, free: float, at: int) -> tuple[float, int]:
        """When the next batch can start; admits what arrives while the batcher waits for company."""
        policy, head = self.policy, self._waiting[0]
        now = max(free, head.arrived)
        if not policy.delay_s or self._waiting_items >= policy.enough:
            return now, at
        deadline = head.arrived + policy.delay_s
        while now < deadline:
            if at == len(self._inbox) or self._inbox[at].arrived > deadline:
                return deadline, at
            now = max(now, self._inbox[at].arrived)
            at = self._admit(at, now)
            if self._waiting_items >= policy.enough:
                break
        return now, at

    def _expire(self, start: float) -> bool:
        """Reject what waited longer than its queue timeout; Triton looks only when an instance gets free."""
        expired = 0
        while self._waiting:
            head = self._waiting[0]
            limit = head.timeout_s or self.policy.timeout_s
            if not limit or start - head.arrived <= limit:
                break
            self._waiting.popleft()
            self._waiting_items -= head.items
            self.tally.failure["REJECTED"] += 1
            head.owner.answered(head, start, Outcome.REJECTED)
            expired += 1
        return bool(expired)

    def _execute(self, instance: int, start: float, slow: float) -> None:
        batch, items = self._take()
        self._turn = turn = (self._turn + 1) % _NOISE
        dead = instance in self.dead
        if dead:
            infer_s, outcome = DEAD_STUB_S, Outcome.DEAD
        else:
            infer_s = (self._fixed_ms + self._item_ms * items) * 1e-3 * self._noise[turn] * slow
            outcome = Outcome.RAISED if self._luck[turn] < self.error_rate else Outcome.OK
            self._busy_s += infer_s
        input_s, output_s = INPUT_S + ITEM_S * items, OUTPUT_S + ITEM_S * items
        ends = start + input_s + infer_s + output_s
        self._free_at[instance] = ends
        for request in batch:
            request.begun, request.ends = start, ends
        if outcome is not Outcome.OK:
            text = self._loaded.dead(instance) if dead else self._loaded.raised(instance)
            for request in batch:
                request.failure = text
        self._running.append(_Execution(ends, start, batch, items, input_s, infer_s, output_s, outcome))

    def _take(self) -> tuple[list[Request], int]:
        waiting, policy = self._waiting, self.policy
        head = waiting.popleft()
        batch, items = [head], head.items
        if policy.dynamic and waiting:
            limit = policy.batch_limit(self._waiting_items)
            while waiting and items + waiting[0].items <= limit:
                request = waiting.popleft()
                batch.append(request)
                items += request.items
        self._waiting_items -= items
        return batch, items

    def _finish(self, until: float) -> None:
        if not self._running:
            return
        ended = [execution for execution in self._running if execution.ends <= until]
        if not ended:
            return
        self._running = [execution for execution in self._running if execution.ends > until]
        ended.sort(key=attrgetter("ends"))
        samples: tuple[list[float], ...] = ([], [], [], [], [])
        for execution in ended:
            if execution.outcome is Outcome.OK:
                self._count(execution, samples)
            else:
                self._count_failed(execution)
            for request in execution.requests:
                request.owner.answered(request, execution.ends, execution.outcome)
        if samples[0]:
            self.series.respond(samples[0])
            for family, values in zip(FAMILIES, samples, strict=True):
                self.series.windows[family].add(until, values)
            if self._cache is not None:
                self._missed(self._cache, until, len(samples[0]))

    def _missed(self, cache: ResponseCache, until: float, count: int) -> None:
        """Count requests that the cache did not have and has now."""
        for _ in range(count):
            cache.miss()
        self.tally.cache_misses += count
        self.tally.cache_miss_s += (LOOKUP_S + INSERT_S) * count
        self.series.windows["cache_miss"].add(until, [LOOKUP_S + INSERT_S] * count)

    def _count(self, execution: _Execution, samples: tuple[list[float], ...]) -> None:
        tally, requests = self.tally, execution.requests
        n, ends, start = len(requests), execution.ends, execution.start
        totals = [ends - request.arrived for request in requests]
        queues = [start - request.arrived for request in requests]
        computes = [[seconds] * n for seconds in (execution.input_s, execution.infer_s, execution.output_s)]
        for kept, values in zip(samples, (totals, queues, *computes), strict=True):
            kept.extend(values)
        tally.success += n
        tally.inferences += execution.items
        tally.executions += 1
        tally.request_s += sum(totals)
        tally.queue_s += sum(queues)
        tally.input_s += execution.input_s * n
        tally.infer_s += execution.infer_s * n
        tally.output_s += execution.output_s * n
        tally.last = ends
        self._count_batch(execution)

    def _count_batch(self, execution: _Execution) -> None:
        row = self.tally.batch(execution.items)
        row.executions += 1
        row.input_s += execution.input_s
        row.infer_s += execution.infer_s
        row.output_s += execution.output_s

    def _count_failed(self, execution: _Execution) -> None:
        tally = self.tally
        tally.failure["BACKEND"] += len(execution.requests)
        tally.failure_s += sum(execution.ends - request.arrived for request in execution.requests)
        if execution.outcome is Outcome.RAISED:
            tally.executions += 1
            tally.last = execution.ends
            self._count_batch(execution)
