"""The three panels of one version: SLO, queue, compute; each a few lines of figures and a chart."""

from typing import NamedTuple

from console.domain.lies import percentile_hint
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.charts import Chart, Series, Stretch, series
from console.view.marks import marks
from console.view.missing import shown
from console.view.model_fields import config_gpus
from console.view.models import burn
from console.view.spark import sparkline
from console.view.styled import Line, Span, Tint, joined

_SIZES = 6
_VERSIONS = 4
# What fits beside two other panels; the longer windows are the alerts' to name.
_BURNS = ("5m", "30m", "1h", "6h")


class Panel(NamedTuple):
    """One panel: what it is called, its lines of figures, its chart."""

    title: Line
    facts: tuple[Line, ...]
    chart: Chart


def panels(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> tuple[Panel, Panel, Panel]:
    """SLO, queue and compute of one version over a stretch of time."""
    slo = Panel((Span("SLO", "title"),), slo_facts(row), slo_chart(snapshot, row, stretch))
    queue = Panel((Span("Queue", "title"),), queue_facts(row), queue_chart(snapshot, row, stretch))
    facts = compute_facts(snapshot, row)
    return slo, queue, Panel((Span("Compute", "title"),), facts, compute_chart(snapshot, row, stretch))


def one_line(snapshot: Snapshot, row: ModelRow) -> Line:
    """The panels in one line, for a terminal that has no room for them."""
    return joined(
        [
            (Span(f"{visible(row.key.model, 24)} v{visible(row.key.version, 12)}", "accent"),),
            (Span("queue ", "dim"), *shown(row.queue_ms, write.number, row.missing)),
            (Span("wait ", "dim"), *shown(row.pending, write.count, row.missing)),
            (*_phases(row), Span(" ms", "dim")),
            _burns(row),
            _against(row),
            _placed(snapshot, row),
        ]
    )


def slo_facts(row: ModelRow) -> tuple[Line, ...]:
    """Percentiles; their ratio to the threshold; burn per window; budget spent and how long was watched."""
    facts = (_latencies(row), joined([_against(row), _spent(row)]), _burns(row))
    hint = percentile_hint(row)
    return (*facts, (Span(f"→ {hint}", "accent"),)) if hint else facts


def _latencies(row: ModelRow) -> Line:
    known = row.percentiles
    if known is None:
        face = shown(None, write.number, row.latency_missing or row.missing)
        mean = shown(row.mean_ms, write.number, row.missing)
        return joined([(Span("p99 ", "dim"), *face), (Span("mean ", "dim"), *mean, Span(" ms", "dim"))])
    parts = [_quantile("p50", known.p50), _quantile("p95", known.p95), _quantile("p99", known.p99)]
    return (*joined(parts), Span(f"{known.basis.mark} ms", "dim"))


def _quantile(name: str, value: float | None) -> Line:
    return () if value is None else (Span(f"{name} ", "dim"), Span(write.number(value)))


def _against(row: ModelRow) -> Line:
    aim = row.slo.objective
    threshold = Span(f" of {write.threshold(aim.latency_ms)} ms", "dim")
    if row.slo.ratio is None:
        return (Span("objective", "dim"), threshold)
    return (Span(write.times(row.slo.ratio), "warn" if row.slo.ratio > 1 else "good"), threshold)


def _burns(row: ModelRow) -> Line:
    windows = [(Span(f"{window} ", "dim"), *burn(row, window)) for window in _BURNS if window in row.slo.burn]
    return (Span("burn ", "dim"), *joined([*windows], " "))


def _spent(row: ModelRow) -> Line:
    slo = row.slo
    if slo.spent is None:
        return ()
    spent = Span(f"{write.percent(slo.spent)} %", "warn" if slo.spent > 0.5 else "")
    period = f" of {write.threshold(slo.objective.period_days)} d budget in {write.age(slo.observed_s)}"
    return (spent, Span(period, "dim"))


def queue_facts(row: ModelRow) -> tuple[Line, ...]:
    """Queue time and requests waiting; the batch sizes that were executed."""
    rejected = row.errors.get("REJECTED", 0.0)
    refused: Line = (Span("rejected ", "dim"), Span(write.count(rejected), "warn" if rejected else ""))
    first = joined(
        [
            (Span("queue ", "dim"), *shown(row.queue_ms, write.number, row.missing), Span(" ms", "dim")),
            (Span("waiting ", "dim"), *shown(row.pending, write.count, row.missing)),
            refused if row.errors else (),
        ]
    )
    mean: Line = (Span("batch ", "dim"), *shown(row.batch, write.number, row.missing))
    return (first, joined([mean, _sizes(row)]), ())


def _sizes(row: ModelRow) -> Line:
    """Batch sizes by their share of executions, the most frequent ones, in order of size."""
    total = sum(row.batches.values())
    if not total:
        return ()
    often = sorted(row.batches, key=lambda size: -row.batches[size])[:_SIZES]
    spans: list[Span] = []
    for size in sorted(often):
        share = row.batches[size] / total
        spans += [
            Span(f"{size}", "dim"),
            Span(sparkline([share], 1, 1.0), "accent"),
            Span(f"{share * 100:.0f}%  "),
        ]
    return tuple(spans)


def compute_facts(snapshot: Snapshot, row: ModelRow) -> tuple[Line, ...]:
    """Input, infer and output; executions a second, cache hits, and where it runs."""
    ran: Line = (*shown(row.executions, write.number, row.missing), Span(" executions/s", "dim"))
    cached: Line = ()
    if row.hit_ratio is not None:
        cached = (Span("cache hits ", "dim"), Span(f"{write.percent(row.hit_ratio)} %"))
    return ((*_phases(row), Span(" ms", "dim")), joined([ran, _placed(snapshot, row)]), cached)


def _phases(row: ModelRow) -> Line:
    return joined(
        [
            (Span("input ", "dim"), *shown(row.input_ms, write.number, row.missing)),
            (Span("infer ", "dim"), *shown(row.infer_ms, write.number, row.missing)),
            (Span("output ", "dim"), *shown(row.output_ms, write.number, row.missing)),
        ]
    )


def _placed(snapshot: Snapshot, row: ModelRow) -> Line:
    gpus = config_gpus(snapshot.history, row.key.model)
    return (Span("on GPU ", "dim"), Span(", ".join(gpus[:8]))) if gpus else ()


def slo_chart(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> Chart:
    """p99 and p50 against the threshold, with the version before; the mean where no percentile is known."""
    names: tuple[tuple[str, Tint], ...] = (("p99", "first"), ("p50", "second"))
    if row.percentiles is None:
        names = (("mean", "second"),)
    lines = _lines(snapshot, row, stretch, *((f"{name}_ms", name, tint) for name, tint in names))
    lines += _other_version(snapshot, row, stretch, names[0][0])
    aim = row.slo.objective.latency_ms
    return _chart(snapshot, row, stretch, lines)._replace(level=aim, level_label=f"{write.threshold(aim)} ms")


def _other_version(snapshot: Snapshot, row: ModelRow, stretch: Stretch, name: str) -> tuple[Series, ...]:
    """The same figure of the model's version that is known for most of the stretch: what a rollout is measured by."""
    others = [r for r in snapshot.models if r.key.model == row.key.model and r.key != row.key]
    lines = [
        _lines(snapshot, r, stretch, (f"{name}_ms", f"{name} v{visible(r.key.version, 8)}", "third"))[0]
        for r in others[-_VERSIONS:]
    ]
    known = [line for line in lines if any(value is not None for value in line.values)]
    return tuple(sorted(known, key=lambda line: line.values.count(None))[:1])


def queue_chart(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> Chart:
    """Mean queue time, and how many requests wait."""
    lines = _lines(
        snapshot, row, stretch, ("queue_ms", "queue ms", "first"), ("pending", "waiting", "second")
    )
    queue, waiting = lines
    return _chart(snapshot, row, stretch, (queue, waiting._replace(right=True)))


def compute_chart(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> Chart:
    """Mean input, infer and output time."""
    wanted: tuple[tuple[str, str, Tint], ...] = (
        ("infer_ms", "infer", "first"),
        ("input_ms", "input", "second"),
        ("output_ms", "output", "third"),
    )
    return _chart(snapshot, row, stretch, _lines(snapshot, row, stretch, *wanted))


def _lines(
    snapshot: Snapshot, row: ModelRow, stretch: Stretch, *wanted: tuple[str, str, Tint]
) -> tuple[Series, ...]:
    seconds = stretch.seconds + stretch.step + stretch.lag
    history = snapshot.history
    return tuple(
        series(label, tint, history.model(row.key, column, seconds), stretch)
        for column, label, tint in wanted
    )


def _chart(snapshot: Snapshot, row: ModelRow, stretch: Stretch, lines: tuple[Series, ...]) -> Chart:
    return Chart("ms", stretch.since, stretch.step, lines, marks(snapshot, row, stretch))
