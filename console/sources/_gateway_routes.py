"""What the gateways' parsers share: series to figures, and which routes are those of the settings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from glob import escape
from typing import NamedTuple

from console.domain.around import GatewayReading, RouteCounters
from console.domain.fleet import Fleet
from console.domain.surfaces import Envoy, Haproxy, KubernetesGateway
from console.domain.text import visible
from console.domain.triton import Histogram
from console.sources._exposition import Scrape, Series, SeriesTable

MOST_ROUTES = 200
_ABSURD = 2.0**64
_INGRESS = "ingress/"
_NAMES_SHOWN = 5

Row = tuple[Series, float]
Rows = Iterable[Row]
Routes = Mapping[str, tuple[str, ...]]
"""Globs of models by the name of the route that carries them."""


class Parts(NamedTuple):
    """What is gathered of one route: sums by the field of ``RouteCounters``, and counts by bucket bound in ms."""

    sums: dict[str, float]
    buckets: dict[float, float]


def gathered() -> defaultdict[str, Parts]:
    """Routes by name, each empty until something is added."""
    return defaultdict(lambda: Parts({}, {}))


def add(sums: dict[str, float], field: str, value: float) -> None:
    """Add one series to a figure."""
    sums[field] = sums.get(field, 0.0) + value


def add_bucket(parts: Parts, labels: Mapping[str, str], value: float, scale: float = 1.0) -> None:
    """Add one bucket; a bound that is no number is left out."""
    try:
        bound = float(labels["le"]) * scale
    except (KeyError, ValueError):
        return
    parts.buckets[bound] = parts.buckets.get(bound, 0.0) + value


def histogram_of(buckets: Mapping[float, float]) -> Histogram | None:
    """The histogram; None without its last bucket, or where the counts do not grow with the bounds."""
    bounds = sorted(buckets)
    counts = [buckets[bound] for bound in bounds]
    if not bounds or bounds[-1] != float("inf") or counts != sorted(counts):
        return None
    return Histogram(tuple(bounds), tuple(counts))


def rows_of(scrape: Scrape, table: SeriesTable) -> Iterator[tuple[Series, float]]:
    """The series of a scrape whose values can be counts or sizes."""
    for number, value in zip(scrape.ids.tolist(), scrape.values.tolist(), strict=True):
        if 0 <= value < _ABSURD:
            yield table.series(number), value


def routes_of(fleet: Fleet) -> dict[str, tuple[str, ...]]:
    """The routes of the settings by the name that the gateway counts them under."""
    found: dict[str, list[str]] = {}
    for name, model in _named(fleet):
        globs = found.setdefault(name, [])
        if model not in globs:
            globs.append(model)
    return {name: tuple(globs) for name, globs in found.items()}


def _named(fleet: Fleet) -> Iterator[tuple[str, str]]:
    match fleet.gateway:
        case Envoy(routes=routes):
            yield from ((cluster, each.model) for each in routes for cluster in each.clusters)
        case Haproxy(routes=haproxy):
            yield from ((each.backend, each.model) for each in haproxy)
        case KubernetesGateway(routes=kubernetes):
            for each in kubernetes:
                if each.route.startswith(_INGRESS):
                    yield each.route.removeprefix(_INGRESS), each.model


def told(reading: GatewayReading, routes: Routes) -> GatewayReading:
    """The reading with the routes of the settings alone, or all of them where the settings name none of these.

    At most ``MOST_ROUTES``; names are made visible. Notes say what is left out, and what is not there.
    """
    known = {each.name for each in reading.routes}
    missing = [name for name in routes if name not in known]
    mine = [each for each in reading.routes if each.name in routes] or list(reading.routes)
    notes = list(reading.notes)
    if missing:
        notes.append(
            f"{reading.kind} counts nothing for {_listed(missing)} of the settings (it has {_listed(known)})"
        )
    if len(mine) > MOST_ROUTES:
        notes.append(
            f"{reading.kind} has {len(mine)} routes: {MOST_ROUTES} are read; name yours in the settings"
        )
    kept = [_visible(each) for each in mine[:MOST_ROUTES]]
    models = {
        new.name: routes.get(old.name) or (escape(old.name),) for old, new in zip(mine, kept, strict=False)
    }
    return reading._replace(routes=tuple(kept), models=models, notes=tuple(notes))


def _visible(route: RouteCounters) -> RouteCounters:
    weights = {visible(name): weight for name, weight in route.weights.items()}
    return route._replace(name=visible(route.name), weights=weights)


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - _NAMES_SHOWN} more" if len(ordered) > _NAMES_SHOWN else ""
    return ", ".join(visible(name, 60) for name in ordered[:_NAMES_SHOWN]) + more or "none"
