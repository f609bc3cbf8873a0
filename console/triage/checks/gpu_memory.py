"""Whether a GPU has too little memory left."""

from console.domain.alerts import GPU_FREE_FLOOR_BYTES
from console.domain.gpu import GpuRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.gpus import HINT, Gauge, figure, gpus, named, shift
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain

NAME = "gpu_memory"
_MIB = 2.0**20
_FREE = Gauge(
    "free memory",
    "MiB",
    "DCGM_FI_DEV_FB_FREE{where}",
    "(nv_gpu_memory_total_bytes{where} - nv_gpu_memory_used_bytes{where}) / 2^20",
    "memory.free",
)
# Of many GPUs those with the least memory left are told.
_MOST = 16


def check(scene: Scene) -> Finding:
    """Yes when less than the floor is free: a floor, not a share, since LLM servers fill the GPU by design."""
    strain = Strain(scene.inner)
    found = [(row, free) for row in gpus(strain) if (free := free_bytes(row)) is not None]
    if not found:
        nothing = Evidence(NAME, Answer.UNKNOWN, "free GPU memory", hint=HINT)
        return Finding(
            NAME, Answer.UNKNOWN, "no source tells of the memory of its GPUs", (nothing,), confidence=0.2
        )
    found = sorted(found, key=lambda pair: pair[1])[:_MOST]
    evidence = tuple(_evidence(strain, row, free) for row, free in found)
    low = [(free, row) for row, free in found if free < GPU_FREE_FLOOR_BYTES]
    if low:
        free, row = min(low, key=lambda pair: pair[0])
        said = (
            f"{named(row)} has {free / _MIB:.0f} MiB free, the floor is {GPU_FREE_FLOOR_BYTES / _MIB:.0f} MiB"
        )
        return Finding(
            NAME,
            Answer.YES,
            said,
            evidence,
            "gpu",
            0.9,
            scene.inner.model,
            target=strain.focus,
            at=scene.onset,
        )
    least = min(free for _, free in found)
    return Finding(NAME, Answer.NO, f"at least {least / 2**30:.1f} GiB are free", evidence, confidence=0.9)


def free_bytes(row: GpuRow) -> float | None:
    """Free memory, or total less used where the source does not tell."""
    gpu = row.gpu
    if gpu.memory_free_bytes is not None:
        return gpu.memory_free_bytes
    if gpu.memory_total_bytes is None or gpu.memory_used_bytes is None:
        return None
    return gpu.memory_total_bytes - gpu.memory_used_bytes


def _evidence(strain: Strain, row: GpuRow, free: float) -> Evidence:
    usual = shift(strain, row, "memory_free_bytes")
    base = None if usual.base is None else usual.base / _MIB
    answer = Answer.YES if free < GPU_FREE_FLOOR_BYTES else Answer.NO
    return figure(NAME, answer, row, _FREE, Shift(free / _MIB, base, 0.0, usual.basis))
