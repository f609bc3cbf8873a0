"""GPU figures in one spelling and one set of units, whatever source they came from."""

from collections.abc import Mapping
from typing import NamedTuple

from console.domain.text import whole


class GpuSample(NamedTuple):
    """One GPU, or one MIG slice, as one source saw it.

    Ratios are 0-1, memory is bytes, power W, temperature °C, clocks MHz; None is unknown.
    ``number`` is the driver's index. ``mig`` is ``profile/instance`` for a slice and empty for a whole GPU.
    """

    uuid: str
    number: str = ""
    name: str = ""
    node: str = ""
    namespace: str = ""
    pod: str = ""
    container: str = ""
    mig: str = ""
    utilization: float | None = None
    engine_active: float | None = None
    sm_active: float | None = None
    tensor_active: float | None = None
    dram_active: float | None = None
    memory_used_bytes: float | None = None
    memory_total_bytes: float | None = None
    memory_free_bytes: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    temperature_c: float | None = None
    sm_clock_mhz: float | None = None
    xid: float | None = None


def place(gpu: GpuSample) -> tuple[str, int, str, str, str]:
    """Sort key: by node, the driver's number (what is none comes last), slice and UUID."""
    number = whole(gpu.number)
    return gpu.node, 1 << 62 if number is None else number, gpu.number, gpu.mig, gpu.uuid


def gauged(uuid: str, fields: Mapping[str, float]) -> GpuSample:
    """A GPU from Triton's own gauges, by field of the sample; free memory is what the others leave."""
    used, total = fields.get("memory_used_bytes"), fields.get("memory_total_bytes")
    free = total - used if used is not None and total is not None else None
    return GpuSample(uuid=uuid, memory_free_bytes=free, **fields)  # type: ignore[arg-type]


class GpuReading(NamedTuple):
    """What one poll of a GPU source returned; ``notes`` say what could not be read."""

    gpus: tuple[GpuSample, ...]
    notes: tuple[str, ...] = ()


class GpuRow(NamedTuple):
    """One GPU joined over its sources; ``source`` names them, best first."""

    gpu: GpuSample
    source: str
    at: float
    age_s: float
    stale: bool
    notes: tuple[str, ...] = ()
