"""The slowest servers of each version, from the rows that a Prometheus picked."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion
from console.domain.prospect import Worst
from console.domain.text import visible
from console.transport.promql_client import Row
from console.transport.promql_fleet import FIGURE, SERVER

# Of a thousand models' servers those are kept that are furthest from their median.
MOST = 300
# Labels of the series, and of the way it went: none says where the server is.
_ELSEWHERE = frozenset(("model", "version", "quantile", "le", "reason", "gpu_uuid", "__name__", FIGURE))
REPLICAS = ("prometheus_replica", "replica", "prometheus")
_MOST_LABELS = 12
_BASES = {
    "summary": (Basis.SUMMARY, 1e-3),
    "histogram": (Basis.HISTOGRAM, 1.0),
    "mean": (Basis.MEAN, 1e-3),
}


def worst_servers(rows: Sequence[Row]) -> tuple[Worst, ...]:
    """By version, the slowest first."""
    medians = {_at(row): value for row, value in _of(rows, "median_")}
    rates = {
        (_key(row.metric), _server(row.metric)): value for row, value in _of(rows, "worst_rate", whole=True)
    }
    found = []
    for row, value in _of(rows, "worst_"):
        basis, scale = _BASES.get(row.metric[FIGURE].removeprefix("worst_"), (None, 0.0))
        if basis is None:
            continue
        key, median = _key(row.metric), medians.get(_at(row))
        found.append(
            Worst(
                key=key,
                instance=visible(row.metric.get("instance", "")),
                labels=_where(row.metric),
                value_ms=value * scale,
                basis=basis,
                rate=rates.get((key, _server(row.metric))),
                median_ms=None if median is None else median * scale,
            )
        )
    kept = sorted(found, key=_apart, reverse=True)[:MOST]
    return tuple(sorted(kept, key=lambda each: (each.key, -each.value_ms)))


def doubled(worst: Iterable[Worst]) -> str:
    """The label by which servers are there twice, as where two Prometheus scrape them and nobody makes them one; empty for none."""
    seen: dict[tuple[ModelVersion, tuple[str, ...]], Mapping[str, str]] = {}
    for each in worst:
        other = seen.setdefault((each.key, _server(each.labels)), each.labels)
        for name in REPLICAS:
            if other.get(name) != each.labels.get(name):
                return name
    return ""


def _of(rows: Iterable[Row], figure: str, *, whole: bool = False) -> Iterator[tuple[Row, float]]:
    for row in rows:
        named = row.metric.get(FIGURE, "")
        if "model" not in row.metric or not (named == figure if whole else named.startswith(figure)):
            continue
        try:
            value = float(row.value[1]) if row.value else math.nan
        except ValueError:
            continue
        if math.isfinite(value):
            yield row, value


def _at(row: Row) -> tuple[ModelVersion, str]:
    return _key(row.metric), row.metric[FIGURE].partition("_")[2]


def _key(labels: Mapping[str, str]) -> ModelVersion:
    return ModelVersion(labels["model"], labels.get("version", ""))


def _server(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in SERVER)


def _where(labels: Mapping[str, str]) -> dict[str, str]:
    told = [(name, text) for name, text in sorted(labels.items()) if name not in _ELSEWHERE]
    return {visible(name, 80): visible(text) for name, text in told[:_MOST_LABELS]}


def _apart(worst: Worst) -> float:
    return worst.value_ms / worst.median_ms if worst.median_ms else 1.0
