"""Scenes that checks are asked about: a model that is well, each way of being ill, and pictures with holes."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from console.domain.around import LinkReading, LinkRow, RouteRow
from console.domain.basis import Basis
from console.domain.failure import Failure, FailureKind
from console.domain.marker import Marker, MarkerKind
from console.domain.probe import ProbeOutcome
from console.domain.rows import Lifetime
from console.domain.triton import State
from console.triage.scene import Scene
from tests.fake_history import NOW
from tests.parts.memory import Figure, Memory, Served, scene, stepped
from tests.snapshots import GIB, down_target, frozen, gpu_row, probe_summary, target_row

FOUR = tuple(f"triton-{number}" for number in range(4))
ENSEMBLE = {
    "name": "search",
    "platform": "ensemble",
    "ensemble_scheduling": {"step": [{"model_name": "tokens"}, {"model_name": "ranker"}]},
}
BATCHING = {"name": "ranker", "max_batch_size": 8, "dynamic_batching": {}, "instance_group": [{"count": 2}]}
PYTHON = {"name": "ranker", "backend": "python", "instance_group": [{"count": 2}]}


def since(before: Figure, after: Figure) -> Any:
    """A figure that moved a minute ago."""
    return stepped(before, after, 60.0)


def change(kind: MarkerKind = MarkerKind.LOAD, ago: float = 65.0, **fields: Any) -> Marker:
    """What changed about version 2 of the model on triton-0, shortly before the figures moved."""
    made = Marker(NOW - ago, kind, "ranker/2", "ranker/2 loaded", "ranker", "2", "triton-0")
    return made._replace(**fields)


def route(**fields: Any) -> RouteRow:
    """The gateway's route of the model, on which nothing goes wrong."""
    figures = dict.fromkeys(("retries", "timeouts", "failed", "rejected", "connect_failures"), 0.0)
    made = RouteRow(
        name="ranker", kind="envoy", models=("ranker",), edge=False, rate=20.0, **figures,
        mean_ms=14.0, p50_ms=None, p99_ms=None, basis=Basis.MEAN, queue_ms=None, connect_ms=None, weights={},
        query="curl http://envoy:9901/stats", age_s=1.0, stale=False,
    )  # fmt: skip
    return made._replace(**fields)


def routed(**courses: Figure) -> dict[tuple[str, str], Figure]:
    """What the gateway counted of the route before and now."""
    usual: dict[str, Figure] = {"rate": 20.0, "retries": 0.0, "timeouts": 0.0, "failed": 0.0, "mean_ms": 14.0}
    return {("ranker", column): course for column, course in (usual | courses).items()}


def link(target: str = "triton-0", *, stale: bool = False, **fields: Any) -> LinkRow:
    """The way to a target as the console measured it."""
    return LinkRow(LinkReading(target, **{"connect_ms": 0.4, **fields}), 2.0, stale)


def ways(**courses: Figure) -> dict[tuple[str, str], Figure]:
    """What the way to triton-0 took before and now."""
    return {("triton-0", column): course for column, course in courses.items()}


def gpu(used: Figure = 50 * GIB, free: Figure = 30 * GIB, **courses: Figure) -> dict[Any, Figure]:
    """The past of the GPU."""
    usual: dict[str, Figure] = {"utilization": 0.5, "sm_active": 0.45, **courses}
    usual |= {"memory_used_bytes": used, "memory_free_bytes": free}
    return {("GPU-5d2d", "", column): course for column, course in usual.items()}


def life(requests: float = 100_000.0, mean_ms: float = 10.0) -> Lifetime:
    """What the counters held when the console first looked."""
    return Lifetime(NOW - 600, requests, 0.0, mean_ms, 1.0, 0.5, mean_ms - 2.0, 0.5, 1.0, 1.0)


def metrics_gone(kind: FailureKind = FailureKind.REFUSED) -> Failure:
    """Why the metrics of a target are missing."""
    return Failure(kind, "metrics", "metrics: connection refused at http://triton-0:8002/metrics")


def noisy() -> tuple[Served, Served]:
    """A model that gets slower, and another one on its server that does five times its work."""
    return (
        Served(infer_ms=since(8.0, 24.0)),
        Served("embed", rate=since(20.0, 100.0), infer_ms=8.0),
    )


SLOWER: Mapping[str, Any] = {"infer_ms": since(8.0, 40.0), "p99_ms": since(20.0, 260.0)}
"""What an execution takes five times as long for."""
FLOODED: Mapping[str, Any] = {
    "rate": since(20.0, 60.0),
    "queue_ms": since(1.0, 300.0),
    "p99_ms": since(20.0, 400.0),
}
"""Three times the requests, which wait."""

