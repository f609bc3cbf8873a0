"""What people did: the incidents of the fleet, and what the journal says."""

from collections.abc import Iterator

from console.domain.incident import Incident, IncidentReading, current, markers_of
from console.domain.journal import JournalNews, Record, RecordKind, odd
from console.domain.marker import Marker
from console.domain.plan import Plan
from console.domain.plan_json import read_plan
from console.domain.sample import Sample
from console.engine._told import effect_marker, end_marker, good_marker, handled_marker, silent_marker

RECENT_S = 7200.0
"""At the first look, what is older than this is no news."""

# Beside its longest step a plan reads back, verifies, and counts the share that a route really has.
_PATIENCE_S = 60.0
_PLANS = 1000


class IncidentMemory:
    """The open incident; each change of it, and each plan that ended, makes a marker."""

    def __init__(self, fleet: str = "fleet") -> None:
        self.open: Incident | None = None
        self._fleet = fleet
        self._looked: IncidentReading | None = None
        self._told: set[tuple[str, float]] = set()
        self._plans: dict[str, Plan] = {}
        self._running: dict[str, Record] = {}

    def take(self, sample: Sample, reading: IncidentReading) -> Iterator[Marker]:
        """One look at the fleet's incidents; its first one tells of those that are open and of the last hours."""
        before, self._looked = self._looked, reading
        if reading == before:
            return
        self.open = current(reading.incidents)
        for incident in reading.incidents:
            old = incident.closed is not None and incident.closed < sample.at - RECENT_S
            for marker in markers_of(incident):
                known = (incident.id, marker.at) in self._told
                self._told.add((incident.id, marker.at))
                if not known and not (before is None and old):
                    yield marker

    def take_journal(self, sample: Sample, news: JournalNews) -> Iterator[Marker]:
        """What the journal has that it had not before."""
        for record in news.records:
            if not odd(record):
                yield from self._one(record)
        yield from self._silent(sample.at)

    def _one(self, record: Record) -> Iterator[Marker]:
        plan = self._plans.get(record.plan)
        match record.kind:
            case RecordKind.BEGIN:
                self._begun(record)
            case RecordKind.END:
                self._running.pop(record.plan, None)
                yield end_marker(record, plan, self._fleet)
            case RecordKind.EFFECT:
                yield from effect_marker(record, plan)
            case RecordKind.HANDLED:
                self._running.pop(record.plan, None)
                yield handled_marker(record, plan, self._fleet)
            case RecordKind.GOOD:
                yield good_marker(record, self._fleet)

    def _begun(self, record: Record) -> None:
        plan = read_plan(record.body["plan"])
        # What a plan goes on with has nobody else who could end it.
        self._running.pop(plan.action.plan, None)
        self._plans[record.plan] = plan
        self._running[record.plan] = record
        if len(self._plans) > _PLANS:
            oldest = next(iter(self._plans))
            del self._plans[oldest]
            self._running.pop(oldest, None)

    def _silent(self, now: float) -> Iterator[Marker]:
        """Plans whose end should have been written long ago: their console died, or hangs."""
        for record in tuple(self._running.values()):
            plan = self._plans[record.plan]
            steps = sum(step.timeout_s for step in plan.steps)
            if now - record.at > steps + _PATIENCE_S:
                del self._running[record.plan]
                yield silent_marker(record, plan, self._fleet)
