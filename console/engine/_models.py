"""Model rows: the merged counters over their window, with state, objective, probes and warnings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from console.domain.basis import Basis, Missing
from console.domain.failure import FailureKind
from console.domain.families import GROWING, F
from console.domain.fleet import Fleet, ModelVersion, Objective
from console.domain.histogram import share_above
from console.domain.history import Tier, Track
from console.domain.imbalance import imbalance_warnings
from console.domain.ledger import Ledger
from console.domain.lies import coverage_warnings, load_warnings, percentile_warnings, probe_warnings
from console.domain.rows import ModelRow, Percentiles, Slo
from console.domain.slo import WINDOWS, Promises, burn, not_yet
from console.domain.triton import Histogram
from console.domain.versions import SCRAPED
from console.engine._flow import Flows, Known, flows, listed, measured
from console.engine._latency import PercentileColumns, at_quantile, from_histogram
from console.engine._merge import HISTORY, Floats, Merged, RowBook, history_block, merge
from console.engine._probes import ProbeMemory
from console.engine._standing import Standing, newest_ready, standings
from console.engine._target import TargetMemory, merged_batches, merged_histograms

_BUDGET_TIERS = (Tier(10, 62), Tier(60, 62), Tier(300, 74), Tier(3600, 74))
# Versions ever seen. Only a server that invents names comes here; the history then begins anew.
ROWS_LIMIT = 20_000
# Rows made in one go: a few milliseconds, so that keys are answered in between.
_STRETCH = 200


class _Budget(NamedTuple):
    """Burn and requests by window, seconds observed, and share of the period's budget spent, per row."""

    burns: Mapping[str, Known]
    requests: Mapping[str, list[float]]
    observed_s: list[float]
    spent: Known


class _Tick(NamedTuple):
    """What all rows of one tick share; columns are lists because reading an array one by one is slow.

    ``for_history`` are percentiles (50, 90, 95, 99) by row, which each row may better.
    """

    mono: float
    percentiles: PercentileColumns
    for_history: Floats
    flows: Flows
    budget: _Budget
    pending: Known
    load_s: Known
    reporting: list[int]
    oldest_at: list[float]
    targets: Mapping[str, TargetMemory]
    fresh: frozenset[str]
    source: str


