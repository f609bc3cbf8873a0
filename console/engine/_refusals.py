"""What gateways counted over a window, route by route: their refusals are in no counter of Triton."""

from collections.abc import Iterator
from typing import NamedTuple

from console.domain.around import GatewayReading, RouteCounters
from console.domain.report import GatewayImpact
from console.domain.sample import Sample

_COUNTED = ("tries", "retries", "timeouts", "failed", "rejected")
_EDGE = "\0edge"


class _Route(NamedTuple):
    """One route's counters as last read, what they grew by, and how often they began anew."""

    last: RouteCounters
    grown: dict[str, float]
    kind: str
    models: tuple[str, ...]
    resets: int = 0


class Refusals:
    """Adds up what every route grew by; fed with samples in their order, those before the window first."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], _Route] = {}

    def take(self, sample: Sample, *, counts: bool) -> None:
        """One sample; without ``counts`` it only says where the counters stood."""
        reading = sample.reading
        if not isinstance(reading, GatewayReading):
            return
        for name, now in _named(reading):
            key = sample.source, name
            route = self._routes.get(key)
            if route is None:
                route = _Route(now, {}, reading.kind, reading.models.get(now.name, ()))
            self._routes[key] = _grown(route, now, counts=counts)

    def routes(self) -> tuple[GatewayImpact, ...]:
        """Every route, its clients' side first."""
        found = sorted(self._routes.items(), key=lambda item: (item[0][0], item[0][1] != _EDGE, item[0][1]))
        return tuple(_impact(route, edge=name == _EDGE) for (_, name), route in found)


def _named(reading: GatewayReading) -> Iterator[tuple[str, RouteCounters]]:
    if reading.edge is not None:
        yield _EDGE, reading.edge
    for route in reading.routes:
        yield route.name, route


def _grown(route: _Route, now: RouteCounters, *, counts: bool) -> _Route:
    grown, reset = dict(route.grown), 0
    for name in _COUNTED:
        value, before = getattr(now, name), getattr(route.last, name)
        if value is None:
            continue
        step = value - (before or 0.0) if before is not None else 0.0
        if step < 0:
            step, reset = value, 1
        if counts:
            grown[name] = grown.get(name, 0.0) + step
    return route._replace(last=now, grown=grown, resets=route.resets + (reset if counts else 0))


def _impact(route: _Route, *, edge: bool) -> GatewayImpact:
    grown = route.grown
    tries = grown.get("tries")
    return GatewayImpact(
        name=route.last.name,
        kind=route.kind,
        models=route.models,
        edge=edge,
        requests=None if tries is None else tries - (0.0 if edge else grown.get("retries", 0.0)),
        refused=grown.get("rejected"),
        failed=grown.get("failed"),
        retries=grown.get("retries"),
        timeouts=grown.get("timeouts"),
        resets=route.resets,
    )
