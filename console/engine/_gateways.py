"""Gateways: counters made into rates, with their history."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from console.domain.around import GatewayReading, RouteCounters, RouteRow
from console.domain.history import Tier, Track
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Sample
from console.domain.snapshot import Points
from console.domain.text import visible
from console.engine._route import Figures, RouteMeter

_STALE_POLLS = 3
# More names than a gateway is read for, some of them gone: the history then begins anew with those that are there.
_MOST_ROWS = 500
# So many restarts within so long are none: several replicas answer in turn.
_FLAPS, _FLAP_S = 3, 60.0
_LONGEST = 400
_GLOB_SIGNS = frozenset("*?[")


class _Seen(NamedTuple):
    """The newest look at one gateway."""

    reading: GatewayReading
    mono: float
    every: float

    def stale(self, mono: float) -> bool:
        return mono - self.mono > _STALE_POLLS * self.every

    def all(self) -> Iterator[RouteCounters]:
        """The clients' side first, then the routes."""
        if self.reading.edge is not None:
            yield self.reading.edge
        yield from self.reading.routes


class GatewayMemory:
    """The routes of every gateway."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._meters: dict[tuple[str, str], RouteMeter] = {}
        self._resets: dict[str, deque[float]] = {}
        self._forget()

    def _forget(self) -> None:
        self._track = Track(Figures._fields, Tier(0, 600), (Tier(15, 240),))
        self._rows: dict[str, int] = {}

    def take(self, sample: Sample, reading: GatewayReading) -> list[Marker]:
        """Remember one look; counters that began anew, changed weights and a changed configuration make markers."""
        before = self._seen.get(sample.source)
        now = _Seen(reading, sample.mono, sample.every)
        late = before is not None and before.stale(sample.mono)
        routes = {route.name: route for route in now.all()}
        meters = self._meters_of(sample.source, routes)
        busy = [name for name, meter in meters.items() if meter.newest and meter.newest.tries]
        reset = [name for name, meter in meters.items() if meter.went_back(routes[name])]
        whole = bool(reset) and set(busy) <= set(reset)
        moved = list(_weights(sample, reading, meters))
        for name, meter in meters.items():
            meter.take(routes[name], sample.mono, anew=late or whole or name in reset)
        self._seen[sample.source] = now
        if before is None:
            return []
        changes = [*self._restarts(sample, reading, reset, whole=whole), *moved]
        return changes or list(_configured(sample, before, reading))

    def _meters_of(self, source: str, names: Iterable[str]) -> dict[str, RouteMeter]:
        """The meters of these routes, new ones included; those of routes that are gone are dropped."""
        mine = {name: self._meters.get((source, name)) or RouteMeter() for name in names}
        others = {key: meter for key, meter in self._meters.items() if key[0] != source}
        self._meters = {**others, **{(source, name): meter for name, meter in mine.items()}}
        return mine

    def _restarts(
        self, sample: Sample, reading: GatewayReading, reset: list[str], *, whole: bool
    ) -> Iterator[Marker]:
        if not reset:
            return
        times = self._resets.setdefault(sample.source, deque(maxlen=_FLAPS))
        times.append(sample.mono)
        if self._flaps(sample.source, sample.mono):
            return
        if whole:
            said = "every counter of the gateway restarted at 0: it was restarted or reloaded"
            yield Marker(sample.at, MarkerKind.RESET, reading.kind, said)
            return
        for name in reset:
            said = f"the counters of route {name} restarted at 0"
            yield Marker(sample.at, MarkerKind.RESET, name, said, _model(reading.models.get(name, ())))

    def _flaps(self, source: str, mono: float) -> bool:
        times = self._resets.get(source)
        return times is not None and len(times) == _FLAPS and mono - times[0] <= _FLAP_S

    def tick(self, mono: float) -> tuple[RouteRow, ...]:
        """Keep a slot of history and return the rows: the clients' side of each gateway, then its routes."""
        found = [
            (row, figures)
            for source, seen in self._seen.items()
            for row, figures in self._of(source, seen, mono)
        ]
        names = {row.name for row, _ in found}
        if len(self._rows.keys() | names) > _MOST_ROWS:
            self._forget()
        for row, _ in found:
            self._rows.setdefault(row.name, len(self._rows))
        block = np.full((len(Figures._fields), len(self._rows)), np.nan, dtype=np.float32)
        fresh = [(self._rows[row.name], figures) for row, figures in found if not row.stale]
        if fresh:
            # None becomes NaN.
            block[:, [place for place, _ in fresh]] = np.array(
                [figures for _, figures in fresh], dtype=np.float32
            ).T
        self._track.append(mono, block)
        return tuple(row for row, _ in found)

    def _of(self, source: str, seen: _Seen, mono: float) -> Iterator[tuple[RouteRow, Figures]]:
        reading = seen.reading
        for counters in seen.all():
            meter = self._meters[source, counters.name]
            yield (
                RouteRow(
                    name=counters.name,
                    kind=reading.kind,
                    models=reading.models.get(counters.name, ()),
                    edge=counters is reading.edge,
                    basis=meter.basis,
                    weights=counters.weights,
                    query=reading.query,
                    age_s=max(0.0, mono - seen.mono),
                    stale=seen.stale(mono),
                    **meter.figures._asdict(),
                ),
                meter.figures,
            )

    def notes(self) -> tuple[str, ...]:
        """What the gateways do not tell."""
        found = [note for seen in self._seen.values() for note in seen.reading.notes]
        found += [
            "the gateway's counters go up and down: does its address lead to several replicas in turn?"
            for source, seen in self._seen.items()
            if self._flaps(source, seen.mono)
        ]
        return tuple(dict.fromkeys(found))

    def series(self, name: str, column: str, since: float, offset: float) -> Points:
        """One column of one route; see ``History.route``."""
        row = self._rows.get(name)
        if row is None or column not in self._track.columns:
            return Points((), ())
        times, values = self._track.series(column, row, since)
        known = np.isfinite(values)
        return Points(
            (times + offset).tolist(), [float(v) if ok else None for v, ok in zip(values, known, strict=True)]
        )


def _weights(sample: Sample, reading: GatewayReading, meters: Mapping[str, RouteMeter]) -> Iterator[Marker]:
    """A marker for each split whose weights changed; the clusters of one split all tell the same."""
    told: set[tuple[str, ...]] = set()
    for route in reading.routes:
        old, models = meters[route.name].weights, reading.models.get(route.name, ())
        changed = [name for name, now in route.weights.items() if name in old and old[name] != now]
        split = (*models, "", *route.weights)
        if changed and split not in told:
            told.add(split)
            said = "; ".join(
                f"weight of {name} in route {route.name} was {old[name]:g}, is {route.weights[name]:g}"
                for name in changed
            )
            yield Marker(sample.at, MarkerKind.WEIGHT, route.name, visible(said, _LONGEST), _model(models))


def _configured(sample: Sample, before: _Seen, reading: GatewayReading) -> Iterator[Marker]:
    if reading.revision and before.reading.revision and reading.revision != before.reading.revision:
        said = f"the configuration of the gateway changed: revision {before.reading.revision}, now {reading.revision}"
        yield Marker(sample.at, MarkerKind.CONFIG, reading.kind, said)


def _model(globs: Iterable[str]) -> str:
    """The one model that the globs name, empty where they may name several."""
    named = list(globs)
    return named[0] if len(named) == 1 and not _GLOB_SIGNS & set(named[0]) else ""
