"""Objectives, error budgets and burn rates."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.domain.families import SUMMARY_QUANTILES
from console.domain.fleet import Objective

WINDOWS: Final = {"5m": 300.0, "30m": 1800.0, "1h": 3600.0, "6h": 21600.0}
DAY_S: Final = 86400.0


def slow_share(counters: NDArray[np.float64], threshold_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least share of requests that took longer than the threshold, from summary quantiles.

    ``counters`` is a counters matrix (families, versions), ``threshold_ms`` one value per
    version. A quantile q above the threshold proves a share of at least 1 - q; NaN where
    there are no quantiles.
    """
    share = np.full(len(threshold_ms), np.nan)
    for quantile, row in SUMMARY_QUANTILES:
        values = counters[row]
        known = np.isfinite(values)
        proven = np.where(values > threshold_ms, 1.0 - quantile, 0.0)
        share = np.where(known, np.fmax(share, proven), share)
    return share


def burn(objective: Objective, requests: float, failed: float, slow: float | None) -> float | None:
    """Burn rate: 1 spends the budget exactly in its period; None without requests.

    The worse of the availability burn and the latency burn, each the bad share over
    the share that its objective allows.
    """
    if requests <= 0:
        return None
    rates = [(failed / requests) / (1.0 - objective.availability)]
    if slow is not None:
        rates.append((slow / requests) / (1.0 - objective.quantile))
    return max(rates)


def windows_so_far(observed_s: float) -> Mapping[str, bool]:
    """Which windows exist: each that is full, and the first that is filling."""
    exist = {}
    reached = 0.0
    for name, seconds in WINDOWS.items():
        exist[name] = observed_s > reached
        reached = seconds
    return exist


def spent(objective: Objective, burn_rate: float | None, observed_s: float) -> float | None:
    """Share of the period's error budget that the observed time has burnt."""
    if burn_rate is None:
        return None
    return burn_rate * observed_s / (objective.period_days * DAY_S)
