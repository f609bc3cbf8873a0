"""The simulated gateway: traffic, shares, timeouts and retries, counted as Envoy counts them."""

import heapq
import math
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Protocol

import numpy as np

from console.drill.sim.layer import Layer, Way
from console.drill.sim.ramp import Ramp
from console.drill.sim.request import Outcome, Request
from console.drill.spec import GatewaySpec, ModelSpec

# Envoy's default histogram bounds, ms.
BOUNDS_MS = (
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000,
    30000, 60000, 300000, 600000, 1800000, 3600000,
)  # fmt: skip
_SWING, _SWING_S = 0.06, 47.0
_DRAW_S = 0.1
_STANDBY_SIGMA, _OWN_ANSWER_MS = 0.15, 0.1


class Backend(Protocol):
    """A target as the gateway sees it; ``weight`` is its share of the traffic."""

    name: str
    weight: float

    @property
    def up(self) -> bool:
        """False while connections are refused."""
        ...

    def submit(self, model: str, request: Request) -> bool:
        """Hand over a request; False where the model is not served (Triton's 404)."""
        ...


class Histogram:
    """Counts per bound of ``BOUNDS_MS``, one more for longer."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_MS) + 1)
        self.sum_ms = 0.0

    def add(self, ms: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_MS, ms)] += 1
        self.sum_ms += ms


class _Call:
    """What a client asked for; it may take several tries."""

    __slots__ = ("born", "tries")

    def __init__(self, born: float) -> None:
        self.born = born
        self.tries = 0


class _Try:
    __slots__ = ("backend", "call", "done", "sent")

    def __init__(self, call: _Call, sent: float, backend: Backend) -> None:
        self.call = call
        self.sent = sent
        self.backend = backend
        self.done = False


class Route:
    """The traffic of one model, from its clients to the targets."""

    def __init__(  # noqa: PLR0913, PLR0917 - one call, in the fleet
        self,
        model: str,
        spec: ModelSpec,
        gateway: GatewaySpec,
        backends: Sequence[Backend],
        seed: int,
        layer: Layer | None = None,
    ) -> None:
        self.model = model
        self.layer = layer or Layer()
        self.timeout_s = gateway.timeout_ms * 1e-3
        self.retries = gateway.retries
        self.factor = Ramp(1.0)
        self.tried = self.retried = self.timed_out = self.unconnected = self.exhausted = 0
        self.codes = {"2": 0, "4": 0, "5": 0}
        self.client_codes = {"2": 0, "4": 0, "5": 0}
        self.upstream, self.downstream, self.standby = Histogram(), Histogram(), Histogram()
        self.shed = self.stood_by = 0
        self._spec = spec
        self._backoff_s = gateway.backoff_ms * 1e-3
        self._network_s = gateway.network_ms * 1e-3
        self._standby_ms = gateway.standby_ms
        self._backends = backends
        # Dice of their own, so that the fleet's traffic is the same run whatever the runtime values are.
        self._dice = np.random.default_rng([seed, zlib.crc32(model.encode()), 1])
        self._rng = np.random.default_rng([seed, zlib.crc32(model.encode())])
        self._phase = float(self._rng.uniform(0, 2 * math.pi))
        self._open: deque[_Try] = deque()
        self._again: list[tuple[float, int, _Call, Backend]] = []
        self._order = count()
        self._drawn: deque[tuple[float, int]] = deque()
        self._drawn_to: float | None = None

    def send(self, since: float, until: float) -> None:
        """Send the slice's new requests and the retries that are due."""
        if self._drawn_to is None:
            self._drawn_to = since
        while self._drawn_to < until:
            self._draw(self._drawn_to)
            self._drawn_to += _DRAW_S
        while self._drawn and self._drawn[0][0] <= until:
            at, pick = self._drawn.popleft()
            call = _Call(at)
            if self._admitted(call):
                self._try(call, at, self._backends[pick])
        while self._again and self._again[0][0] <= until:
            at, _, call, backend = heapq.heappop(self._again)
            self._try(call, max(at, since), backend)

    def _admitted(self, call: _Call) -> bool:
        """Whether the fleet gets the request; what it does not get is answered here."""
        way = self.layer.settled(self.model)
        if way is None:
            shed, split = self._dice.random(2)
            way = self.layer.way(self.model, shed, split)
        match way:
            case Way.STANDBY:
                ms = self._standby_ms * float(self._dice.lognormal(0.0, _STANDBY_SIGMA))
                self.stood_by += 1
                self.standby.add(ms)
                self._settle(call, call.born + ms * 1e-3, "2")
            case Way.SHED | Way.NOWHERE:
                self.shed += way is Way.SHED
                self._settle(call, call.born + _OWN_ANSWER_MS * 1e-3, "4")
            case Way.FLEET:
                return True
        return False

    def _draw(self, since: float) -> None:
        """Draw the arrivals of a fixed stretch, so that they do not depend on when somebody looks."""
        swing = 1.0 + _SWING * math.sin(2 * math.pi * since / _SWING_S + self._phase)
        expected = self._spec.rate * self.factor.at(since) * swing * _DRAW_S
        arrivals = int(self._rng.poisson(expected))
        times = np.sort(self._rng.uniform(since, since + _DRAW_S, arrivals)).tolist()
        shares = np.cumsum([backend.weight for backend in self._backends])
        picks = np.searchsorted(shares, self._rng.uniform(0, shares[-1], arrivals)).tolist()
        self._drawn.extend(zip(times, picks, strict=True))

    def check(self, until: float) -> None:
        """Give up tries that took longer than the timeout; Triton works on, unheard."""
        tries, limit = self._open, until - self.timeout_s
        while tries and (tries[0].done or tries[0].sent <= limit):
            attempt = tries.popleft()
            if not attempt.done:
                attempt.done = True
                self._give_up(attempt, until)

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:
        """A target answered a try, or its process died under it."""
        attempt: _Try = request.context
        if attempt.done:
            return
        attempt.done = True
        back = at + self._network_s / 2
        if back - attempt.sent > self.timeout_s:
            self._give_up(attempt, back)
            return
        self.upstream.add((back - attempt.sent) * 1e3)
        if outcome is Outcome.OK:
            self.codes["2"] += 1
            self._settle(attempt.call, back, "2")
        else:
            self._failed(attempt, back, back)

    def _try(self, call: _Call, at: float, backend: Backend) -> None:
        call.tries += 1
        self.tried += 1
        attempt = _Try(call, at, backend)
        if not backend.up:
            self.unconnected += 1
            attempt.done = True
            self._failed(attempt, at, at)
            return
        request = Request(at + self._network_s / 2, self._spec.items, self, attempt)
        if backend.submit(self.model, request):
            self._open.append(attempt)
        else:
            self.codes["4"] += 1
            self._settle(call, at + self._network_s, "4")

    def _give_up(self, attempt: _Try, now: float) -> None:
        """Stop waiting for a try; its answer, if one comes, finds nobody."""
        self.timed_out += 1
        gone = attempt.sent + self.timeout_s
        self._failed(attempt, gone, min(gone, now))

    def _failed(self, attempt: _Try, at: float, now: float) -> None:
        self.codes["5"] += 1
        call = attempt.call
        if call.tries > self.retries:
            self.exhausted += bool(self.retries)
            self._settle(call, at, "5")
            return
        self.retried += 1
        due = now + self._backoff_s * (0.5 + self._rng.random())
        heapq.heappush(self._again, (due, next(self._order), call, self._elsewhere(attempt.backend)))

    def _elsewhere(self, backend: Backend) -> Backend:
        """Another target than the one that failed, by weight, if there is one."""
        others = [other for other in self._backends if other is not backend and other.weight > 0]
        if not others:
            return backend
        shares = np.cumsum([other.weight for other in others])
        return others[int(np.searchsorted(shares, self._rng.uniform(0, shares[-1])))]

    def _settle(self, call: _Call, at: float, code: str) -> None:
        self.client_codes[code] += 1
        self.downstream.add((at - call.born) * 1e3)
