"""A model's figures as binned series, over its versions and over all targets or one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from console.domain.fleet import ModelVersion
from console.domain.rows import Lifetime
from console.domain.snapshot import History
from console.triage.series import EMPTY, Floats, Line, binned, greatest, line, total

# Means per request, and the counter that each is divided by.
_PER_REQUEST = frozenset(("mean_ms", "queue_ms", "input_ms", "infer_ms", "output_ms"))
_RATIOS: Mapping[str, tuple[str, str]] = {
    "batch": ("inferences", "executions"),
    "items": ("inferences", "success"),
    "error_ratio": ("failed", "rate"),
}
_COMPUTE = ("input_ms", "infer_ms", "output_ms")


class Window(NamedTuple):
    """A stretch of ``seconds`` up to ``at`` (epoch seconds), in bins of ``width`` seconds."""

    at: float
    seconds: float
    width: float


class Figures:
    """Columns of some versions, on ``target`` or over all; read once each.

    Besides the history's columns: ``compute_ms``, ``items`` (inferences per request), ``exec_ms`` (what the executions of
    the requests took) and ``item_ms`` (the same for each inference in them).
    """

    def __init__(
        self, history: History, keys: Sequence[ModelVersion], window: Window, target: str = ""
    ) -> None:
        self._history = history
        self._keys = tuple(keys)
        self._at, self._seconds, self._width = window
        self._target = target
        self._raw: dict[tuple[str, ModelVersion], Line] = {}
        self._bins: dict[str, Line] = {}

    def raw(self, column: str, key: ModelVersion) -> Line:
        """One column of one version as it was kept."""
        found = self._raw.get((column, key))
        if found is None:
            if self._target:
                points = self._history.replica(self._target, key, column, self._seconds)
            else:
                points = self._history.model(key, column, self._seconds)
            found = self._raw[column, key] = line(points)
        return found

    def bins(self, column: str) -> Line:
        """A column over all versions in bins; sums for counts, means per request, the worst for percentiles."""
        found = self._bins.get(column)
        if found is None:
            found = self._bins[column] = self._binned(column)
        return found

    def fine(self, column: str) -> Line:
        """A column over all versions at the history's own resolution."""
        if column in _PER_REQUEST or column in _RATIOS:
            over, under = self._parts(column)
            return _divided(over, under) if len(over.at) == len(under.at) else EMPTY
        merge = greatest if column.startswith("p") and column != "pending" else total
        return merge([self.raw(column, key) for key in self._keys])

    def _binned(self, column: str) -> Line:
        if column in _PER_REQUEST or column in _RATIOS:
            over, under = self._parts(column)
            return binned(over, self._width, self._at, under) if len(over.at) == len(under.at) else EMPTY
        if column == "compute_ms":
            return _added([self.bins(part) for part in _COMPUTE])
        if column == "exec_ms":
            return self.bins("infer_ms")
        if column == "item_ms":
            return _divided(self.bins("infer_ms"), self.bins("batch"))
        return binned(self.fine(column), self._width, self._at)

    def _spent(self, column: str, key: ModelVersion) -> Line:
        """Milliseconds a second that the requests of a version took."""
        means, count = self.raw(column, key), self.raw("success", key)
        return Line(means.at, means.values * count.values) if len(means.at) == len(count.at) else EMPTY

    def _parts(self, column: str) -> tuple[Line, Line]:
        """What a mean or a share is made of: the sum, and what it is divided by."""
        if column in _PER_REQUEST:
            over, under = total([self._spent(column, key) for key in self._keys]), "success"
        else:
            name, under = _RATIOS[column]
            over = total([self.raw(name, key) for key in self._keys])
        return over, total([self.raw(under, key) for key in self._keys])


def _added(lines: Sequence[Line]) -> Line:
    whole = total(lines)
    for each in lines:
        length = min(len(each.at), len(whole.at))
        whole = (
            Line(whole.at[-length:], whole.values[-length:] + 0 * each.values[-length:]) if length else EMPTY
        )
    return whole


def _divided(over: Line, under: Line) -> Line:
    length = min(len(over.at), len(under.at))
    if not length:
        return EMPTY
    values: Floats = np.full(length, np.nan, dtype=np.float64)
    divisor = under.values[-length:]
    np.divide(over.values[-length:], divisor, out=values, where=divisor > 0)
    return Line(over.at[-length:], values)


class Past(NamedTuple):
    """What the counters of some versions held when the console first looked: requests, and figures by column."""

    requests: float
    figures: Mapping[str, float | None]


def past(lives: Iterable[Lifetime | None]) -> Past | None:
    """Lifetimes as one, weighted by their requests; None where nothing was served before."""
    known = [life for life in lives if life is not None and life.requests > 0]
    requests = sum(life.requests for life in known)
    if not known:
        return None
    columns = (*sorted(_PER_REQUEST), "batch", "items")
    figures = {
        column: _weighted([(getattr(life, column), life.requests - life.failed) for life in known])
        for column in columns
    }
    figures["exec_ms"] = figures["infer_ms"]
    infer, batch = figures["infer_ms"], figures["batch"]
    figures["item_ms"] = infer / batch if infer is not None and batch else None
    parts = [figures[part] for part in _COMPUTE]
    figures["compute_ms"] = sum(p for p in parts if p is not None) if None not in parts else None
    figures["error_ratio"] = sum(life.failed for life in known) / requests
    return Past(requests, figures)


def _weighted(pairs: Sequence[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in pairs if value is not None]
    weight = sum(each for _, each in known)
    return sum(value * each for value, each in known) / weight if weight else None
