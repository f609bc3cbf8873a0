"""The store: takes samples, keeps history, and makes the snapshot of each tick."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from console.domain.alerts import Condition, conditions
from console.domain.config import ModelConfig
from console.domain.drift import DriftReading
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet, ModelVersion
from console.domain.gpu import GpuReading, GpuRow
from console.domain.lies import target_warnings
from console.domain.lock import LockReading
from console.domain.marker import Marker
from console.domain.probe import ProbeReading
from console.domain.rows import Alert, ModelRow, ReplicaRow, StateChange, TargetRow
from console.domain.sample import Sample
from console.domain.snapshot import Points, Snapshot
from console.domain.triton import ControlMode, HostGauges, TritonReading
from console.engine._changes import ChangeMemory
from console.engine._gpus import GpuMemory
from console.engine._models import ModelBoard
from console.engine._probes import ProbeMemory
from console.engine._replicas import replica_rows
from console.engine._series import column_points
from console.engine._target import TargetMemory

STALE_POLLS = 3
DISPLAY_WINDOW_S = 10.0
_MARKERS = 2000


class Store:
    """All that one console knows of one fleet; used from one thread, fed and read in turns."""

    def __init__(self, fleet: Fleet, window_s: float = DISPLAY_WINDOW_S) -> None:
        self._fleet = fleet
        window_s = max(window_s, fleet.refresh)
        stale_after = STALE_POLLS * fleet.refresh
        self._targets = [TargetMemory(target, stale_after, window_s) for target in fleet.targets]
        self._by_source = {f"triton:{target.name}": target for target in self._targets}
        self._board = ModelBoard(fleet, window_s)
        self._probes = ProbeMemory()
        self._gpus = GpuMemory()
        self._changes = ChangeMemory()
        self._markers: deque[Marker] = deque(maxlen=_MARKERS)
        self._notes: dict[str, str] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._sequence = 0
        self._began: float | None = None
        self._last_tick: float | None = None
        self._now = (0.0, 0.0)
        self.newest: tuple[float, float] | None = None

    @property
    def complete(self) -> bool:
        """Whether every target has answered or failed at least once."""
        return all(target.asked for target in self._targets)

    def take(self, sample: Sample) -> None:
        """Remember one sample of any source; ``newest`` is the time of the newest from a target."""
        target = self._by_source.get(sample.source)
        if target is not None:
            self.newest = (sample.at, sample.mono)
            self._markers.extend(target.take(sample))
        elif sample.failure is not None:
            self._note(sample, sample.failure)
            self._changes.missed(sample)
        match sample.reading:
            case TritonReading(gpus=gpus) if gpus:
                self._gpus.take(sample, gpus)
            case ProbeReading() as reading:
                self._markers.extend(self._probes.take(sample, reading))
            case GpuReading() as reading:
                self._gpus.take(sample, reading.gpus, reading.notes)
                self._notes.pop(sample.source, None)
            case LockReading() as reading:
                self._notes.pop(sample.source, None)
                self._markers.extend(self._changes.take_lock(sample, reading))
            case DriftReading(drifts=drifts):
                self._notes.pop(sample.source, None)
                self._markers.extend(self._changes.take_drifts(sample, drifts))

    def mark(self, marker: Marker) -> None:
        """Add a marker that no source tells: an action of this console."""
        self._markers.append(marker)

    def _note(self, sample: Sample, failure: Failure) -> None:
        """What a source that belongs to no target could not do, the newest of each."""
        kind = sample.source.partition(":")[0]
        said = failure.message if failure.message.startswith(kind) else f"{sample.source}: {failure.message}"
        quiet = failure.kind is FailureKind.UNSUPPORTED or not failure.hint
        self._notes[sample.source] = said if quiet else f"{said} ({failure.hint})"

    def tick(self, at: float, mono: float) -> Snapshot:
        """Close a slot of history and return the picture at this instant (epoch and monotonic seconds)."""
        *_, snapshot = self.ticking(at, mono)
        if snapshot is None:
            raise RuntimeError("a tick ends in a snapshot")
        return snapshot

    def ticking(self, at: float, mono: float) -> Iterator[Snapshot | None]:
        """A tick in short stretches of work: yields None after each, and the snapshot at the end."""
        self._now = (at, mono)
        self._began = mono if self._began is None else self._began
        seconds = 0.0 if self._last_tick is None else mono - self._last_tick
        self._last_tick = mono
        self._sequence += 1
        models: list[ModelRow] = []
        for rows in self._board.tick(self._targets, self._probes, mono, seconds):
            models += rows
            yield None
        targets = tuple(self._target_row(target, mono) for target in self._targets)
        gpus = self._gpus.tick(mono)
        yield None
        yield Snapshot(
            at=at,
            sequence=self._sequence,
            elapsed_s=mono - self._began,
            fleet=self._fleet,
            targets=targets,
            models=tuple(models),
            gpus=gpus,
            markers=tuple(self._markers),
            alerts=self._alerts(targets, models, gpus, at),
            notes=(*self._notes.values(), *self._gpus.notes(), *self._changes.notes(at)),
            history=self,
            frozen=self._changes.lock,
            lock_unknown=self._changes.lock_unknown,
            drifts=self._changes.drifts,
        )

    def _target_row(self, target: TargetMemory, mono: float) -> TargetRow:
        reading = target.reading
        failures = (target.failure,) if target.failure else reading.failures if reading else ()
        return TargetRow(
            name=target.name,
            url=target.target.url,
            up=target.answers and not target.is_stale(mono),
            live=reading.live if reading and not target.failure else None,
            ready=reading.ready if reading and not target.failure else None,
            server=reading.server if reading else None,
            mode=reading.mode if reading else ControlMode.UNKNOWN,
            mode_note=reading.mode_note if reading else "",
            host=reading.host if reading else HostGauges(),
            poll_ms=None if target.took_s is None else target.took_s * 1000,
            age_s=target.age_s(mono),
            stale=target.is_stale(mono),
            failures=failures,
            broken_lines=reading.broken_lines if reading else 0,
            warnings=tuple(target_warnings(reading)) if reading else (),
        )

    def _alerts(
        self,
        targets: Sequence[TargetRow],
        models: Sequence[ModelRow],
        gpus: Sequence[GpuRow],
        at: float,
    ) -> tuple[Alert, ...]:
        holding: list[Condition] = list(conditions(targets, models, gpus, self._changes.drifts))
        self._since = {(c.id, c.subject): self._since.get((c.id, c.subject), at) for c in holding}
        return tuple(
            Alert(c.id, c.severity, c.subject, self._since[c.id, c.subject], c.message, c.evidence)
            for c in sorted(holding, key=lambda c: (c.severity, self._since[c.id, c.subject]))
        )

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        """One column of one version over the last seconds; see ``History``."""
        at, mono = self._now
        row = self._board.book.find(key)
        return column_points(self._board.track, row, column, mono - seconds, at - mono)

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        """One column of one GPU or slice over the last seconds; see ``History``."""
        at, mono = self._now
        return self._gpus.series(uuid, mig, column, mono - seconds, at - mono)

    def states(self, key: ModelVersion) -> Sequence[StateChange]:
        """State and reason changes of one version on every target, oldest first."""
        changes = (change for target in self._targets for change in target.changes.get(key, ()))
        return sorted(changes, key=lambda change: change.at)

    def replicas(self, key: ModelVersion) -> Sequence[ReplicaRow]:
        """The version on each of its targets, by target name."""
        return replica_rows(self._targets, key, self._now[1])

    def config(self, model: str) -> Mapping[str, ModelConfig]:
        """The model's config by target name."""
        return {t.name: t.configs[model] for t in self._targets if model in t.configs}
