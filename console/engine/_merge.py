"""Counters of every target merged into one row per model version."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.families import COUNTED_FAILURES, FAILURES, GROWING, F
from console.domain.fleet import ModelVersion
from console.domain.slo import slow_share
from console.engine._rates import Rates
from console.engine._target import TargetMemory

Floats = NDArray[np.float64]
HISTORY = (
    "rate",
    "success",
    "failed",
    "rejected",
    "request_ms",
    "queue_ms",
    "input_ms",
    "infer_ms",
    "output_ms",
    "inferences",
    "executions",
    "pending",
    "p50_ms",
    "p95_ms",
    "p99_ms",
)
PERCENTILES = (F.P50, F.P90, F.P95, F.P99)


class Merged(NamedTuple):
    """One tick over all fresh targets; arrays are per model row unless said otherwise.

    ``rates`` is (growing families, rows), ``slow`` the rate of requests proven to be over
    the threshold, ``worst`` the percentiles (50, 90, 95, 99) of the target with the worst
    p99, ``worst_target`` its number or -1, ``oldest_at`` the oldest poll in the row.
    """

    rates: Floats
    slow: Floats
    pending: Floats
    load_s: Floats
    worst: Floats
    worst_target: NDArray[np.intp]
    median_p99: Floats
    reporting: NDArray[np.intp]
    oldest_at: Floats
    summaries: NDArray[np.bool_]

    @property
    def failed(self) -> Floats:
        """Failed requests per second that count against the promise, NaN where nothing was observed."""
        return _counted(self.rates)


class Gathered(NamedTuple):
    """The newest polls of the targets that are not stale, side by side.

    ``fresh`` are (number, rates) of those targets; ``rates`` and ``values`` have a column for each of their versions
    in turn, ``rates`` NaN where ``serving`` is False.
    """

    fresh: Sequence[tuple[int, Rates]]
    rates: Floats
    values: Floats
    serving: NDArray[np.bool_]


class RowBook:
    """Row numbers of model versions, and of each target's columns."""

    def __init__(self) -> None:
        self.keys: list[ModelVersion] = []
        self._rows: dict[ModelVersion, int] = {}
        self._columns: dict[str, tuple[tuple[ModelVersion, ...], NDArray[np.intp]]] = {}

    def row(self, key: ModelVersion) -> int:
        """The row of a version, a new one for a version not seen before."""
        number = self._rows.get(key)
        if number is None:
            number = self._rows[key] = len(self.keys)
            self.keys.append(key)
        return number

    def find(self, key: ModelVersion) -> int | None:
        """The row of a version, None if it was never seen."""
        return self._rows.get(key)

    def rows(self, target: str, keys: tuple[ModelVersion, ...]) -> NDArray[np.intp]:
        """Rows of a target's columns."""
        known = self._columns.get(target)
        if known is None or known[0] is not keys:
            known = (keys, np.array([self.row(key) for key in keys], dtype=np.intp))
            self._columns[target] = known
        return known[1]


def gather(targets: Sequence[TargetMemory], mono: float) -> Gathered | None:
    """The newest rates and values of every fresh target, None where none is fresh."""
    fresh = [
        (number, target.meter.newest)
        for number, target in enumerate(targets)
        if target.meter.newest is not None and mono - target.meter.newest.at <= target.stale_after_s
    ]
    if not fresh:
        return None
    rates = np.concatenate([newest.rates for _, newest in fresh], axis=1)
    values = np.concatenate([newest.counters.values for _, newest in fresh], axis=1)
    serving = np.isfinite(values[F.SUCCESS])
    # The failure counters of a model outlive it: alone they are no sign of service.
    rates[:, ~serving] = np.nan
    return Gathered(fresh, rates, values, serving)


