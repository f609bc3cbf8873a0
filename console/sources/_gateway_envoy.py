"""Envoy's counters: clusters, and the clients' side by connection manager. Its times are ms."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from console.domain.around import GatewayReading, RouteCounters
from console.sources._gateway_routes import Parts, Routes, Rows, add, add_bucket, gathered, histogram_of

KIND = "envoy"
_CLUSTER, _HTTP = "envoy_cluster_upstream_", "envoy_http_"
_CLUSTER_LABELS = ("envoy_cluster_name", "cluster_name")
_PREFIX_LABELS = ("envoy_http_conn_manager_prefix", "http_conn_manager_prefix")
_CLASS_LABELS = ("envoy_response_code_class", "response_code_class")
# Envoy's own administration, which is nobody's traffic.
_ADMIN = "admin"
_ANSWERS = "answers"
# A circuit breaker, maintenance mode or the lack of a healthy host: none of these was sent.
_CLASS, _BUCKET = "class", "bucket"
_FIELDS = {
    "rq_total": "tries",
    "rq_retry": "retries",
    "rq_timeout": "timeouts",
    "rq_per_try_timeout": "timeouts",
    "rq_pending_overflow": "rejected",
    "rq_active_overflow": "rejected",
    "rq_maintenance_mode": "rejected",
    "cx_none_healthy": "rejected",
    "cx_connect_fail": "connect_failures",
    "rq_pending_active": "queued",
    "rq_xx": _CLASS,
    "rq_time_bucket": _BUCKET,
    "rq_time_sum": "total_ms",
    "cx_connect_ms_sum": "connect_total_ms",
    "cx_connect_ms_count": "connects",
}
_EDGE_FIELDS = {
    "downstream_rq_total": "tries",
    "downstream_rq_timeout": "timeouts",
    "downstream_rq_xx": _CLASS,
    "downstream_rq_time_bucket": _BUCKET,
    "downstream_rq_time_sum": "total_ms",
    "fault_aborts_injected": "rejected",
}
_RELOADS = "envoy_http_rds_config_reload"
_WANTED = frozenset(
    [_RELOADS, *(_CLUSTER + name for name in _FIELDS), *(_HTTP + name for name in _EDGE_FIELDS)]
)
_STATS = (
    "upstream_(rq_(total|retry|timeout|per_try_timeout|pending_overflow|active_overflow|maintenance_mode"
    "|pending_active|time|[0-9]xx)|cx_(connect_fail|none_healthy|connect_ms))"
)
_EDGE_STATS = "(downstream_rq_(total|timeout|time|[0-9]xx)|fault[.]aborts_injected|rds[.].+[.]config_reload)"
# Beyond this many names the address would be longer than what Envoy takes.
_NAMED = 50


def wanted(family: str) -> bool:
    """Whether a family is read."""
    return family in _WANTED


def stats_path(clusters: Iterable[str], prefix: str) -> str:
    """The path of the statistics in Prometheus text, of these clusters (empty: of all) and that edge (empty: any)."""
    names = [re.escape(_in_stats(name)) for name in clusters]
    of = f"({'|'.join(names)})" if 0 < len(names) <= _NAMED else ".+"
    edge = re.escape(prefix) if prefix else "[^.]+"
    return f"/stats/prometheus?{urlencode({'filter': f'^(cluster[.]{of}[.]{_STATS}|http[.]{edge}[.]{_EDGE_STATS})$'})}"


def envoy_reading(rows: Rows, routes: Routes, prefix: str) -> GatewayReading:
    """Clusters by name; a name of the settings stands as written there, though Envoy writes _ for a colon.

    A cluster's times leave out the requests that timed out: those of the clients' side have them. The revision
    counts how often the routes were configured anew.
    """
    clusters, edges = gathered(), gathered()
    reloads: list[float] = []
    written = {_in_stats(name): name for name in routes}
    for (family, labels), value in rows:
        if family.startswith(_CLUSTER):
            name = _first(labels, _CLUSTER_LABELS)
            if name:
                field = _FIELDS[family.removeprefix(_CLUSTER)]
                _take(clusters[written.get(name, name)], field, labels, value)
        elif family == _RELOADS:
            reloads.append(value)
        elif family.startswith(_HTTP):
            name = _first(labels, _PREFIX_LABELS)
            if name != _ADMIN and (not prefix or name == prefix):
                _take(edges[name], _EDGE_FIELDS[family.removeprefix(_HTTP)], labels, value)
    found = [_route(name, parts) for name, parts in clusters.items()]
    revision = f"{sum(reloads):.0f}" if reloads else ""
    return GatewayReading(KIND, tuple(found), _edge(edges), revision=revision)


def _take(parts: Parts, field: str, labels: Mapping[str, str], value: float) -> None:
    if field == _BUCKET:
        add_bucket(parts, labels, value)
    elif field == _CLASS:
        add(parts.sums, _ANSWERS, value)
        add(parts.sums, "failed", value if _first(labels, _CLASS_LABELS) == "5" else 0.0)
    else:
        add(parts.sums, field, value)


def _route(name: str, parts: Parts) -> RouteCounters:
    """A class of answers is counted from its first one on: without any, nothing can have failed."""
    figures: dict[str, Any] = dict(parts.sums)
    answers = figures.pop(_ANSWERS, None)
    if answers is not None:
        figures.setdefault("tries", answers)
    elif figures.get("tries") == 0:
        figures["failed"] = 0.0
    return RouteCounters(name, histogram=histogram_of(parts.buckets), **figures)


def _edge(edges: Mapping[str, Parts]) -> RouteCounters | None:
    """All connection managers together; one alone gives its name."""
    whole = Parts({}, {})
    for parts in edges.values():
        for field, value in parts.sums.items():
            add(whole.sums, field, value)
        for bound, count in parts.buckets.items():
            whole.buckets[bound] = whole.buckets.get(bound, 0.0) + count
    if not edges:
        return None
    return _route(f"clients of {next(iter(edges))}" if len(edges) == 1 else "clients", whole)


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return next((labels[name] for name in names if name in labels), "")


def _in_stats(name: str) -> str:
    return name.replace(":", "_")