SCENES: Mapping[str, Callable[[], Scene]] = {
    "well": lambda: scene(Served(p99_ms=20.0, config=BATCHING), routes=(route(),), courses=routed()),
    "means alone": lambda: scene(Served()),
    "slower after a load": lambda: scene(Served(version="2", **SLOWER), markers=(change(),)),
    "slower without a change": lambda: scene(Served(**SLOWER)),
    "flooded": lambda: scene(Served(**FLOODED, config=BATCHING)),
    "flooded before the watch": lambda: scene(Served(rate=60.0, queue_ms=300.0, mean_ms=310.0, life=life())),
    "slow since ever": lambda: scene(Served(infer_ms=400.0, p99_ms=900.0)),
    "larger requests": lambda: scene(Served(items=since(1.0, 8.0), infer_ms=since(8.0, 40.0))),
    "waits and does not batch": lambda: scene(
        Served(**FLOODED, config={"name": "ranker", "max_batch_size": 8})
    ),
    "failing": lambda: scene(Served(failed=since(0.0, 4.0))),
    "failing all": lambda: scene(Served(failed=since(0.0, 20.0), config=PYTHON)),
    "repeated by the gateway": lambda: scene(
        Served(), routes=(route(retries=9.0, timeouts=2.0),), courses=routed(retries=since(0.0, 9.0))
    ),
    "failing at the gateway": lambda: scene(
        Served(), routes=(route(failed=6.0),), courses=routed(failed=since(0.0, 6.0))
    ),
    "a gateway that counts little": lambda: scene(
        Served(),
        routes=(route(**dict.fromkeys(("retries", "timeouts", "failed", "rejected", "connect_failures"))),),
    ),
    "weights moved": lambda: scene(
        Served(rate=since(20.0, 60.0), infer_ms=since(8.0, 12.0), p99_ms=since(20.0, 70.0)),
        markers=(change(MarkerKind.WEIGHT, detail="weight of v2: 10 → 50", model="", target=""),),
        routes=(route(rate=60.0),),
        courses=routed(rate=since(20.0, 60.0)),
    ),
    "a noisy neighbour": lambda: scene(*noisy()),
    "GPU taken": lambda: scene(
        Served(infer_ms=since(8.0, 24.0)),
        gpus=(gpu_row(sm_active=0.98, utilization=1.0),),
        courses=gpu(sm_active=since(0.4, 0.98), utilization=since(0.5, 1.0)),
    ),
    "GPU full": lambda: scene(
        Served(), gpus=(gpu_row(memory_free_bytes=0.1 * GIB),), courses=gpu(free=since(30 * GIB, 0.1 * GIB))
    ),
    "CPU taken": lambda: scene(
        Served(infer_ms=since(8.0, 24.0)), courses={("triton-0", "cpu_utilization"): since(0.3, 0.97)}
    ),
    "inputs slow": lambda: scene(Served(input_ms=since(0.5, 30.0))),
    "connecting is slow": lambda: scene(
        Served(), links=(link(connect_ms=90.0),), courses=ways(connect_ms=since(0.4, 90.0))
    ),
    "connecting fails": lambda: scene(
        Served(),
        links=(link(connect_ms=None, failed="connect", detail="refused"),),
        courses=ways(connect_ms=0.4),
    ),
    "frozen": lambda: scene(Served(), frozen=frozen()),
    "lock unreadable": lambda: scene(
        Served(), lock_unknown="the lock's folder cannot be read: check [freeze]"
    ),
    "probe fails": lambda: scene(
        Served(row={"probes": (probe_summary(ProbeOutcome.ERROR, detail="Stub process is not healthy"),)})
    ),
    "probe not reached": lambda: scene(
        Served(row={"probes": (probe_summary(ProbeOutcome.UNREACHABLE, n=0, p50_ms=None),)})
    ),
    "load fails": lambda: scene(
        Served(
            rate=None,
            row={"state": State.UNAVAILABLE, "ready": 0, "reason": "Internal: failed to localize path: gone"},
        )
    ),
    "loading for long": lambda: scene(
        Served(rate=None, row={"state": State.LOADING, "ready": 0, "since": NOW - 400})
    ),
    "target gone": lambda: scene(
        Served(rate=stepped(20.0, None, 60.0), row={"stale": True}), targets=[down_target("triton-0")]
    ),
    "restarted twice": lambda: scene(
        Served(),
        markers=tuple(
            Marker(NOW - ago, MarkerKind.DOWN, "triton-0", "down", target="triton-0") for ago in (300, 90)
        ),
    ),
    "metrics refused": lambda: scene(
        Served(rate=None), targets=[target_row("triton-0", failures=(metrics_gone(),))]
    ),
    "metrics forbidden": lambda: scene(
        Served(rate=None), targets=[target_row("triton-0", failures=(metrics_gone(FailureKind.FORBIDDEN),))]
    ),
    "quiet": lambda: scene(Served(rate=0.05, failed=since(0.0, 0.05), **SLOWER), markers=(change(),)),
    "idle": lambda: scene(Served(rate=0.0)),
    "watched for a moment": lambda: scene(Served(), memory=Memory(watched_s=6.0)),
    "one of four": lambda: scene(Served(on=FOUR, only={"triton-2": {"infer_ms": since(8.0, 60.0)}})),
    "ensemble": lambda: scene(
        Served("search", infer_ms=0.0, mean_ms=since(20.0, 60.0), config=ENSEMBLE),
        Served("tokens", input_ms=since(0.5, 20.0)),
        Served(infer_ms=since(8.0, 30.0)),
    ),
    "no such model": lambda: scene(Served(), model="gone"),
    "nothing at all": lambda: (
        scene(Served(on=(), row={}), targets=[]) if False else scene(targets=[], models=())
    ),
    "not a number": lambda: scene(
        Served(**dict.fromkeys(("rate", "queue_ms", "infer_ms", "p99_ms"), math.nan))
    ),
    "infinite": lambda: scene(Served(rate=20.0, queue_ms=math.inf, infer_ms=math.inf)),
}
"""By name, each made anew."""
