"""Both sides of a gate over time: latency and queue, one line a side."""

from collections.abc import Iterable

from console.domain.basis import Basis
from console.domain.gate import P99, Gate, Side
from console.domain.snapshot import Points, Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.charts import Chart, Series, Stretch, series
from console.view.panels import Panel
from console.view.styled import Line, Span, Tint, joined

# Of more targets than these the first ones stand for the side: a chart is read, not judged.
_TARGETS = 4


def gate_panels(snapshot: Snapshot, gate: Gate, stretch: Stretch) -> tuple[Panel, Panel]:
    """The p99, or the mean where no p99 is kept of either side, and the queue time."""
    slow = _lines(snapshot, gate, stretch, "p99_ms")
    name = "p99"
    if not any(value is not None for line in slow for value in line.values):
        slow, name = _lines(snapshot, gate, stretch, "mean_ms"), "mean"
    queue = _lines(snapshot, gate, stretch, "queue_ms")
    return _panel(f"{name} ms", slow, stretch, _facts(gate, P99)), _panel("queue ms", queue, stretch, ())


def _panel(title: str, lines: tuple[Series, ...], stretch: Stretch, facts: tuple[Line, ...]) -> Panel:
    return Panel((Span(title, "title"),), facts, Chart("ms", stretch.since, stretch.step, lines))


def _facts(gate: Gate, check: str) -> tuple[Line, ...]:
    found = next((each for each in gate.checks if each.id == check), None)
    if found is None or found.baseline is None or found.candidate is None:
        return ()
    mark = Basis(found.basis).mark if found.basis else ""
    return (
        joined(
            [
                (Span("baseline ", "dim"), Span(f"{write.number(found.baseline)}{mark}")),
                (Span("candidate ", "dim"), Span(f"{write.number(found.candidate)}{mark}")),
            ]
        ),
    )


def _lines(snapshot: Snapshot, gate: Gate, stretch: Stretch, column: str) -> tuple[Series, ...]:
    pairs: tuple[tuple[str, Side, Tint], ...] = (
        ("candidate", gate.candidate, "first"),
        ("baseline", gate.baseline, "third"),
    )
    return tuple(
        series(
            f"{name} {visible(side.label, 20)}",
            tint,
            _points(snapshot, gate.model, side, column, stretch),
            stretch,
        )
        for name, side, tint in pairs
    )


def _points(snapshot: Snapshot, model: str, side: Side, column: str, stretch: Stretch) -> Points:
    seconds = stretch.seconds + stretch.step + stretch.lag
    key, history = side.key(model), snapshot.history
    if side.whole:
        return history.model(key, column, seconds)
    found = [history.replica(target, key, column, seconds) for target in side.targets[:_TARGETS]]
    return _highest(found)


def _highest(found: list[Points]) -> Points:
    """The highest of all at each time; they share their times but for those that came later."""
    if not found:
        return Points((), ())
    length = min(len(points.at) for points in found)
    if not length:
        return Points((), ())
    values = [_most(each) for each in zip(*(points.values[-length:] for points in found), strict=True)]
    return Points(found[0].at[-length:], values)


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
