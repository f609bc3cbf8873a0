"""Evidence of a gate made by hand, two sides that are equal but for what a test changes; and a server that answers as told."""

from collections.abc import Callable
from typing import Any

from console.domain.basis import Basis
from console.domain.fleet import Target
from console.domain.gate import Check, Limits
from console.domain.gate_answers import Input, Output, Reply, ReplyKind
from console.domain.gate_figures import Figures, Latency
from console.domain.gate_judge import Evidence, Probed, judged
from console.domain.gate_memory import Held, HeldPair

DEFAULTS = Limits()
UNKNOWN_MEMORY = HeldPair(Held(None, why="nothing tells"), Held(None, why="nothing tells"))


def latency(
    p99: float | None, p95: float | None = 10.0, n: int = 1000, basis: Basis = Basis.SUMMARY
) -> Latency:
    return Latency(basis, n, 5.0, p95, p99)


def figures(p99: float | None = 20.0, p95: float | None = 10.0, n: int = 1000, **changes: Any) -> Figures:
    found = latency(p99, p95, n)
    latencies = {found.basis: found} if p99 is not None else {}
    return Figures(float(n), 0.0, 5.0, 1.0, latencies)._replace(**changes)


def probed(p99: float | None = 20.0, p95: float = 10.0, ok: int = 100, failed: int = 0) -> Probed:
    return Probed(Latency(Basis.PROBE, ok, 5.0, p95, p99), ok, failed)


def checks(
    baseline: Figures, candidate: Figures, limits: Limits = DEFAULTS, **evidence: Any
) -> dict[str, Check]:
    given = Evidence(baseline, candidate, UNKNOWN_MEMORY)._replace(**evidence)
    return {check.id: check for check in judged(given, limits)}


ONE = (Input("in.json", {"inputs": []}),)
GOOD = Reply(ReplyKind.OK, 5.0, {"OUT": Output("FP32", (1,), [1.0])})
BAD = Reply(ReplyKind.REFUSED, 1.0, error="HTTP 500: boom")
MUTE = Reply(ReplyKind.TIMEOUT, 10_000.0, error="no answer within 10 s")

Say = Callable[[str, int], Reply]


class Told:
    """Answers as it is told to, by version and by how many were sent before; ``sent`` are the versions asked."""

    def __init__(self, say: Say, inputs: tuple[Input, ...] = ONE) -> None:
        self._say = say
        self._inputs = inputs
        self.sent: list[str] = []

    async def inputs(self, target: Target, model: str, version: str) -> tuple[Input, ...]:
        if not self._inputs:
            raise ValueError("it is decoupled")
        return self._inputs

    async def infer(self, target: Target, model: str, version: str, body: bytes, seconds: float) -> Reply:
        self.sent.append(version)
        return self._say(version, len(self.sent))
