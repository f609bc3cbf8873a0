"""One target's cumulative counters as a matrix, and what two of them say."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.families import GROWING, F
from console.domain.fleet import ModelVersion

Matrix = NDArray[np.float64]
# Failures as the metrics count them; those of the statistics go with the model.
_OUTLIVING = (F.FAIL_REJECTED, F.FAIL_CANCELED, F.FAIL_BACKEND, F.FAIL_OTHER)


@dataclass(frozen=True, slots=True, eq=False)
class Counters:
    """Values of shape (families, versions), NaN where the server has no such series.

    ``keys`` names the columns and is the same object in consecutive readings while the
    set of series did not change. ``source`` is ``metrics`` or ``statistics``.
    """

    keys: tuple[ModelVersion, ...]
    values: Matrix
    source: str = "metrics"


class Delta(NamedTuple):
    """Growth between two polls: rates (1/s, families × versions) and which versions were reset.

    A version that was reset, or is new, has NaN rates: what it counted before is lost.
    ``restarted`` when not a model but the process began anew: every busy version that is still there was reset,
    and there are several, or failures are forgotten, which outlive a reload, or nothing answered meanwhile.
    """

    rates: Matrix
    reset: NDArray[np.bool_]
    restarted: bool


def delta(before: Counters, after: Counters, seconds: float, *, away: bool = False) -> Delta:
    """Rates from two polls of one target, ``seconds`` of monotonic time apart (must be > 0).

    ``away`` when it did not answer in between.
    """
    if seconds <= 0:
        raise ValueError("two polls need time between them")
    old = _aligned(before, after.keys)
    grown = after.values[:GROWING] - old
    # The failure counters outlive an unload, so a reset shows in the others.
    reset = np.asarray((grown < 0).any(axis=0))
    busy = old[F.EXECUTIONS] > 0
    forgotten = bool((grown[list(_OUTLIVING)] < 0).any())
    alike = int(busy.sum()) > 1 or (away and bool(busy.any()))
    restarted = (alike or forgotten) and bool(reset[busy].all())
    grown[:, reset] = np.nan
    return Delta(grown / seconds, reset, restarted)


def _aligned(before: Counters, keys: tuple[ModelVersion, ...]) -> Matrix:
    if before.keys is keys or before.keys == keys:
        return before.values[:GROWING]
    at = {key: i for i, key in enumerate(before.keys)}
    columns = np.array([at.get(key, -1) for key in keys], dtype=np.intp)
    values = np.full((GROWING, len(keys)), np.nan)
    known = columns >= 0
    values[:, known] = before.values[:GROWING, columns[known]]
    return values


def has_latencies(counters: Counters) -> bool:
    """Whether the server counts durations (``counter_latencies`` is not off)."""
    return not bool(np.isnan(counters.values[F.REQUEST_MS]).all())
