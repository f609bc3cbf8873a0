"""Model rows: the merged counters over their window, with state, objective, probes and warnings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from console.domain.basis import Missing, known
from console.domain.failure import FailureKind
from console.domain.families import COUNTED_FAILURES, GROWING, F
from console.domain.fleet import Fleet, ModelVersion, Objective
from console.domain.histogram import share_above
from console.domain.history import Tier, Track
from console.domain.ledger import Ledger, Window
from console.domain.lies import load_warnings, probe_warnings
from console.domain.rows import ModelRow, Percentiles, Slo
from console.domain.slo import WINDOWS, burn, spent, windows_so_far
from console.engine._flow import Flow
from console.engine._latency import at_quantile, percentile_hint, row_percentiles
from console.engine._merge import HISTORY, Merged, RowBook, history_block, merge
from console.engine._probes import ProbeMemory
from console.engine._standing import Standing, newest_ready, standings
from console.engine._target import TargetMemory, merged_histogram

_BUDGET_TIERS = (Tier(10, 62), Tier(60, 62), Tier(300, 74))
_REQUESTS, _FAILED, _SLOW = range(3)


class _Tick(NamedTuple):
    """What all rows of one tick share."""

    mono: float
    merged: Merged
    flow: Window
    budgets: Mapping[str, Window]
    lifetime: Window
    targets: Sequence[TargetMemory]


class ModelBoard:
    """Keeps the history of every model version and makes the rows of a snapshot."""

    def __init__(self, fleet: Fleet, window_s: float) -> None:
        self.book = RowBook()
        self.track = Track(HISTORY, Tier(0, 600), (Tier(15, 240),))
        self._fleet = fleet
        self._window_s = window_s
        ticks = int(window_s / fleet.refresh) + 2
        self._flow = Ledger(GROWING, (Tier(0, ticks),))
        self._budget = Ledger(3, _BUDGET_TIERS)
        self._objectives: list[Objective] = []
        self._standing: dict[ModelVersion, Standing] = {}
        self._newest: dict[str, str] = {}
        self._revision: tuple[int, ...] = ()

    def tick(
        self, targets: Sequence[TargetMemory], probes: ProbeMemory, mono: float, seconds: float
    ) -> tuple[ModelRow, ...]:
        """Merge the newest polls, keep history of the ``seconds`` since the last tick, and return the rows."""
        self._refresh_standings(targets)
        merged = self._merge(targets, mono)
        if seconds > 0:
            self._advance(merged, mono, seconds)
        tick = _Tick(
            mono,
            merged,
            self._flow.window(mono, self._window_s),
            {name: self._budget.window(mono, length) for name, length in WINDOWS.items()},
            self._budget.window(mono, np.inf),
            targets,
        )
        rows = [self._row(tick, key, standing, probes) for key, standing in self._standing.items()]
        return tuple(sorted(rows, key=lambda row: row.key))

    def _refresh_standings(self, targets: Sequence[TargetMemory]) -> None:
        revision = tuple(target.revision for target in targets)
        if revision != self._revision:
            self._revision = revision
            self._standing = standings(targets)
            self._newest = newest_ready(self._standing)
            for key in self._standing:
                self.book.row(key)

    def _merge(self, targets: Sequence[TargetMemory], mono: float) -> Merged:
        for target in targets:
            if target.meter.newest is not None:
                self.book.rows(target.name, target.meter.newest.counters.keys)
        for key in self.book.keys[len(self._objectives) :]:
            self._objectives.append(self._fleet.objective(key.model))
        merged = merge(targets, self.book, [o.latency_ms for o in self._objectives], mono)
        for key in {key for target in targets for key in target.histogram_keys}:
            histogram = merged_histogram(targets, key)
            row = self.book.row(key)
            share = share_above(histogram, self._objectives[row].latency_ms) if histogram else None
            if share is not None:
                merged.slow[row] = share * merged.rates[F.SUCCESS, row]
        return merged

    def _advance(self, merged: Merged, mono: float, seconds: float) -> None:
        self.track.append(mono, history_block(merged))
        self._flow.advance(mono, merged.rates, seconds)
        failed = np.nansum(merged.rates[list(COUNTED_FAILURES)], axis=0)
        requests = merged.rates[F.SUCCESS] + failed
        failed = np.where(np.isfinite(requests), failed, np.nan)
        self._budget.advance(mono, np.vstack((requests, failed, merged.slow)), seconds)

    def _row(self, tick: _Tick, key: ModelVersion, standing: Standing, probes: ProbeMemory) -> ModelRow:
        row = self.book.row(key)
        objective = self._objectives[row]
        flow = Flow.of(tick.flow, row)
        reporting = int(tick.merged.reporting[row])
        pending = known(tick.merged.pending[row])
        limit = standing.queue_limit * reporting
        percentiles, latency_missing = row_percentiles(tick.merged, row, key, tick.targets)
        found = tuple(probes.of(key.model, key.version, self._newest.get(key.model, "")))
        return ModelRow(
            key=key,
            state=standing.state,
            reason=standing.reason,
            since=standing.since,
            ready=standing.ready,
            targets=standing.targets,
            reporting=reporting,
            window_s=flow.seconds,
            rate=flow.rate,
            error_ratio=flow.error_ratio,
            errors=flow.errors,
            mean_ms=flow.per_success(F.REQUEST_MS),
            percentiles=percentiles,
            queue_ms=flow.per_success(F.QUEUE_MS),
            input_ms=flow.per_success(F.INPUT_MS),
            infer_ms=flow.per_success(F.INFER_MS),
            output_ms=flow.per_success(F.OUTPUT_MS),
            batch=flow.ratio(F.INFERENCES, F.EXECUTIONS),
            batches=_batches(tick.targets, key),
            pending=pending,
            hit_ratio=flow.hit_ratio,
            load_s=known(tick.merged.load_s[row]),
            slo=self._slo(tick, row, objective, percentiles),
            probes=found,
            warnings=(
                *probe_warnings(standing.state, found),
                *load_warnings(pending, limit, flow.error_ratio, standing.state),
                *standing.warnings,
                *percentile_hint(latency_missing),
            ),
            age_s=_age(tick, row, standing),
            stale=_stale(tick, standing),
            missing=_missing(tick, row, flow, key, standing),
            latency_missing=latency_missing,
            source=_source(tick, standing),
        )

    def _slo(self, tick: _Tick, row: int, objective: Objective, percentiles: Percentiles | None) -> Slo:
        observed = float(tick.lifetime.seconds[row]) if row < len(tick.lifetime.seconds) else 0.0
        exist = windows_so_far(observed)
        knows_slow = percentiles is not None
        burns = {
            name: _burn(window, row, objective, knows_slow=knows_slow) if exist[name] else None
            for name, window in tick.budgets.items()
        }
        lifetime = _burn(tick.lifetime, row, objective, knows_slow=knows_slow)
        value = at_quantile(percentiles, objective.quantile)
        return Slo(
            objective=objective,
            ratio=None if value is None else value / objective.latency_ms,
            burn=burns,
            observed_s=observed,
            spent=spent(objective, lifetime, observed),
        )


def _burn(window: Window, row: int, objective: Objective, *, knows_slow: bool) -> float | None:
    if row >= len(window.seconds):
        return None
    requests, failed, slow = (float(window.sums[column, row]) for column in (_REQUESTS, _FAILED, _SLOW))
    return burn(objective, requests, failed, slow if knows_slow else None)


def _batches(targets: Sequence[TargetMemory], key: ModelVersion) -> dict[int, int]:
    total: Counter[int] = Counter()
    for target in targets:
        for size, count in target.batches(key):
            total[size] += count
    return dict(sorted(total.items()))


def _age(tick: _Tick, row: int, standing: Standing) -> float | None:
    """Age of the oldest poll in the row; without any, of the newest good poll of its targets."""
    if tick.merged.reporting[row]:
        return max(0.0, tick.mono - float(tick.merged.oldest_at[row]))
    ages = [t.age_s(tick.mono) for t in tick.targets if t.name in standing.targets]
    return min((age for age in ages if age is not None), default=None)


def _missing(tick: _Tick, row: int, flow: Flow, key: ModelVersion, standing: Standing) -> Missing | None:
    if flow.seconds > 0:
        return Missing.IDLE if flow.is_idle else None
    if tick.merged.reporting[row]:
        return Missing.WAITING
    mine = [t for t in tick.targets if t.name in standing.targets]
    failures = (failure for t in mine if t.reading for failure in t.reading.failures)
    if any(failure.kind is FailureKind.FORBIDDEN and failure.part == "metrics" for failure in failures):
        return Missing.FORBIDDEN
    return Missing.STALE if any(target.has_served(key) for target in mine) else Missing.NO_DATA


def _stale(tick: _Tick, standing: Standing) -> bool:
    """Whether nothing in the row is current: none of its targets has answered lately."""
    return all(t.is_stale(tick.mono) for t in tick.targets if t.name in standing.targets)


def _source(tick: _Tick, standing: Standing) -> str:
    """What the row's counters were read from."""
    found = {
        t.meter.newest.counters.source for t in tick.targets if t.meter.newest and t.name in standing.targets
    }
    return ", ".join(sorted(found))
