"""What a gate sends: the same inputs to both sides, to compare the answers or to measure how long they take."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Protocol

from console.domain.basis import Basis
from console.domain.fleet import Target
from console.domain.gate import Limits
from console.domain.gate_answers import Answers, Compared, Input, Reply, ReplyKind, compared
from console.domain.gate_figures import Latency, percentile
from console.domain.gate_judge import Probed
from console.domain.gate_sides import Pair, Place

INFER_S = 10.0
# The first inferences of a version that was just loaded measure its start.
WARM_UP = 3
_LEAST_FOR_P99 = 100
# After so many without any answer there is none to wait for.
_PATIENCE = 5
# A server that cannot be reached, or does not answer, says nothing of the model.
_LOST = (ReplyKind.TIMEOUT, ReplyKind.UNREACHABLE)


class Inferences(Protocol):
    """What sends inferences to targets."""

    async def inputs(self, target: Target, model: str, version: str) -> tuple[Input, ...]:
        """What can be sent to a version; raises ValueError that says why nothing can."""
        ...

    async def infer(self, target: Target, model: str, version: str, body: bytes, seconds: float) -> Reply:
        """One inference, at most so long; never raises for what a server does."""
        ...


class Trials:
    """Sends the same inferences to two versions, one at a time."""

    def __init__(self, inferences: Inferences) -> None:
        self._inferences = inferences

    async def inputs(self, pair: Pair) -> tuple[Input, ...]:
        """What can be sent to both: what the baseline takes; raises ValueError that says why nothing can."""
        return await self._inferences.inputs(pair.baseline.target, pair.model, pair.baseline.version)

    async def compare(self, pair: Pair, given: Sequence[Input], limits: Limits) -> Answers:
        """The answers to each input compared; without any given, to those that can be had.

        The baseline is asked twice, before and after the candidate: a model may differ from itself. After an
        inference without any answer there is no next input.
        """
        try:
            inputs = given or await self.inputs(pair)
        except ValueError as error:
            return Answers(problem=str(error))
        found: list[Compared] = []
        sent = 0
        for each in inputs:
            body = json.dumps(each.body).encode()
            replies = [
                await self._asked(pair, place, body)
                for place in (pair.baseline, pair.candidate, pair.baseline)
            ]
            sent += len(replies)
            first, other, again = replies
            within = (limits.tolerance, limits.rtol)
            found.append(await asyncio.to_thread(compared, each, (first, again), other, within))
            if any(reply.kind in _LOST for reply in replies):
                break
        return Answers(tuple(found), sent)

    async def measure(
        self, pair: Pair, given: Sequence[Input], number: int, report: Callable[[int], None]
    ) -> tuple[Probed, Probed]:
        """``number`` inferences to each, in turns, after a few that are not counted; raises ValueError without inputs.

        ``report`` is told how many were sent to each, the uncounted ones among them.
        """
        bodies = [json.dumps(each.body).encode() for each in given or await self.inputs(pair)]
        tallies = _Tally(), _Tally()
        for turn in range(number + WARM_UP):
            for place, tally in zip((pair.baseline, pair.candidate), tallies, strict=True):
                reply = await self._asked(pair, place, bodies[turn % len(bodies)])
                tally.add(reply, counts=turn >= WARM_UP)
            report(turn + 1)
            if any(tally.silent >= _PATIENCE for tally in tallies):
                break
        return tallies[0].probed(), tallies[1].probed()

    async def _asked(self, pair: Pair, place: Place, body: bytes) -> Reply:
        return await self._inferences.infer(place.target, pair.model, place.version, body, INFER_S)


class _Tally:
    """What came of the measured requests to one side."""

    def __init__(self) -> None:
        self._took_ms: list[float] = []
        self._failed = 0
        self._error = ""
        self.silent = 0

    def add(self, reply: Reply, *, counts: bool) -> None:
        """One more, counted or not."""
        self.silent = self.silent + 1 if reply.kind in _LOST else 0
        self._error = reply.error or self._error
        if not counts:
            return
        if reply.ok:
            self._took_ms.append(reply.took_ms)
        elif reply.kind is not ReplyKind.UNREACHABLE:
            self._failed += 1

    def probed(self) -> Probed:
        """The exact percentiles of those that were answered, no p99 of fewer than a hundred."""
        ordered = sorted(self._took_ms)
        latency = None
        if ordered:
            enough = len(ordered) >= _LEAST_FOR_P99
            p50, p95, p99 = (percentile(ordered, q) for q in (0.5, 0.95, 0.99))
            latency = Latency(Basis.PROBE, len(ordered), p50, p95, p99 if enough else None)
        return Probed(latency, len(ordered), self._failed, self._error)
