"""What was changed from outside the servers: the deploy lock, and what drifted from the standing plans."""

from collections.abc import Iterator

from console.domain.drift import Drift, DriftReading
from console.domain.lock import SOURCE, Lock, LockReading
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Sample

_DEPLOYS = "deploys"


class ChangeMemory:
    """The newest look at the deploy lock and at the drifts; each change of them makes a marker."""

    def __init__(self) -> None:
        self.lock: Lock | None = None
        self.lock_unknown = ""
        self.drifts: tuple[Drift, ...] = ()
        self._looked = False

    def take_lock(self, sample: Sample, reading: LockReading) -> Iterator[Marker]:
        """A look at the lock; its first one is no change."""
        before, self.lock = self.lock, reading.lock
        self.lock_unknown = ""
        if self._looked and _freeze(before) != _freeze(reading.lock):
            yield _frozen(sample.at, reading.lock) if reading.lock else _unfrozen(sample.at, before)
        self._looked = True

    def missed(self, sample: Sample) -> None:
        """A failed poll: the lock that was seen last is kept, and said to be unknown."""
        if sample.source == SOURCE and sample.failure is not None:
            self.lock_unknown = sample.failure.message

    def take_drifts(self, sample: Sample, reading: DriftReading) -> Iterator[Marker]:
        """All drifts of now; each has a marker when it is first seen."""
        known = {_identity(drift) for drift in self.drifts}
        self.drifts = reading.drifts
        for drift in reading.drifts:
            if _identity(drift) not in known:
                said = f"someone undid this: {drift.sentence}; plan {drift.plan}"
                yield Marker(sample.at, MarkerKind.DRIFT, drift.subject, said)

    def notes(self, now: float) -> Iterator[str]:
        """What a lock that is over leaves behind."""
        if self.lock is not None and self.lock.expired(now):
            yield (
                f"the freeze by {self.lock.who or 'somebody'} has expired: pipelines may deploy again, "
                "and what it paused stays paused until unfreeze"
            )


def _freeze(lock: Lock | None) -> tuple[str, float, str] | None:
    """Which freeze it is; its end may be put off."""
    return (lock.who, lock.since, lock.plan) if lock else None


def _identity(drift: Drift) -> tuple[str, str, str]:
    return drift.plan, drift.control, drift.subject


def _frozen(at: float, lock: Lock) -> Marker:
    why = f": {lock.why}" if lock.why else ""
    return Marker(at, MarkerKind.FREEZE, _DEPLOYS, f"{lock.who or 'somebody'} froze deploys{why}")


def _unfrozen(at: float, lock: Lock | None) -> Marker:
    whose = f" by {lock.who}" if lock and lock.who else ""
    return Marker(at, MarkerKind.UNFREEZE, _DEPLOYS, f"the freeze{whose} was lifted")
