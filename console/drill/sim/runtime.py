"""What serves a version: a scheduler with instances, or an ensemble that calls other models."""

from collections.abc import Callable
from typing import Protocol

from console.drill.sim.request import Outcome, Request
from console.drill.sim.tally import FAMILIES, Series, Tally

_INPUT_S, _OUTPUT_S, _QUEUE_S = 24e-6, 80e-6, 2e-6
# Triton counts a failed step against the ensemble two times.
_FAILED_TWICE = 2


class Runtime(Protocol):
    """Something that takes requests and answers them as time goes on."""

    tally: Tally
    series: Series

    @property
    def pending(self) -> int:
        """Requests that wait for an instance."""
        ...

    @property
    def idle(self) -> bool:
        """True when it holds no request."""
        ...

    def submit(self, request: Request) -> None:
        """Take a request."""
        ...

    def run(self, until: float, slow: float) -> None:
        """Advance to second ``until``."""
        ...

    def lose(self, at: float) -> None:
        """The process dies: answer everything that is held with LOST."""
        ...


# Sends a request to (model, version); False when nothing serves it.
Call = Callable[[str, int, Request], bool]


class Ensemble:
    """Calls its steps one after the other; each step counts the request again, as in Triton."""

    def __init__(self, name: str, steps: list[tuple[str, int]], call: Call, series: Series) -> None:
        self._name = name
        self.series = series
        self.tally = series.open()
        self._steps = steps
        self._call = call
        self._inbox: list[Request] = []
        self._held = 0
        self._samples: list[tuple[float, float, float, float, float]] = []

    pending = 0

    @property
    def idle(self) -> bool:
        """True when no request is in any step."""
        return not self._held

    def submit(self, request: Request) -> None:
        """Take a request."""
        self._held += 1
        self._inbox.append(request)

    def run(self, until: float, slow: float) -> None:  # noqa: ARG002 - an ensemble computes nothing itself
        """Hand over what arrived by ``until``; answers come with the steps."""
        self._observe(until)
        taken, self._inbox = self._inbox, []
        for request in taken:
            request.begun = request.arrived
            self._next(Request(request.arrived + _INPUT_S, request.items, self, (request, 0)))

    def lose(self, at: float) -> None:
        """Answer what has not begun; requests within a step come back through it."""
        taken, self._inbox = self._inbox, []
        for request in taken:
            self._held -= 1
            request.owner.answered(request, at, Outcome.LOST)

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:
        """A step ended: call the next, or end the whole."""
        whole, step = request.context
        if outcome is Outcome.OK and step + 1 < len(self._steps):
            self._next(Request(at, whole.items, self, (whole, step + 1)))
            return
        whole.failure = f"in ensemble '{self._name}', {request.failure}"
        self._end(whole, at + _OUTPUT_S, outcome)

    def _next(self, request: Request) -> None:
        whole, step = request.context
        name, version = self._steps[step]
        if not self._call(name, version, request):
            self._end(whole, request.arrived, Outcome.RAISED)

    def _end(self, whole: Request, at: float, outcome: Outcome) -> None:
        self._held -= 1
        whole.ends = at
        if outcome is Outcome.OK:
            self._count(whole, at)
        elif outcome is not Outcome.LOST:
            self.tally.failure["OTHER"] += _FAILED_TWICE
            self.tally.failure_s += at - whole.arrived
        whole.owner.answered(whole, at, outcome)

    def _count(self, whole: Request, at: float) -> None:
        tally, total_s = self.tally, at - whole.arrived
        infer_s = max(0.0, total_s - _QUEUE_S - _INPUT_S - _OUTPUT_S)
        tally.success += 1
        tally.inferences += whole.items
        tally.executions += 1
        tally.request_s += total_s
        tally.queue_s += _QUEUE_S
        tally.input_s += _INPUT_S
        tally.infer_s += infer_s
        tally.output_s += _OUTPUT_S
        tally.last = at
        row = tally.batch(whole.items)
        row.executions += 1
        row.input_s += _INPUT_S
        row.infer_s += infer_s
        row.output_s += _OUTPUT_S
        self._samples.append((total_s, _QUEUE_S, _INPUT_S, infer_s, _OUTPUT_S))

    def _observe(self, until: float) -> None:
        if not self._samples:
            return
        columns = list(zip(*self._samples, strict=True))
        self._samples.clear()
        self.series.respond(columns[0])
        for family, column in zip(FAMILIES, columns, strict=True):
            self.series.windows[family].add(until, column)
