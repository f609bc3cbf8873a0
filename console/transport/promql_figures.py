"""What a Prometheus's answers about a fleet say: the figures of each group at each step of a grid."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from console.domain.families import (
    ABSURD,
    FAILURES,
    GROWING,
    HOST_GAUGES,
    ROWS,
    SUMMARY_QUANTILES,
    F,
)
from console.domain.fleet import ModelVersion
from console.domain.text import visible
from console.domain.triton import HostGauges
from console.transport._prometheus_answer import Row
from console.transport._prometheus_series import Floats, Grid
from console.transport.promql_fleet import FIGURE

_Name = TypeVar("_Name", str, float)
_US = 1e-3
_ROWS: dict[str, tuple[F, float]] = {
    "success": (F.SUCCESS, 1.0),
    "inferences": (F.INFERENCES, 1.0),
    "executions": (F.EXECUTIONS, 1.0),
    "request": (F.REQUEST_MS, _US),
    "queue": (F.QUEUE_MS, _US),
    "input": (F.INPUT_MS, _US),
    "infer": (F.INFER_MS, _US),
    "output": (F.OUTPUT_MS, _US),
    "hits": (F.CACHE_HITS, 1.0),
    "misses": (F.CACHE_MISSES, 1.0),
    "pending": (F.PENDING, 1.0),
    "load": (F.LOAD_S, 1.0),
    "summaries": (F.SUMMARY_COUNT, 1.0),
}
_REASONS = {reason: row for reason, row in FAILURES.items() if reason != "UNKNOWN"}
_QUANTILES = dict(SUMMARY_QUANTILES)
_COUNTS = frozenset(("up", "of", "now", "seen", "newest", "oldest"))
_LONGEST_NAME = 200
_NO_LABEL = "–"


class Step(NamedTuple):
    """A group at one step: rates (growing families × versions, per second), gauges (the others), buckets' rates by bound."""

    keys: tuple[ModelVersion, ...]
    rates: Floats
    gauges: Floats
    buckets: Mapping[ModelVersion, Mapping[float, float]]
    host: HostGauges

    def with_keys(self, keys: Iterable[ModelVersion]) -> "Step":
        """The same with these versions, too, of which nothing is known."""
        more = tuple(key for key in keys if key not in set(self.keys))
        room = ((0, 0), (0, len(more)))
        rates, gauges = (np.pad(block, room, constant_values=np.nan) for block in (self.rates, self.gauges))
        return self._replace(keys=(*self.keys, *more), rates=rates, gauges=gauges)


class GroupFigures:
    """One group's figures, each a value for every step."""

    def __init__(self, labels: Mapping[str, str], steps: int) -> None:
        self.labels = labels
        self._steps = steps
        self._counts: dict[str, Floats] = {}
        self._rows: dict[ModelVersion, dict[F, Floats]] = defaultdict(dict)
        self._slow: dict[ModelVersion, dict[float, Floats]] = defaultdict(dict)
        self._buckets: dict[ModelVersion, dict[float, Floats]] = defaultdict(dict)
        self._host: dict[str, Floats] = {}
        self._laid: tuple[tuple[ModelVersion, ...], Floats] | None = None

    def take(self, figure: str, labels: Mapping[str, str], column: Floats) -> None:
        """One row of an answer; what is none of these is passed over."""
        if figure in _COUNTS:
            self._counts[figure] = column
        elif figure == "host":
            name = HOST_GAUGES.get(labels.get("__name__", ""))
            self._host |= {name: column} if name else {}
        elif "model" in labels:
            self._take(figure, labels, ModelVersion(labels["model"], labels.get("version", "")), column)

    def _take(self, figure: str, labels: Mapping[str, str], key: ModelVersion, column: Floats) -> None:
        if figure == "slow":
            self._slow[key][_number(labels.get("quantile"))] = column
        elif figure == "bucket":
            self._buckets[key][_number(labels.get("le"))] = column
        else:
            row, scale = _place(figure, labels)
            if row is not None:
                self._rows[key][row] = column * scale

    def count(self, figure: str, step: int) -> float | None:
        """A count of servers, or the time of a scrape (epoch seconds); None where nothing tells."""
        column = self._counts.get(figure)
        value = math.nan if column is None else float(column[step])
        return value if math.isfinite(value) else None

    @property
    def scraped(self) -> Floats:
        """When its newest scrape of each step was made (epoch seconds), NaN for none."""
        return self._counts.get("newest", np.full(self._steps, np.nan))

    @property
    def has_series(self) -> bool:
        """Whether any series of Triton is of this group: ``up`` alone may be of all."""
        return bool(self._rows) or not self._counts.keys().isdisjoint(("now", "seen"))

    def step(self, number: int) -> Step:
        """All of one step: of the versions that served or failed something, or might have."""
        keys, block = self._layout()
        values = block[number]
        there = np.isfinite(values).any(axis=0)
        found = tuple(key for key, known in zip(keys, there, strict=True) if known)
        keys = keys if len(found) == len(keys) else found
        values = values[:, there]
        return Step(
            keys,
            values[:GROWING],
            values[GROWING:],
            {key: bounds for key in keys if (bounds := _known(self._buckets.get(key, {}), number))},
            HostGauges(**_known(self._host, number)),
        )

    def _layout(self) -> tuple[tuple[ModelVersion, ...], Floats]:
        """The versions, and their values by step."""
        if self._laid is None:
            keys = tuple(sorted(self._rows))
            block = np.full((self._steps, ROWS, len(keys)), np.nan)
            for place, key in enumerate(keys):
                for row, column in self._rows[key].items():
                    block[:, row, place] = column
                if F.SUMMARY_COUNT in self._rows[key]:
                    block[:, F.SLOW, place] = self._slow_share(key)
            block[~(np.abs(block) < ABSURD)] = np.nan
            self._laid = (keys, block)
        return self._laid

    def _slow_share(self, key: ModelVersion) -> Floats:
        """Least share of requests over what is promised: of each server, what its lowest quantile over that proves."""
        slow, above = np.zeros(self._steps), np.zeros(self._steps)
        for quantile, column in sorted(self._slow[key].items()):
            served = np.nan_to_num(column)
            slow += (1 - quantile) * np.maximum(served - above, 0)
            above = np.maximum(above, served)
        served = np.nan_to_num(self._rows[key].get(F.SUCCESS, np.zeros(self._steps)))
        share = np.divide(slow, served, out=np.zeros(self._steps), where=served > 0)
        return np.where(np.isfinite(self._rows[key][F.SUMMARY_COUNT]), share, np.nan)


