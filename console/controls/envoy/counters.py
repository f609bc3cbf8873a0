"""Envoy's own counters of a route; pure."""

import re
from collections.abc import Mapping

from console.domain.situation import Traffic
from console.domain.surfaces import EnvoyRoute

_ANY = "[^.]+"
_ADMIN = "http.admin."

Stats = Mapping[str, float]


def names_of(route: EnvoyRoute, prefix: str) -> str:
    """A regular expression of the counters that a route's traffic is counted by; ``prefix`` may be empty."""
    connections = re.escape(prefix) if prefix else _ANY
    clusters = "|".join(_in_stats(name) for name in route.clusters)
    parts = [rf"http\.{connections}\.(downstream_rq_total|fault\.aborts_injected)"]
    if clusters:
        parts.append(rf"cluster\.({clusters})\.upstream_rq_(total|retry)")
    return "|".join(parts)


def health_names(route: EnvoyRoute) -> str:
    """A regular expression of the gauges that say how many hosts of the route's clusters are healthy."""
    return rf"cluster\.({'|'.join(_in_stats(name) for name in route.clusters)})\.membership_healthy"


def healthy(stats: Stats, route: EnvoyRoute) -> dict[str, float]:
    """Healthy hosts by cluster, where that is known."""
    named = {name: f"cluster.{name.replace(':', '_')}.membership_healthy" for name in route.clusters}
    return {name: stats[stat] for name, stat in named.items() if stat in stats}


def counted(stats: Stats, route: EnvoyRoute, *, shed: bool) -> Traffic:
    """Requests of the route, a client's retries by Envoy counted once: all, and those that are kept."""
    if not shed:
        return Traffic(_sent(stats, route.clusters), _sent(stats, route.reduced))
    aborted = _sum(stats, ".fault.aborts_injected")
    if route.clusters:
        admitted = _sent(stats, route.clusters)
        return Traffic(admitted + aborted, admitted)
    total = _sum(stats, ".downstream_rq_total")
    return Traffic(total, total - aborted)


def _sent(stats: Stats, clusters: tuple[str, ...]) -> float:
    names = [f"cluster.{name.replace(':', '_')}.upstream_rq_" for name in clusters]
    return sum(stats.get(f"{name}total", 0.0) - stats.get(f"{name}retry", 0.0) for name in names)


def _sum(stats: Stats, ending: str) -> float:
    return sum(
        value for name, value in stats.items() if name.endswith(ending) and not name.startswith(_ADMIN)
    )


def _in_stats(name: str) -> str:
    return re.escape(name.replace(":", "_"))
