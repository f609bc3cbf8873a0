"""The GPUs table: by node, GPU and MIG slice."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from console.domain.basis import Missing
from console.domain.gpu import GpuRow, place
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.filters import Filter
from console.view.gpu_fields import memory_share
from console.view.missing import FACES, shown
from console.view.spark import bar
from console.view.styled import Line, Role, Span
from console.view.table import Column, Row, Sort, Table, by_figure, grown

_MEMORY_CELLS = 10
_TIGHT = 0.95

COLUMNS: tuple[Column, ...] = (
    Column("sign", "", 1, "◌ stale, ✗ reported a critical error (XID)", align="left"),
    Column("node", "NODE", 10, "the node", align="left", drop=3, grow=14, cut="middle"),
    Column(
        "gpu",
        "GPU",
        4,
        "the driver's number on its node, or how its UUID begins where nobody tells that",
        grow=4,
    ),
    Column("mig", "MIG", 10, "profile/instance of a slice", align="left", drop=4),
    Column("util", "UTIL %", 6, "time in which a kernel ran, which is not how full the GPU was"),
    Column("sm", "SM %", 6, "time-averaged share of SMs with work; n/a where it is not exported"),
    Column("memory", "MEMORY", 16, "memory used, of all of it", align="left"),
    Column("used", "USED GiB", 8, "memory used", drop=5),
    Column("free", "FREE GiB", 8, "memory free"),
    Column("total", "OF GiB", 7, "memory in all", drop=6),
    Column("power", "POWER W", 7, "board power", drop=7),
    Column("temp", "°C", 4, "GPU temperature", drop=8),
    Column("pod", "POD", 12, "the pod that holds it", align="left", drop=9, grow=30, cut="middle"),
    Column("name", "NAME", 20, "what it is", align="left", drop=12, grow=12),
    Column("source", "SOURCE", 7, "who says so, best first", align="left", drop=10, grow=10),
    Column("age", "AGE", 5, "age of the data", drop=2),
    Column("note", "NOTE", 16, "what could not be read", align="left", drop=11, grow=60),
)

PLACE = Sort("node")

_ORDERS: dict[str, Callable[[GpuRow], float | str | None]] = {
    "util": lambda row: row.gpu.utilization,
    "sm": lambda row: row.gpu.sm_active,
    "memory": memory_share,
    "used": lambda row: row.gpu.memory_used_bytes,
    "free": lambda row: None if row.gpu.memory_free_bytes is None else -row.gpu.memory_free_bytes,
    "total": lambda row: row.gpu.memory_total_bytes,
    "power": lambda row: row.gpu.power_w,
    "temp": lambda row: row.gpu.temperature_c,
    "age": lambda row: row.age_s,
}
SORTS = ("node", *_ORDERS)


def gpus_table(snapshot: Snapshot, chosen: Filter[GpuRow], sort: Sort = PLACE) -> Table[GpuRow]:
    """GPUs that pass the filter, by place or by a figure (the highest first, memory free the lowest)."""
    rows = list(filter(chosen.matches, snapshot.gpus))
    rows.sort(key=lambda row: place(row.gpu), reverse=sort.reversed and sort.by not in _ORDERS)
    return Table(columns(snapshot), _ordered(rows, sort), gpu_key, gpu_row, sort, _nothing(snapshot, chosen))


def columns(snapshot: Snapshot) -> tuple[Column, ...]:
    """The columns, as wide as what stands in them."""
    texts: dict[str, Callable[[GpuRow], str]] = {
        "node": lambda row: row.gpu.node,
        "gpu": _number,
        "pod": _pod,
        "name": lambda row: row.gpu.name,
        "source": lambda row: row.source,
    }
    return tuple(
        grown(column, map(texts[column.id], snapshot.gpus)) if column.id in texts else column
        for column in COLUMNS
    )


def _ordered(rows: list[GpuRow], sort: Sort) -> Sequence[GpuRow]:
    measure = _ORDERS.get(sort.by)
    return rows if measure is None else by_figure(rows, measure, highest_first=not sort.reversed)


def gpu_key(row: GpuRow) -> Hashable:
    """What tells one row from another: the UUID, and the slice."""
    return row.gpu.uuid, row.gpu.mig


def _nothing(snapshot: Snapshot, chosen: Filter[GpuRow]) -> tuple[Line, ...]:
    if chosen.tests and snapshot.gpus:
        return (
            (Span(f"No GPU matches {visible(chosen.text, 60)}", "dim"),),
            (Span("esc clears the filter", "dim"),),
        )
    notes: Iterable[Line] = ((Span(f"  {visible(note)}", "dim"),) for note in snapshot.notes)
    return ((Span("No GPU is reported by any source.", "dim"),), (), *notes)


def gpu_row(row: GpuRow, wanted: frozenset[str]) -> Row:
    """One GPU or MIG slice as cells."""
    del wanted
    gpu = row.gpu
    sign = Span("◌", "stale") if row.stale else Span("✗", "bad") if gpu.xid else Span("●", "good")
    cells = (
        (sign,),
        (Span(visible(gpu.node, 60) or "–", "title"),),
        (Span(_number(row) or "–"),),
        (Span(visible(gpu.mig, 20) or "–", "" if gpu.mig else "dim"),),
        share(gpu.utilization),
        share(gpu.sm_active),
        _memory(row),
        shown(gpu.memory_used_bytes, write.gib, Missing.UNSUPPORTED),
        shown(gpu.memory_free_bytes, write.gib, Missing.UNSUPPORTED),
        shown(gpu.memory_total_bytes, write.gib, Missing.UNSUPPORTED),
        shown(gpu.power_w, write.count, Missing.UNSUPPORTED),
        shown(gpu.temperature_c, write.count, Missing.UNSUPPORTED),
        (Span(_pod(row)),),
        (Span(visible(gpu.name, 60), "dim"),),
        (Span(visible(row.source, 40), "dim"),),
        (Span(write.age(row.age_s), "warn" if row.stale else "dim"),),
        (Span("; ".join(visible(note) for note in row.notes), "dim"),),
    )
    return Row(cells, role="stale" if row.stale else "")


def _number(row: GpuRow) -> str:
    """The driver's number; what tells it from others where that is unknown."""
    gpu = row.gpu
    return visible(gpu.number or gpu.uuid.removeprefix("GPU-"), 8)


def _pod(row: GpuRow) -> str:
    namespace, pod = visible(row.gpu.namespace, 40), visible(row.gpu.pod, 80)
    return f"{namespace}/{pod}" if namespace and pod else pod or "–"


def share(ratio: float | None) -> Line:
    """A ratio of 0-1 as per cent; one that no source exports is said so."""
    if ratio is None:
        return (FACES[Missing.UNSUPPORTED],)
    return (Span(write.percent(ratio)),)


def _memory(row: GpuRow) -> Line:
    share = memory_share(row)
    if share is None:
        return (FACES[Missing.UNSUPPORTED],)
    role: Role = "warn" if share > _TIGHT else "accent"
    return (
        Span(bar(share, _MEMORY_CELLS), role),
        Span(f"{share * 100:5.1f}", "warn" if share > _TIGHT else ""),
    )
