"""Objectives, error budgets and burn rates; arrays hold one entry per model version."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.families import SUMMARY_QUANTILES, F
from console.domain.fleet import Objective

Floats = NDArray[np.float64]
DAY_S: Final = 86400.0
WINDOWS: Final = {
    "5m": 300.0,
    "30m": 1800.0,
    "1h": 3600.0,
    "2h": 7200.0,
    "6h": 21600.0,
    "1d": DAY_S,
    "3d": 3 * DAY_S,
}


class Promises(NamedTuple):
    """Objectives as arrays: threshold in ms, the shares that may fail and may be slow, the period in seconds."""

    threshold_ms: Floats
    may_fail: Floats
    may_be_slow: Floats
    period_s: Floats

    @classmethod
    def of(cls, objectives: Sequence[Objective]) -> "Promises":
        """Arrays from objectives, in order."""
        table = [
            (o.latency_ms, 1.0 - o.availability, 1.0 - o.quantile, o.period_days * DAY_S) for o in objectives
        ]
        return cls(*np.array(table, dtype=np.float64).reshape(-1, 4).T)


def slow_share(counters: Floats, threshold_ms: Floats) -> Floats:
    """Least share of requests that took longer than the threshold, from summary quantiles.

    ``counters`` is a counters matrix (families, versions). A quantile q above the
    threshold proves a share of at least 1 - q; NaN where there are no quantiles. Of several servers
    together their worst quantiles prove nothing: ``F.SLOW`` is what they do.
    """
    share = np.full(len(threshold_ms), np.nan)
    for quantile, row in SUMMARY_QUANTILES:
        values = counters[row]
        proven = np.where(values > threshold_ms, 1.0 - quantile, 0.0)
        share = np.where(np.isfinite(values), np.fmax(share, proven), share)
    return np.where(np.isfinite(counters[F.SLOW]), counters[F.SLOW], share)


def burn(promises: Promises, requests: Floats, failed: Floats, slow: Floats) -> Floats:
    """Burn rates: 1 spends the budget exactly in its period, NaN without requests.

    The worse of the availability burn and the latency burn, each the bad share over the
    share that its objective allows. Where nothing tells how many were slow, ``slow`` is 0
    and the burn is of availability alone.
    """
    worst = np.maximum(failed / promises.may_fail, slow / promises.may_be_slow)
    return np.divide(worst, requests, out=np.full_like(worst, np.nan), where=requests > 0)


def not_yet(observed_s: Floats) -> dict[str, NDArray[np.bool_]]:
    """Which windows do not exist yet: all but those that are full and the first that is filling."""
    reached, missing = 0.0, {}
    for name, seconds in WINDOWS.items():
        missing[name] = observed_s <= reached
        reached = seconds
    return missing