class ModelBoard:
    """Keeps the history of every model version and makes the rows of a snapshot."""

    def __init__(self, fleet: Fleet, window_s: float) -> None:
        self._fleet = fleet
        self._window_s = window_s
        self._standing: dict[ModelVersion, Standing] = {}
        self._newest: dict[str, str] = {}
        self._revision: tuple[tuple[str, int], ...] = ()
        self._begin()

    def _begin(self) -> None:
        """Begin with empty books."""
        self.book = RowBook()
        self.track = Track(HISTORY, Tier(0, 600), (Tier(15, 240),))
        self._flow = Ledger(GROWING, (Tier(0, int(self._window_s / self._fleet.refresh) + 2),))
        self._budget = Ledger(3, _BUDGET_TIERS)
        self._objectives: list[Objective] = []
        self._promises = Promises.of(())

    def tick(
        self, targets: Sequence[TargetMemory], probes: ProbeMemory, mono: float, seconds: float
    ) -> Iterator[list[ModelRow]]:
        """Merge the newest polls, keep history of the ``seconds`` since the last tick, and yield the rows in stretches."""
        merged, histograms = self._look(targets, mono, seconds)
        window = self._flow.window(mono, self._window_s, len(self.book.keys))
        tick = _Tick(
            mono=mono,
            percentiles=PercentileColumns(merged, histograms, [target.name for target in targets]),
            for_history=merged.worst,
            flows=flows(measured(window.sums, merged.rates), window.seconds),
            budget=self._budgets(mono),
            pending=listed(merged.pending),
            load_s=listed(merged.load_s),
            reporting=merged.reporting.tolist(),
            oldest_at=merged.oldest_at.tolist(),
            targets={target.name: target for target in targets},
            fresh=frozenset(target.name for target in targets if not target.is_stale(mono)),
            source=_source(targets),
        )
        rows = list(self._standing.items())
        for start in range(0, len(rows), _STRETCH):
            yield [self._row(tick, key, found, probes) for key, found in rows[start : start + _STRETCH]]
        self._remember(merged, mono, seconds)

    def advance(self, targets: Sequence[TargetMemory], mono: float, seconds: float) -> None:
        """Keep the history that ``tick`` keeps, and make no rows."""
        merged, histograms = self._look(targets, mono, seconds)
        for key, histogram in histograms.items():
            found = from_histogram(histogram) if key in self._standing else None
            if found is not None:
                merged.worst[:, self.book.row(key)] = _columns(found)
        self._remember(merged, mono, seconds)

    def resume(self, targets: Sequence[TargetMemory], mono: float, seconds: float) -> None:
        """Count the ``seconds`` that nobody watched into the budgets, as the means that they are.

        Nothing proves how long single requests took meanwhile.
        """
        merged, _ = self._look(targets, mono, 0.0)
        requests = merged.rates[F.SUCCESS] + merged.failed
        self._budget.advance(mono, np.vstack((requests, merged.failed, np.zeros_like(requests))), seconds)

    def _look(
        self, targets: Sequence[TargetMemory], mono: float, seconds: float
    ) -> tuple[Merged, Mapping[ModelVersion, Histogram]]:
        """The newest polls of all targets, counted over the ``seconds`` since the last look."""
        if len(self.book.keys) > ROWS_LIMIT:
            self._begin()
        self._refresh_standings(targets)
        histograms = merged_histograms(targets)
        merged = self._merge(targets, histograms, mono)
        if seconds > 0:
            self._advance(merged, mono, seconds)
        return merged, histograms

    def _remember(self, merged: Merged, mono: float, seconds: float) -> None:
        if seconds > 0:
            self.track.append(mono, history_block(merged.rates, merged.pending, merged.worst))

    def _refresh_standings(self, targets: Sequence[TargetMemory]) -> None:
        revision = tuple((target.name, target.revision) for target in targets)
        if revision != self._revision:
            self._revision = revision
            self._standing = dict(sorted(standings(targets).items()))
            self._newest = newest_ready(self._standing)
        for key in self._standing:
            self.book.row(key)

    def _merge(
        self, targets: Sequence[TargetMemory], histograms: Mapping[ModelVersion, Histogram], mono: float
    ) -> Merged:
        for target in targets:
            if target.meter.newest is not None:
                self.book.rows(target.name, target.meter.newest.counters.keys)
        fresh = self.book.keys[len(self._objectives) :]
        if fresh:
            self._objectives += [self._fleet.objective(key.model) for key in fresh]
            self._promises = Promises.of(self._objectives)
        merged = merge(targets, self.book, self._promises.threshold_ms, mono)
        for key, histogram in histograms.items():
            row = self.book.find(key)
            if row is None:
                continue
            share = share_above(histogram, self._objectives[row].latency_ms)
            if share is not None:
                merged.slow[row] = share * merged.rates[F.SUCCESS, row]
        return merged

    def _advance(self, merged: Merged, mono: float, seconds: float) -> None:
        self._flow.advance(mono, merged.rates, seconds)
        requests = merged.rates[F.SUCCESS] + merged.failed
        self._budget.advance(mono, np.vstack((requests, merged.failed, merged.slow)), seconds)

    def _budgets(self, mono: float) -> _Budget:
        rows = len(self.book.keys)
        lifetime = self._budget.window(mono, np.inf, rows)
        missing = not_yet(lifetime.seconds)
        burns, requests = {}, {}
        for name, length in WINDOWS.items():
            sums = self._budget.window(mono, length, rows).sums
            rates = burn(self._promises, *sums)
            burns[name] = listed(np.where(missing[name], np.nan, rates))
            requests[name] = sums[0].tolist()
        spent = burn(self._promises, *lifetime.sums) * lifetime.seconds / self._promises.period_s
        return _Budget(burns, requests, lifetime.seconds.tolist(), listed(spent))

    def _row(self, tick: _Tick, key: ModelVersion, standing: Standing, probes: ProbeMemory) -> ModelRow:
        row = self.book.row(key)
        flow = tick.flows
        reporting, pending = tick.reporting[row], tick.pending[row]
        percentiles, latency_missing = tick.percentiles.row(row, key)
        if percentiles is not None and percentiles.basis is Basis.HISTOGRAM:
            tick.for_history[:, row] = _columns(percentiles)
        found = probes.of(key.model, key.version, self._newest.get(key.model, ""))
        full = standing.queue_limit * reporting
        return ModelRow(
            key=key,
            state=standing.state,
            reason=standing.reason,
            since=standing.since,
            ready=standing.ready,
            targets=standing.targets,
            reporting=reporting,
            window_s=flow.seconds[row],
            rate=flow.rate[row],
            error_ratio=flow.error_ratio[row],
            errors=flow.errors[row],
            mean_ms=flow.mean_ms[row],
            percentiles=percentiles,
            queue_ms=flow.queue_ms[row],
            input_ms=flow.input_ms[row],
            infer_ms=flow.infer_ms[row],
            output_ms=flow.output_ms[row],
            executions=flow.executions[row],
            batch=flow.batch[row],
            batches=merged_batches((tick.targets[name] for name in standing.targets), key),
            pending=pending,
            hit_ratio=flow.hit_ratio[row],
            load_s=tick.load_s[row],
            slo=self._slo(tick, row, percentiles),
            probes=found,
            warnings=(
                *probe_warnings(standing.state, found),
                *load_warnings(standing.state, pending, full, flow.error_ratio[row]),
                *coverage_warnings(reporting, standing.ready),
                *imbalance_warnings(percentiles, reporting, flow.rate[row], flow.seconds[row]),
                *standing.warnings,
                *percentile_warnings(
                    latency_missing,
                    others_have=tick.percentiles.some,
                    scraped=standing.reason == SCRAPED,
                ),
            ),
            age_s=_age(tick, row, standing),
            stale=tick.fresh.isdisjoint(standing.targets),
            missing=_missing(tick, row, key, standing),
            latency_missing=latency_missing,
            source=tick.source,
        )

    def _slo(self, tick: _Tick, row: int, percentiles: Percentiles | None) -> Slo:
        objective = self._objectives[row]
        value = at_quantile(percentiles, objective.quantile)
        return Slo(
            objective=objective,
            ratio=None if value is None else value / objective.latency_ms,
            burn={name: burns[row] for name, burns in tick.budget.burns.items()},
            requests={name: counted[row] for name, counted in tick.budget.requests.items()},
            observed_s=tick.budget.observed_s[row],
            spent=tick.budget.spent[row],
        )


