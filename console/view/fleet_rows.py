"""The lines of the fleet screen: targets, groups of servers, and the slowest servers of those groups."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from math import log
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.placement import Around, Placement, placement
from console.domain.prospect import Group, Worst
from console.domain.reach import direct_target
from console.domain.rows import LoadRow, TargetRow
from console.domain.snapshot import Snapshot
from console.view.severity import findings

_STEP = log(1.25)


class Standing(IntEnum):
    """How bad a server is; the higher the worse."""

    WELL = 0
    STALE = 1
    WARNED = 2
    PARTLY = 3
    NOT_READY = 4
    DOWN = 5


class Latency(NamedTuple):
    """A latency in ms, and how it is known."""

    value: float
    basis: Basis


class Server(NamedTuple):
    """One line. ``target`` is None for one of the slowest servers of a group, ``group`` where it is one of ``worst``
    or no group; ``around`` is what its place is judged by. ``told_s`` is how long ago Prometheus told it, in seconds, and
    ``old`` whether that is too long.
    """

    name: str
    load: LoadRow
    around: Around
    target: TargetRow | None = None
    group: Group | None = None
    worst: Worst | None = None
    direct: Target | None = None
    told_s: float = 0.0
    old: bool = False

    @property
    def latency(self) -> Latency | None:
        """Its p99, else its mean."""
        if self.worst is not None:
            return Latency(self.worst.value_ms, self.worst.basis)
        if self.load.p99_ms is not None:
            return Latency(self.load.p99_ms, Basis.SUMMARY)
        return None if self.load.mean_ms is None else Latency(self.load.mean_ms, Basis.MEAN)

    @property
    def standing(self) -> Standing:
        """How bad it is."""
        if self.old:
            return Standing.STALE
        if self.target is None:
            return Standing.WELL
        if self.group is not None and self.group.up < self.group.known:
            return Standing.PARTLY if self.group.up else Standing.DOWN
        return _standing(self.target)

    @property
    def age_s(self) -> float | None:
        """Age of its data in seconds; of a group that of its oldest newest scrape."""
        if self.worst is not None:
            return self.told_s
        if self.group is not None and self.group.lag_s is not None:
            return self.group.lag_s + self.told_s
        return self.target.age_s if self.target is not None else None

    @property
    def placement(self) -> Placement | None:
        """Where it runs; None for what only Prometheus names."""
        return None if self.target is None else placement(self.target, self.around)

    @property
    def node(self) -> str:
        """Its node, empty where that is unknown."""
        found = self.placement
        return found.node if found is not None else self.direct.node if self.direct else ""

    @property
    def pod(self) -> str:
        """Its pod with the namespace, empty where that is unknown."""
        found = self.placement or self.direct
        if found is None or not found.pod:
            return ""
        return f"{found.namespace}/{found.pod}" if found.namespace else found.pod


def servers(snapshot: Snapshot, model: str) -> list[Server]:
    """All lines in the order of the fleet, with the figures of a model (empty: of all)."""
    return [*_targets(snapshot, model), *_slowest(snapshot, model)]


def around_of(snapshot: Snapshot) -> Around:
    """What places are judged by."""
    return Around.of(snapshot.fleet.targets, snapshot.targets, snapshot.gpus)


def _targets(snapshot: Snapshot, model: str) -> Iterator[Server]:
    around = around_of(snapshot)
    loads = {load.target: load for load in snapshot.history.loads(model)}
    told = snapshot.prometheus.groups if snapshot.prometheus is not None else ()
    groups = {group.target: group for group in told}
    for row in snapshot.targets:
        known = around.known.get(row.name)
        reachable = known if known is not None and not known.scraped else None
        load = loads.get(row.name) or LoadRow(row.name)
        group = groups.get(row.name)
        old = group is not None and row.stale and not row.failures
        yield Server(row.name, load, around, row, group, None, reachable, _told_s(snapshot), old)


def _slowest(snapshot: Snapshot, model: str) -> Iterator[Server]:
    told = snapshot.prometheus.worst if snapshot.prometheus is not None else ()
    around, told_s = Around({}, {}, {}, {}), _told_s(snapshot)
    old = bool(snapshot.targets) and all(row.stale for row in snapshot.targets)
    for each in told:
        if model and each.key.model != model:
            continue
        direct = _direct(snapshot.fleet, each)
        name = called(snapshot.fleet, each)
        load = LoadRow(name, rate=each.rate, worst=each.key, serving=(each.key,))
        yield Server(name, load, around, worst=each, direct=direct, told_s=told_s, old=old)


def _told_s(snapshot: Snapshot) -> float:
    """How long ago Prometheus was asked about."""
    return max(snapshot.at - snapshot.prometheus.at, 0.0) if snapshot.prometheus is not None else 0.0


def called(fleet: Fleet, worst: Worst) -> str:
    """What a server is called that only Prometheus names."""
    direct = _direct(fleet, worst)
    return direct.name if direct is not None else worst.instance


def _direct(fleet: Fleet, worst: Worst) -> Target | None:
    ports = fleet.discovery
    return direct_target(worst.instance, worst.labels, ports.port, ports.metrics_port, ports.grpc_port)


def _standing(row: TargetRow) -> Standing:
    if not row.up:
        return Standing.DOWN
    if row.ready is False:
        return Standing.NOT_READY
    if row.stale:
        return Standing.STALE
    return Standing.WARNED if row.failures or findings(row) else Standing.WELL


def worst_first(server: Server) -> tuple[bool, int, int, str]:
    """Sort key of the natural order: how bad, then how slow in coarse steps; the slowest of groups stand below those."""
    slow = server.latency
    step = round(log(slow.value) / _STEP) if slow is not None and slow.value > 0 else -1000
    return server.worst is not None, -server.standing, -step, server.name


def served(server: Server, model: str) -> Sequence[ModelVersion]:
    """The versions that it serves, of a model or of all."""
    return [key for key in server.load.serving if not model or key.model == model]
