"""What the GPUs table may be filtered by."""

from collections.abc import Callable

from console.domain.gpu import GpuRow
from console.view.filters import Field, Fields

_GIB = 2.0**30


def _percent(get: Callable[[GpuRow], float | None], about: str) -> Field[GpuRow]:
    def value(row: GpuRow) -> float | None:
        ratio = get(row)
        return None if ratio is None else ratio * 100

    return Field(value, f"{about}, per cent", numeric=True)


def _gib(get: Callable[[GpuRow], float | None], about: str) -> Field[GpuRow]:
    def value(row: GpuRow) -> float | None:
        size = get(row)
        return None if size is None else size / _GIB

    return Field(value, f"{about}, GiB", numeric=True)


def _text(get: Callable[[GpuRow], str], about: str) -> Field[GpuRow]:
    return Field(get, about, numeric=False)


def memory_share(row: GpuRow) -> float | None:
    """Used memory over all of it, 0-1."""
    used, total = row.gpu.memory_used_bytes, row.gpu.memory_total_bytes
    return used / total if used is not None and total else None


GPU_FIELDS: Fields[GpuRow] = Fields(
    {
        "util": _percent(lambda row: row.gpu.utilization, "time with a kernel running"),
        "sm": _percent(lambda row: row.gpu.sm_active, "SM active"),
        "mem": _percent(memory_share, "memory used"),
        "used": _gib(lambda row: row.gpu.memory_used_bytes, "memory used"),
        "free": _gib(lambda row: row.gpu.memory_free_bytes, "memory free"),
        "power": Field(lambda row: row.gpu.power_w, "power, W", numeric=True),
        "temp": Field(lambda row: row.gpu.temperature_c, "temperature, °C", numeric=True),
        "age": Field(lambda row: row.age_s, "age of the data, s", numeric=True),
        "gpu": _text(lambda row: row.gpu.number, "number on its node"),
        "node": _text(lambda row: row.gpu.node, "its node"),
        "pod": _text(lambda row: row.gpu.pod, "the pod that holds it"),
        "mig": _text(lambda row: row.gpu.mig, "MIG profile and instance"),
        "source": _text(lambda row: row.source, "who says so"),
    },
    lambda row: (row.gpu.node, row.gpu.pod, row.gpu.name),
    lambda row: (row.gpu.uuid, row.gpu.namespace),
)
