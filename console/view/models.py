"""The models table: one row for each version of each model, the worst on top."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from console.domain.alert_burn import PAGE_BURN
from console.domain.basis import Missing
from console.domain.fleet import ModelVersion
from console.domain.rows import ModelRow
from console.domain.snapshot import History, Snapshot
from console.domain.text import visible, whole
from console.domain.triton import State
from console.view import format as write
from console.view import severity
from console.view.filters import Filter
from console.view.missing import FACES, shown
from console.view.reason import first_line, state_word
from console.view.spark import bar, buckets, sparkline
from console.view.styled import Line, Role, Span
from console.view.table import Column, Row, Sort, Table, by_figure, grown

TREND_CELLS = 20
TREND_STEP_S = 15.0
_BAR_CELLS = 6
_BAR_FULL = 2.0

COLUMNS: tuple[Column, ...] = (
    Column("sign", "", 1, "how it stands, see the signs", align="left"),
    Column("model", "MODEL", 12, "the model's name", align="left", grow=28, cut="middle"),
    Column("version", "VER", 3, "its version"),
    Column(
        "state", "STATE", 9, "state in the repository index; READY 2/3 on two of three targets", align="left"
    ),
    Column("rate", "RATE/s", 8, "requests per second"),
    Column("errors", "ERR %", 5, "failed requests, per cent of all", drop=3),
    Column("p99", "p99 ms", 8, "99th percentile latency in ms, with the mark of its basis"),
    Column(
        "slo", "OF OBJECTIVE", 12, "the objective's percentile over its threshold; the bar ends at 2×", drop=2
    ),
    Column("burn_5m", "BURN 5m", 7, "error budget burn rate over 5 minutes: 1× uses it up exactly", drop=5),
    Column("burn_1h", "1h", 6, "the same over an hour; ·· while there is no such window yet", drop=8),
    Column("queue", "QUEUE", 7, "mean ms in the queue per successful request", drop=4),
    Column("compute", "COMPUTE", 7, "mean ms of input, infer and output per successful request", drop=6),
    Column("batch", "BATCH", 6, "mean inferences per execution", drop=9),
    Column("pending", "WAIT", 5, "requests waiting in the queue now", drop=7),
    Column("mean", "MEAN ms", 8, "mean latency in ms per successful request", drop=10),
    Column(
        "trend",
        "5 MIN",
        TREND_CELLS,
        "latency over five minutes: p99, or the mean if no p99 is known",
        drop=12,
    ),
    Column("note", "NOTE", 20, "the most important warning", align="left", drop=11, grow=80),
)

_BY_ID = {column.id: column for column in COLUMNS}

Measure = Callable[[ModelRow], float | str | None]


class Order(NamedTuple):
    """A way to sort: the figure, and whether the highest comes first."""

    measure: Measure
    highest_first: bool = True


def _ready_share(row: ModelRow) -> float | None:
    return row.ready / len(row.targets) if row.targets else None


ORDERS: dict[str, Order] = {
    "model": Order(lambda row: row.key.model.casefold(), highest_first=False),
    "version": Order(lambda row: whole(row.key.version)),
    "state": Order(_ready_share, highest_first=False),
    "rate": Order(lambda row: row.rate),
    "errors": Order(lambda row: row.error_ratio),
    "p99": Order(lambda row: row.percentiles.p99 if row.percentiles else None),
    "slo": Order(lambda row: row.slo.ratio),
    "burn_5m": Order(lambda row: row.slo.burn.get("5m")),
    "burn_1h": Order(lambda row: row.slo.burn.get("1h")),
    "queue": Order(lambda row: row.queue_ms),
    "compute": Order(lambda row: row.compute_ms),
    "batch": Order(lambda row: row.batch),
    "pending": Order(lambda row: row.pending),
    "mean": Order(lambda row: row.mean_ms),
}
WORST = Sort("sign")


def models_table(
    snapshot: Snapshot, chosen: Filter[ModelRow], sort: Sort = WORST, lag: float = 0.0
) -> Table[ModelRow]:
    """The rows that pass the filter, in order; ``lag`` is how many seconds the history is ahead of the snapshot."""
    rows: Iterable[ModelRow] = snapshot.models
    if chosen.tests:
        rows = filter(chosen.matches, rows)
    row = partial(model_row, history=snapshot.history, until=snapshot.at, lag=lag)
    return Table(columns(snapshot), ordered(rows, sort), _key, row, sort, _nothing(snapshot, chosen))


def columns(snapshot: Snapshot) -> tuple[Column, ...]:
    """The columns; where some version has no percentile, the mean stays on narrow terminals too."""
    unsupported = any(row.latency_missing is Missing.UNSUPPORTED for row in snapshot.models)
    fitted = {"model": grown(_BY_ID["model"], (row.key.model for row in snapshot.models))}
    if unsupported:
        fitted["mean"] = _BY_ID["mean"]._replace(drop=1)
    return tuple(fitted.get(column.id, column) for column in COLUMNS)


def ordered(rows: Iterable[ModelRow], sort: Sort) -> Sequence[ModelRow]:
    """Rows by the column; what is unknown stands last, whichever way round."""
    order = ORDERS.get(sort.by)
    if order is None:
        return sorted(rows, key=severity.worst_first, reverse=sort.reversed)
    return by_figure(rows, order.measure, highest_first=order.highest_first != sort.reversed)


def _key(row: ModelRow) -> ModelVersion:
    return row.key


def _nothing(snapshot: Snapshot, chosen: Filter[ModelRow]) -> tuple[Line, ...]:
    if chosen.tests and snapshot.models:
        return (
            (Span(f"No model matches {visible(chosen.text, 60)}", "dim"),),
            (Span("esc clears the filter", "dim"),),
        )
    if not snapshot.up:
        who = "Prometheus tells of none" if snapshot.fleet.through_prometheus else "no target answers"
        return ((Span(f"No models are known: {who}.", "dim"),),)
    if any(failure.part == "index" for target in snapshot.targets for failure in target.failures):
        return ((Span("No models are known: the repository index cannot be read.", "dim"),),)
    return ((Span("No models: the repositories are empty.", "dim"),),)


def why_unknown(row: ModelRow) -> Missing | None:
    """Why a flow figure of the row has no value."""
    return row.missing or (Missing.STALE if row.stale else None)


def model_row(row: ModelRow, wanted: frozenset[str], history: History, until: float, lag: float = 0.0) -> Row:
    """One version as cells; a costly cell stays empty when its column is not ``wanted``."""
    why = why_unknown(row)
    face = severity.FACES[severity.level(row)]
    cells = (
        (face.sign,),
        (Span(visible(row.key.model, 80) or "(no name)", "title"),),
        (Span(visible(row.key.version, 12) or "–"),),
        _state(row),
        shown(row.rate, write.number, why),
        _errors(row),
        _p99(row),
        slo_bar(row),
        burn(row, "5m"),
        burn(row, "1h"),
        shown(row.queue_ms, write.number, why),
        shown(row.compute_ms, write.number, why),
        shown(row.batch, write.number, why),
        shown(row.pending, write.count, why),
        shown(row.mean_ms, write.number, why),
        () if row.rate is None or "trend" not in wanted else _trend(row, history, until, lag),
        note(row),
    )
    at_rest = (State.UNAVAILABLE, State.ABSENT, State.UNKNOWN)
    if row.ready or row.rate is not None or row.scraped or row.state not in at_rest:
        return Row(cells, role="stale" if row.stale else "")
    role: Role = "bad" if severity.failed_to_serve(row) else "dim"
    return Row(cells, message=(Span(first_line(row.reason) or "never loaded", role),), message_from="rate")


_SHORT = {State.UNAVAILABLE: "UNAVAIL", State.UNLOADING: "UNLOAD"}


def _state(row: ModelRow) -> Line:
    if row.stale and row.age_s is not None:
        return (Span(f"old {write.age(row.age_s)}", "stale"),)
    if row.ready and row.ready < len(row.targets):
        return (Span("READY ", ""), Span(f"{row.ready}/{len(row.targets)}", "warn"))
    if row.scraped:
        return (Span(state_word(row.state, row.reason), "dim"),)
    role = "" if row.state is State.READY else severity.FACES[severity.level(row)].role
    return (Span(_SHORT.get(row.state, row.state.value), role),)


def _errors(row: ModelRow) -> Line:
    if row.error_ratio is None:
        return shown(None, write.percent, why_unknown(row))
    role: Role = "warn" if row.error_ratio > 1 - row.slo.objective.availability else ""
    return (Span(write.percent(row.error_ratio), role),)


def _p99(row: ModelRow) -> Line:
    known = row.percentiles
    if known is None or known.p99 is None:
        return shown(None, write.number, row.latency_missing or why_unknown(row))
    late = row.slo.objective.quantile == 0.99 and known.p99 > row.slo.objective.latency_ms
    return (Span(write.number(known.p99), "warn" if late else ""), Span(known.basis.mark, "dim"))


def slo_bar(row: ModelRow, cells: int = _BAR_CELLS) -> Line:
    """The ratio to the objective as a bar that is full at twice the threshold, and as a number."""
    ratio = row.slo.ratio
    if ratio is None:
        return (FACES[row.latency_missing or why_unknown(row) or Missing.NO_DATA],)
    role: Role = "bad" if ratio > 2 else "warn" if ratio > 1 else "good"
    return (
        Span(bar(ratio / _BAR_FULL, cells), role),
        Span(f"{write.times(ratio):>6}", "" if ratio <= 1 else role),
    )


def burn(row: ModelRow, window: str) -> Line:
    """A window's burn rate; one that does not exist yet still needs data."""
    rate = row.slo.burn.get(window)
    if rate is None:
        return (FACES[why_unknown(row) or Missing.WAITING],)
    role: Role = "bad" if rate >= PAGE_BURN else "warn" if rate >= 1 else ""
    return (Span(write.times(rate), role),)


def _trend(row: ModelRow, history: History, until: float, lag: float) -> Line:
    column = "p99_ms" if row.percentiles else "mean_ms"
    points = history.model(row.key, column, TREND_CELLS * TREND_STEP_S + lag)
    values = buckets(points.at, points.values, until, TREND_STEP_S, TREND_CELLS)
    late = row.slo.ratio is not None and row.slo.ratio > 1
    return (Span(sparkline(values, TREND_CELLS), "warn" if late else "quiet"),)


def note(row: ModelRow) -> Line:
    """What matters most and no figure says: a failing probe, a reason, a finding."""
    for probe in row.probes:
        if probe.failing:
            return (Span(f"probe: {probe.outcome.value} {visible(probe.detail, 80)}".rstrip(), "bad"),)
    if row.reason:
        return (Span(first_line(row.reason), "warn"),)
    return tuple(Span(visible(finding.text), "warn") for finding in severity.findings(row)[:1])