def merge(targets: Sequence[TargetMemory], book: RowBook, thresholds: Floats, mono: float) -> Merged:
    """Merge the newest rates of the targets that are not stale; ``thresholds`` are ms per row."""
    count = len(book.keys)
    gathered = gather(targets, mono)
    if gathered is None:
        return _nothing(count)
    fresh, rates, values, serving = gathered
    parts = [(n, newest, book.rows(targets[n].name, newest.counters.keys)) for n, newest in fresh]
    rows = np.concatenate([r for _, _, r in parts])
    numbers = np.concatenate([np.full(len(r), n, dtype=np.intp) for n, _, r in parts])
    ages = np.concatenate([np.full(len(r), newest.at) for _, newest, r in parts])
    slow = slow_share(values, thresholds[rows]) * rates[F.SUCCESS]
    worst, who, median = _worst(values, rows, numbers, count)
    oldest = np.full(count, np.inf)
    np.minimum.at(oldest, rows[serving], ages[serving])
    return Merged(
        rates=np.vstack([_sum(rates[f], rows, count) for f in range(GROWING)]),
        slow=_sum(slow, rows, count),
        pending=_sum(values[F.PENDING], rows, count),
        load_s=_greatest(values[F.LOAD_S], rows, count),
        worst=worst,
        worst_target=who,
        median_p99=median,
        reporting=np.bincount(rows[serving], minlength=count),
        oldest_at=oldest,
        summaries=np.bincount(rows, np.isfinite(values[F.SUMMARY_COUNT]), minlength=count) > 0,
    )


def _nothing(count: int) -> Merged:
    unknown = np.full(count, np.nan)
    none = np.zeros(count, dtype=np.intp)
    return Merged(
        rates=np.full((GROWING, count), np.nan),
        slow=unknown,
        pending=unknown,
        load_s=unknown,
        worst=np.full((4, count), np.nan),
        worst_target=none - 1,
        median_p99=unknown,
        reporting=none,
        oldest_at=unknown,
        summaries=none > 0,
    )


def _sum(values: Floats, rows: NDArray[np.intp], count: int) -> Floats:
    """Sum per row of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.bincount(rows[known], values[known], minlength=count).astype(np.float64)
    total[np.bincount(rows[known], minlength=count) == 0] = np.nan
    return total


def _greatest(values: Floats, rows: NDArray[np.intp], count: int) -> Floats:
    greatest = np.full(count, np.nan)
    np.fmax.at(greatest, rows, values)
    return greatest


def _worst(
    values: Floats, rows: NDArray[np.intp], numbers: NDArray[np.intp], count: int
) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Per row: percentiles of the target with the worst p99, that target's number, and the median target's p99."""
    worst, who = np.full((4, count), np.nan), np.full(count, -1, dtype=np.intp)
    median = np.full(count, np.nan)
    p99 = values[F.P99]
    known = np.flatnonzero(np.isfinite(p99))
    if not len(known):
        return worst, who, median
    order = known[np.lexsort((p99[known], rows[known]))]
    sorted_rows = rows[order]
    last = np.flatnonzero(np.append(sorted_rows[1:] != sorted_rows[:-1], True))
    first = np.append(0, last[:-1] + 1)
    at, top = sorted_rows[last], order[last]
    worst[:, at] = values[list(PERCENTILES)][:, top]
    who[at] = numbers[top]
    median[at] = (p99[order[(first + last) // 2]] + p99[order[(first + last + 1) // 2]]) / 2
    return worst, who, median


def _counted(rates: Floats) -> Floats:
    counted = np.nansum(rates[list(COUNTED_FAILURES)], axis=0)
    return np.where(np.isfinite(rates[F.SUCCESS]), counted, np.nan)


def history_block(rates: Floats, pending: Floats, percentiles: Floats) -> NDArray[np.float32]:
    """The columns of HISTORY as one block; ``percentiles`` has a row for each of PERCENTILES."""
    block = (
        rates[F.SUCCESS] + np.nansum(rates[list(FAILURES.values())], axis=0),
        rates[F.SUCCESS],
        _counted(rates),
        rates[F.FAIL_REJECTED],
        rates[F.REQUEST_MS],
        rates[F.QUEUE_MS],
        rates[F.INPUT_MS],
        rates[F.INFER_MS],
        rates[F.OUTPUT_MS],
        rates[F.INFERENCES],
        rates[F.EXECUTIONS],
        pending,
        percentiles[0],
        percentiles[2],
        percentiles[3],
    )
    return np.vstack(block).astype(np.float32)
