"""The panels of one GPU: activity and memory."""

from console.domain.basis import Missing
from console.domain.gpu import GpuRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.charts import Chart, Series, Stretch, series
from console.view.gpus import share
from console.view.marks import gpu_marks
from console.view.missing import shown
from console.view.panels import Panel
from console.view.styled import Line, Span, Tint, joined

_GIB = 2.0**30
_ABSENT = Missing.UNSUPPORTED
_NOTES = 3


def gpu_panels(snapshot: Snapshot, row: GpuRow, stretch: Stretch) -> tuple[Panel, Panel]:
    """Activity and memory of one GPU over a stretch of time."""
    return _activity(snapshot, row, stretch), _memory(snapshot, row, stretch)


def _activity(snapshot: Snapshot, row: GpuRow, stretch: Stretch) -> Panel:
    gpu = row.gpu
    where = f"{visible(gpu.node, 40)} GPU {visible(gpu.number, 8)} {visible(gpu.mig, 20)}".strip()
    shares = [
        (Span(f"{name} ", "dim"), *share(ratio))
        for name, ratio in (
            ("util", gpu.utilization),
            ("SM", gpu.sm_active),
            ("tensor", gpu.tensor_active),
            ("DRAM", gpu.dram_active),
        )
    ]
    board = [
        (Span(f"{name} ", "dim"), *shown(value, write.count, _ABSENT), Span(f" {unit}", "dim"))
        for name, value, unit in (
            ("power", gpu.power_w, "W"),
            ("limit", gpu.power_limit_w, "W"),
            ("clock", gpu.sm_clock_mhz, "MHz"),
        )
    ]
    lines = _lines(
        snapshot,
        row,
        stretch,
        100.0,
        ("utilization", "util %", "first"),
        ("sm_active", "SM active %", "second"),
    )
    return Panel(
        (Span("Activity  ", "title"), Span(where, "accent")),
        ((*joined([*shares]), Span(" %", "dim")), joined([*board])),
        Chart("%", stretch.since, stretch.step, lines, gpu_marks(snapshot, row, stretch), top=100.0),
    )


def _memory(snapshot: Snapshot, row: GpuRow, stretch: Stretch) -> Panel:
    gpu = row.gpu
    sizes = [
        (Span(f"{name} ", "dim"), *shown(size, write.gib, _ABSENT))
        for name, size in (
            ("used", gpu.memory_used_bytes),
            ("free", gpu.memory_free_bytes),
            ("of", gpu.memory_total_bytes),
        )
    ]
    lines = _lines(snapshot, row, stretch, 1 / _GIB, ("memory_used_bytes", "used GiB", "first"))
    chart = Chart("GiB", stretch.since, stretch.step, lines, gpu_marks(snapshot, row, stretch))
    if gpu.memory_total_bytes is not None:
        total = gpu.memory_total_bytes
        chart = chart._replace(level=total / _GIB, level_label=f"{write.gib(total)} GiB", top=total / _GIB)
    facts: tuple[Line, ...] = (
        (*joined([*sizes]), Span(" GiB", "dim")),
        (Span(visible(gpu.uuid, 60), "dim"),),
        *((Span(f"· {visible(note)}", "dim"),) for note in (*row.notes, *snapshot.notes)[:_NOTES]),
    )
    return Panel((Span("Memory", "title"),), facts, chart)


def _lines(
    snapshot: Snapshot, row: GpuRow, stretch: Stretch, scale: float, *wanted: tuple[str, str, Tint]
) -> tuple[Series, ...]:
    seconds = stretch.seconds + stretch.step + stretch.lag
    found: list[Series] = []
    for column, label, tint in wanted:
        line = series(label, tint, snapshot.history.gpu(row.gpu.uuid, row.gpu.mig, column, seconds), stretch)
        scaled = tuple(None if value is None else value * scale for value in line.values)
        found.append(line._replace(values=scaled))
    return tuple(found)