class FleetFigures:
    """Every group of a fleet by the values of the labels that it is grouped by."""

    def __init__(self, by: Sequence[str], grid: Grid) -> None:
        self._by = by
        self._grid = grid
        self._groups: dict[tuple[str, ...], GroupFigures] = {}
        self.others: list[Row] = []
        """Rows that are of no group: those of single servers, and of GPUs."""

    def take(self, rows: Iterable[Row]) -> None:
        """The rows of one answer."""
        for row in rows:
            figure = row.metric.get(FIGURE, "")
            if figure in _COUNTS or figure in _ROWS or figure in _OF_GROUPS:
                self._of(row.metric).take(figure, row.metric, column(row, self._grid))
            else:
                self.others.append(row)

    def groups(self, fleet: str, most: int) -> dict[str, GroupFigures]:
        """The groups by name, at most so many: those with most servers."""
        # A label that only series have is none of ``up``: without it that counts servers of no group.
        named = {values: group for values, group in self._groups.items() if any(values) or group.has_series}
        found = named or self._groups
        chosen = sorted(found, key=lambda values: (-_size(found[values]), values))[:most]
        names: dict[str, GroupFigures] = {}
        for values in sorted(chosen):
            names[_free(group_name(fleet, values), names)] = found[values]
        return names

    @property
    def number(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    def _of(self, labels: Mapping[str, str]) -> GroupFigures:
        values = tuple(labels.get(name, "") for name in self._by)
        group = self._groups.get(values)
        if group is None:
            mine = {name: visible(text) for name, text in zip(self._by, values, strict=True)}
            group = self._groups[values] = GroupFigures(mine, self._grid.steps)
        return group


_OF_GROUPS = frozenset(("failure", "quantile", "slow", "bucket", "host"))


def group_name(fleet: str, values: Sequence[str]) -> str:
    """What a group is called: the values of its labels; without any, as the fleet is."""
    return visible("/".join(text or _NO_LABEL for text in values) or fleet, _LONGEST_NAME)


def column(row: Row, grid: Grid) -> Floats:
    """A row's value at each step, of an instant at all of them."""
    if row.value is None:
        return grid.column(row)
    return np.full(grid.steps, _number(row.value[1]))


def _place(figure: str, labels: Mapping[str, str]) -> tuple[F | None, float]:
    """Where a row goes, and the factor to the console's unit."""
    if figure == "failure":
        return _REASONS.get(labels.get("reason", "")), 1.0
    if figure == "quantile":
        return _QUANTILES.get(_number(labels.get("quantile"))), _US
    return _ROWS.get(figure, (None, 1.0))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _known(columns: Mapping[_Name, Floats], step: int) -> dict[_Name, float]:
    return {name: float(values[step]) for name, values in columns.items() if np.isfinite(values[step])}


def _size(group: GroupFigures) -> float:
    return group.count("of", -1) or group.count("seen", -1) or 0.0


def _free(name: str, taken: Mapping[str, object]) -> str:
    """Two groups whose labels read alike are told apart by a number."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}#{number}", number + 1
    return free
