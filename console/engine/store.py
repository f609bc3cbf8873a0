"""The store: takes samples, keeps history, and makes the snapshot of each tick."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from console.domain.alert_repeats import repeats
from console.domain.alerts import conditions
from console.domain.around import GatewayReading, LinkReading, PagesReading, WorkloadReading
from console.domain.config import ModelConfig
from console.domain.contract import ContractReading
from console.domain.drift import DriftReading
from console.domain.fleet import Fleet, ModelVersion
from console.domain.gpu import GpuReading, GpuRow
from console.domain.incident import IncidentReading
from console.domain.journal import JournalNews
from console.domain.lock import LockReading
from console.domain.marker import Marker
from console.domain.probe import ProbeReading
from console.domain.prospect import PrometheusReading, TargetsReading
from console.domain.rows import Lifetime, LoadRow, ModelRow, ReplicaRow, StateChange, TargetRow
from console.domain.sample import Sample
from console.domain.snapshot import Points, Snapshot
from console.domain.triton import TritonReading
from console.engine._alerts import AlertBook, Standing
from console.engine._changes import ChangeMemory
from console.engine._contracts import ContractMemory
from console.engine._gateways import GatewayMemory
from console.engine._gpus import GpuMemory
from console.engine._hosts import HostMemory
from console.engine._incidents import IncidentMemory
from console.engine._lifetime import lifetime
from console.engine._loads import load_rows
from console.engine._models import ModelBoard
from console.engine._probes import ProbeMemory
from console.engine._remarks import Remarks
from console.engine._replica_history import ReplicaHistory
from console.engine._replicas import ReplicaBook
from console.engine._roll import Roll
from console.engine._seams import Seams
from console.engine._series import column_points
from console.engine._servers import of_servers
from console.engine._target import TargetMemory
from console.engine._target_row import target_row
from console.engine._workloads import WorkloadMemory

STALE_POLLS = 3
DISPLAY_WINDOW_S = 10.0
_MARKERS = 2000

Taker = Callable[[Sample, Any], Iterable[Marker] | None]
"""Remembers one reading, and tells what changed."""


class Store:
    """All that one console knows of one fleet; used from one thread, fed and read in turns."""

    def __init__(self, fleet: Fleet, window_s: float = DISPLAY_WINDOW_S) -> None:
        window_s = max(window_s, fleet.refresh)
        self.roll = Roll(fleet, STALE_POLLS * fleet.refresh, window_s)
        self._board = ModelBoard(fleet, window_s)
        self._probes = ProbeMemory()
        self._gpus = GpuMemory()
        self._changes = ChangeMemory()
        self._replicas = ReplicaHistory()
        self._by_target = ReplicaBook()
        self._hosts = HostMemory()
        self._gateways = GatewayMemory()
        self._workloads = WorkloadMemory()
        self._contracts = ContractMemory()
        self._around: dict[type, Any] = {}
        self._incidents = IncidentMemory(fleet.name)
        self.alerts = AlertBook()
        self._takers: dict[type, Taker] = {
            TritonReading: self._take_triton,
            GpuReading: self._take_gpus,
            ProbeReading: self._probes.take,
            LockReading: self._changes.take_lock,
            DriftReading: self._changes.take_drifts,
            GatewayReading: self._gateways.take,
            LinkReading: self._hosts.take_link,
            WorkloadReading: self._workloads.take,
            ContractReading: self._contracts.take,
            PagesReading: self._take_told,
            IncidentReading: self._incidents.take,
            JournalNews: self._incidents.take_journal,
            TargetsReading: self._take_targets,
            PrometheusReading: self._take_told,
        }
        self._markers: deque[Marker] = deque(maxlen=_MARKERS)
        self._told: frozenset[Marker] = frozenset()
        self._seams = Seams()
        self._interrupted = False
        self._remarks = Remarks()
        self._sequence = 0
        self._began: float | None = None
        self._last_tick: float | None = None
        self._now = (0.0, 0.0)
        self.newest: tuple[float, float] | None = None

    @property
    def _targets(self) -> list[TargetMemory]:
        return self.roll.targets

    def take(self, sample: Sample) -> None:
        """Remember one sample, but of a target that is gone; ``newest`` is the time of the newest from a target."""
        target = self.roll.find(sample.source)
        if sample.target is not None and not self.roll.has(sample.target):
            return
        if target is not None:
            self.newest = (sample.at, sample.mono)
            self._tell(sample, target.take(sample))
        elif sample.failure is not None:
            self._remarks.failed(sample, sample.failure)
            self._changes.missed(sample)
            self.roll.failed()
        else:
            self._remarks.answered(sample.source)
        if sample.reading is not None:
            self._tell(sample, self._takers[type(sample.reading)](sample, sample.reading) or ())

    def _tell(self, sample: Sample, markers: Iterable[Marker]) -> None:
        self._markers.extend(each for each in self._seams.told(sample, markers) if each not in self._told)

    def _take_triton(self, sample: Sample, reading: TritonReading) -> None:
        self._hosts.take(sample, reading)
        self._gpus.take(sample, reading.gpus)

    def _take_gpus(self, sample: Sample, reading: GpuReading) -> None:
        self._gpus.take(sample, reading.gpus, reading.notes)

    def _take_targets(self, sample: Sample, reading: TargetsReading) -> Iterable[Marker]:
        self._remarks.aside(sample.source, reading.notes)
        markers = tuple(self.roll.take(sample, reading))
        for name in self.roll.gone:
            for memory in (self._hosts, self._probes, self._gpus, self._remarks):
                memory.forget(name)
        return markers

    def _take_told(self, sample: Sample, reading: PagesReading | PrometheusReading) -> None:
        self._remarks.aside(sample.source, reading.notes)
        self._around[type(reading)] = reading

    def mark(self, marker: Marker) -> None:
        """Add a marker that no source tells: an action of this console."""
        self._markers.append(marker)

    def recollect(self, markers: Iterable[Marker], began: float | None = None) -> None:
        """Know these markers and no others, as they were shown; ``began`` is when the watch did (monotonic seconds)."""
        self._markers.clear()
        self._markers.extend(markers)
        self._told = frozenset(self._markers)
        self._began = began

    def interrupt(self) -> None:
        """Nobody watches for a while: the next tick shows no rates of that time as those of now."""
        self._interrupted = True
        self._seams.interrupt()
        for target in self._targets:
            target.interrupt()

    def tick(self, at: float, mono: float) -> Snapshot:
        """Close a slot of history and return the picture at this instant (epoch and monotonic seconds)."""
        *_, snapshot = self.ticking(at, mono)
        if snapshot is None:
            raise RuntimeError("a tick ends in a snapshot")
        return snapshot

    def advance(self, at: float, mono: float) -> None:
        """Close a slot of history as a tick does, and make no picture: alerts are not judged."""
        self._board.advance(self._targets, mono, self._begin_tick(at, mono))
        self._gpus.tick(mono)
        self._replicas.tick(self._targets, mono)
        self._hosts.tick(mono)
        self._gateways.tick(mono)

    def _begin_tick(self, at: float, mono: float) -> float:
        """Set the time; returns the seconds since the tick before."""
        self._now = (at, mono)
        self._by_target.clear()
        seconds = 0.0 if self._last_tick is None else mono - self._last_tick
        self._last_tick = mono
        self._sequence += 1
        if self._interrupted:
            self._resume(mono, seconds)
        return seconds

    def _resume(self, mono: float, seconds: float) -> None:
        self._interrupted = False
        self._board.resume(self._targets, mono, seconds)
        for target in self._targets:
            target.meter.resume()
        self.alerts.resume(mono)

    def ticking(self, at: float, mono: float) -> Iterator[Snapshot | None]:
        """A tick in short stretches of work: yields None after each, and the snapshot at the end."""
        seconds = self._begin_tick(at, mono)
        began = self._began = mono if self._began is None else self._began
        contracts = self._contracts.tick(self._targets)
        models: list[ModelRow] = []
        for rows in self._board.tick(self._targets, self._probes, mono, seconds):
            models += self._contracts.warned(of_servers(rows, self._around.get(PrometheusReading)))
            yield None
        targets = tuple(target_row(each, mono, found=self.roll.found(each)) for each in self._targets)
        gpus = self._gpus.tick(mono)
        self._replicas.tick(self._targets, mono)
        self._hosts.tick(mono)
        routes = self._gateways.tick(mono)
        yield None
        standing = self._alerts(targets, models, gpus)
        yield Snapshot(
            at=at,
            sequence=self._sequence,
            elapsed_s=mono - began,
            fleet=self.roll.fleet,
            targets=targets,
            models=tuple(models),
            gpus=gpus,
            # Some tell of a time before the newest of the others.
            markers=tuple(sorted(self._markers, key=attrgetter("at"))),
            alerts=standing.alerts,
            notes=self._notes(at),
            history=self,
            frozen=self._changes.lock,
            lock_unknown=self._changes.lock_unknown,
            drifts=self._changes.drifts,
            routes=routes,
            links=self._hosts.links(mono),
            workloads=self._workloads.rows(),
            pages=self._around.get(PagesReading),
            calm=standing.calm,
            incident=self._incidents.open,
            prometheus=self._around.get(PrometheusReading),
            contracts=contracts,
        )

    def _notes(self, at: float) -> tuple[str, ...]:
        known = (self._gpus, self._gateways, self._workloads, self._contracts, self.roll)
        around = chain(self._changes.notes(at), *(memory.notes() for memory in known))
        return (*self._remarks.failures(), *around, *self._remarks.asides())

    def _alerts(
        self, targets: Sequence[TargetRow], models: Sequence[ModelRow], gpus: Sequence[GpuRow]
    ) -> Standing:
        at, mono = self._now
        again = chain(repeats(tuple(self._markers), targets, at), self.roll.conditions())
        found = conditions(targets, models, gpus, self._changes.drifts)
        standing = self.alerts.tick(chain(found, again), at, mono)
        self._markers.extend(standing.markers)
        return standing

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        """One column of one version over the last seconds; see ``History``."""
        at, mono = self._now
        of = self._board.track, self._board.book.find(key), column
        return column_points(*of, mono - seconds, at - mono)

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        """One column of one GPU or slice over the last seconds; see ``History``."""
        at, mono = self._now
        return self._gpus.series(uuid, mig, column, mono - seconds, at - mono)

    def replica(self, target: str, key: ModelVersion, column: str, seconds: float) -> Points:
        """One column of one version on one target; see ``History``."""
        at, mono = self._now
        return self._replicas.series(target, key, column, mono - seconds, at - mono)

    def lifetime(self, key: ModelVersion, target: str = "") -> Lifetime | None:
        """A version's counters at the first look; see ``History``."""
        looks = (memory.meter.first for memory in self._targets if target in {"", memory.name})
        return lifetime(looks, key, self._now[0] - self._now[1])

    def host(self, target: str, column: str, seconds: float) -> Points:
        """One column of one target; see ``History``."""
        at, mono = self._now
        return self._hosts.series(target, column, mono - seconds, at - mono)

    def route(self, name: str, column: str, seconds: float) -> Points:
        """One column of one gateway route; see ``History``."""
        at, mono = self._now
        return self._gateways.series(name, column, mono - seconds, at - mono)

    def states(self, key: ModelVersion) -> Sequence[StateChange]:
        """State and reason changes of one version on every target, oldest first."""
        changes = chain.from_iterable(target.changes.get(key, ()) for target in self._targets)
        return sorted(changes, key=attrgetter("at"))

    def replicas(self, key: ModelVersion) -> Sequence[ReplicaRow]:
        """The version on each of its targets, by target name."""
        return self._by_target.rows(self._targets, key, self._now[1])

    def loads(self, model: str = "") -> Sequence[LoadRow]:
        """What each target carries; see ``History``."""
        return load_rows(self._targets, model, self._now[1])

    def config(self, model: str) -> Mapping[str, ModelConfig]:
        """The model's config by target name."""
        return {t.name: t.configs[model] for t in self._targets if model in t.configs}
