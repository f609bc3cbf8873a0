"""ingress-nginx's counters by ingress. Its times are s."""

from collections.abc import Mapping
from typing import Any

from console.domain.around import GatewayReading, RouteCounters
from console.sources._gateway_routes import Parts, Rows, add, add_bucket, gathered, histogram_of

KIND = "nginx"
_FAMILY = "nginx_ingress_controller_"
_MS = 1e3
_REQUESTS, _HASH = "requests", "config_hash"
# The upstream's own time, and the whole request as clients see it, which stands in where the first is switched off.
_UPSTREAM, _WHOLE = "response_duration_seconds", "request_duration_seconds"
_CONNECT = "connect_duration_seconds"
_WANTED = frozenset(
    _FAMILY + name
    for name in (
        _REQUESTS,
        _HASH,
        f"{_UPSTREAM}_bucket",
        f"{_UPSTREAM}_sum",
        f"{_WHOLE}_bucket",
        f"{_WHOLE}_sum",
        f"{_CONNECT}_sum",
        f"{_CONNECT}_count",
    )
)


def wanted(family: str) -> bool:
    """Whether a family is read."""
    return family in _WANTED


def nginx_reading(rows: Rows, namespace: str) -> GatewayReading:
    """Ingresses by name, of one namespace where that is given; the clients' side is all of them together."""
    counted, upstream, whole = gathered(), gathered(), gathered()
    clients = Parts({}, {})
    revision = ""
    for (family, labels), value in rows:
        name = family.removeprefix(_FAMILY)
        ingress = labels.get("ingress", "")
        if name == _HASH:
            revision = f"{value:.0f}"
        elif ingress and namespace in {"", labels.get("namespace", "")}:
            if name == _REQUESTS:
                _count(counted[ingress], labels.get("status", ""), value)
            elif name.startswith(_UPSTREAM):
                _time(upstream[ingress], name, labels, value)
            elif name.startswith(_WHOLE):
                _time(whole[ingress], name, labels, value)
                _time(clients, name, labels, value)
            else:
                _connect(counted[ingress], name, value)
    routes = tuple(_route(name, parts, upstream.get(name) or whole[name]) for name, parts in counted.items())
    return GatewayReading(KIND, routes, _edge(counted, clients), revision=revision)


def _count(parts: Parts, status: str, value: float) -> None:
    """A status is counted from its first answer on: one that is not there is 0."""
    add(parts.sums, "tries", value)
    add(parts.sums, "failed", value if status.startswith("5") else 0.0)
    add(parts.sums, "timeouts", value if status == "504" else 0.0)
    add(parts.sums, "rejected", value if status == "429" else 0.0)


def _time(parts: Parts, name: str, labels: Mapping[str, str], value: float) -> None:
    if name.endswith("_bucket"):
        add_bucket(parts, labels, value, _MS)
    else:
        add(parts.sums, "total_ms", value * _MS)


def _connect(parts: Parts, name: str, value: float) -> None:
    if name.endswith("_sum"):
        add(parts.sums, "connect_total_ms", value * _MS)
    else:
        add(parts.sums, "connects", value)


def _route(name: str, parts: Parts, times: Parts) -> RouteCounters:
    figures: dict[str, Any] = {**parts.sums, **times.sums}
    return RouteCounters(name, histogram=histogram_of(times.buckets), **figures)


def _edge(counted: Mapping[str, Parts], clients: Parts) -> RouteCounters | None:
    if not counted:
        return None
    whole = Parts(dict(clients.sums), clients.buckets)
    for parts in counted.values():
        for field in ("tries", "failed", "rejected"):
            add(whole.sums, field, parts.sums.get(field, 0.0))
    return _route("clients", whole, Parts({}, clients.buckets))
