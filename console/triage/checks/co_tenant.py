"""Whether something that is none of this server's takes its GPU."""

from console.domain.gpu import GpuRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.gpus import BUSY, HINT, Gauge, figure, gpus, named, shift
from console.triage.neighbours import grown
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import MORE, Strain

NAME = "co_tenant"
_MORE_BUSY = 0.15
_GIB = 2.0**30
_MORE_MEMORY = 1.0 * _GIB
# Of many GPUs the busiest are looked at.
_MOST = 16
_USED = Gauge(
    "memory used",
    "GiB",
    "DCGM_FI_DEV_FB_USED{where} / 1024",
    "nv_gpu_memory_used_bytes{where} / 2^30",
    "memory.used",
)
_COLUMNS = ("sm_active", "utilization")


def check(scene: Scene) -> Finding:
    """Yes when a GPU got busier or fuller while the models on it had no more to do and executions got slower."""
    strain = Strain(scene.inner)
    rows = sorted(gpus(strain), key=_load, reverse=True)[:_MOST]
    if not rows:
        nothing = Evidence(NAME, Answer.UNKNOWN, "GPU used by others", hint=HINT)
        return Finding(NAME, Answer.UNKNOWN, "no source tells who uses its GPUs", (nothing,), confidence=0.2)
    evidence = tuple(each for row in rows for each in _figures(strain, row))
    if strain.more >= MORE or not strain.by_service:
        said = "executions take as long as before" if not strain.by_service else "its own work grew"
        return Finding(NAME, Answer.NO, f"{said}: nobody takes its GPU", evidence, confidence=0.7)
    own = grown(strain)
    if own:
        said = f"{own[0].model} on the same server does more: see the traffic"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.6)
    taken = [row for row in rows if _taken(strain, row)]
    if not taken:
        return Finding(
            NAME, Answer.NO, "its GPUs are no busier and no fuller than before", evidence, confidence=0.6
        )
    pods = {row.gpu.pod for row in taken if row.gpu.pod}
    whose = f" (pods on it: {', '.join(sorted(pods))})" if pods else ""
    said = f"{named(taken[0])} got busier or fuller while the models on it had no more to do{whose}"
    return Finding(
        NAME, Answer.YES, said, evidence, "gpu", 0.75, scene.inner.model, target=strain.focus, at=scene.onset
    )


def _load(row: GpuRow) -> tuple[float, float]:
    busy = max(getattr(row.gpu, column) or 0.0 for column in _COLUMNS)
    return busy, row.gpu.memory_used_bytes or 0.0


def _taken(strain: Strain, row: GpuRow) -> bool:
    memory = shift(strain, row, "memory_used_bytes").difference
    return (memory or 0.0) >= _MORE_MEMORY or any(
        (shift(strain, row, column).difference or 0.0) >= _MORE_BUSY for column in _COLUMNS
    )


def _figures(strain: Strain, row: GpuRow) -> list[Evidence]:
    busy = "sm_active" if row.gpu.sm_active is not None else "utilization"
    active = shift(strain, row, busy)
    used = shift(strain, row, "memory_used_bytes")
    gib = used._replace(now=_gib(used.now), base=_gib(used.base))
    return [
        figure(NAME, _yes(active, _MORE_BUSY), row, BUSY[busy], active),
        figure(NAME, _yes(used, _MORE_MEMORY), row, _USED, gib),
    ]


def _gib(value: float | None) -> float | None:
    return None if value is None else value / _GIB


def _yes(value: Shift, least: float) -> Answer:
    if value.difference is None:
        return Answer.UNKNOWN
    return Answer.YES if value.difference >= least else Answer.NO
