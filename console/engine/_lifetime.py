"""What versions had served before the console began to watch."""

from collections.abc import Iterable

import numpy as np

from console.domain.basis import known
from console.domain.counters import Counters, Matrix
from console.domain.families import COUNTED_FAILURES, FAILURES, GROWING, F
from console.domain.fleet import ModelVersion
from console.domain.rows import Lifetime
from console.domain.versions import PROMETHEUS
from console.engine._flow import flows


class FirstLook:
    """One target's counters as they were first read.

    A version whose counters began anew while it was watched is forgotten: its life is in the history.
    """

    def __init__(self) -> None:
        self._counters: Counters | None = None
        self._at = 0.0
        self._columns: dict[ModelVersion, int] = {}

    def take(self, counters: Counters, rates: Matrix, at: float, reset: Iterable[ModelVersion]) -> None:
        """Remember the first counters (monotonic seconds); later only what was reset, or is back with less than it had."""
        if counters.source == PROMETHEUS:
            # Those begin with the watch.
            return
        first = self._counters
        if first is None:
            self._counters, self._at = counters, at
            self._columns = {key: column for column, key in enumerate(counters.keys)}
        elif first.source == counters.source:
            for key in reset:
                self._columns.pop(key, None)
            self._meet_again(first, counters, rates)

    def _meet_again(self, first: Counters, counters: Counters, rates: Matrix) -> None:
        back = np.isnan(rates[F.SUCCESS]) & np.isfinite(counters.values[F.SUCCESS])
        for now in np.flatnonzero(back):
            before = self._columns.get(counters.keys[now])
            if before is None:
                continue
            if bool((counters.values[:GROWING, now] < first.values[:GROWING, before]).any()):
                del self._columns[counters.keys[now]]

    def of(self, key: ModelVersion) -> tuple[Matrix, float] | None:
        """A version's growing counters at the first look and when that was (monotonic seconds)."""
        column = self._columns.get(key)
        if self._counters is None or column is None:
            return None
        values = self._counters.values[:GROWING, column]
        return None if np.isnan(values[F.SUCCESS]) else (values, self._at)


def lifetime(looks: Iterable[FirstLook], key: ModelVersion, offset: float) -> Lifetime | None:
    """A version's counters at the first look, over the targets that served it then; ``offset`` turns times into epoch seconds."""
    found = [seen for look in looks if (seen := look.of(key)) is not None]
    if not found:
        return None
    counted = np.array([values for values, _ in found])
    sums = np.nansum(counted, axis=0).reshape(-1, 1)
    # A failure that was never counted is none, but what is not measured took no time only by mistake.
    never = np.isnan(counted).all(axis=0)
    never[list(FAILURES.values())] = False
    sums[never] = np.nan
    flow = flows(sums, np.ones(1))
    failed = float(sums[list(COUNTED_FAILURES)].sum())
    successes = float(sums[F.SUCCESS, 0])
    return Lifetime(
        at=max(at for _, at in found) + offset,
        requests=successes + failed,
        failed=failed,
        mean_ms=flow.mean_ms[0],
        queue_ms=flow.queue_ms[0],
        input_ms=flow.input_ms[0],
        infer_ms=flow.infer_ms[0],
        output_ms=flow.output_ms[0],
        batch=flow.batch[0],
        items=known(sums[F.INFERENCES, 0] / successes) if successes else None,
    )