def _columns(percentiles: Percentiles) -> tuple[float | None, ...]:
    """The percentiles that history keeps."""
    return percentiles.p50, percentiles.p90, percentiles.p95, percentiles.p99


def _age(tick: _Tick, row: int, standing: Standing) -> float | None:
    """Age of the oldest poll in the row; without any, of the newest good poll of its targets."""
    if tick.reporting[row]:
        return max(0.0, tick.mono - tick.oldest_at[row])
    ages = [tick.targets[name].age_s(tick.mono) for name in standing.targets]
    return min((age for age in ages if age is not None), default=None)


def _missing(tick: _Tick, row: int, key: ModelVersion, standing: Standing) -> Missing | None:
    """Why the flow figures are unknown, None when they are known."""
    if tick.flows.seconds[row] > 0:
        return Missing.IDLE if tick.flows.idle[row] else None
    if tick.reporting[row]:
        return Missing.WAITING
    mine = [tick.targets[name] for name in standing.targets]
    failures = (failure for t in mine if t.reading for failure in t.reading.failures)
    if any(failure.kind is FailureKind.FORBIDDEN and failure.part == "metrics" for failure in failures):
        return Missing.FORBIDDEN
    return Missing.STALE if any(target.has_served(key) for target in mine) else Missing.NO_DATA


def _source(targets: Sequence[TargetMemory]) -> str:
    """What the counters were read from."""
    found = {target.meter.newest.counters.source for target in targets if target.meter.newest}
    return ", ".join(sorted(found))
