"""Everything that is gathered while a window is played: counters, alerts, promises, versions, the journal, what remains."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from console.domain.contract import Contract
from console.domain.fleet import Fleet
from console.domain.incident import Incident, IncidentReading
from console.domain.journal import JournalNews, Record, RecordKind, entries
from console.domain.recording import Frame
from console.domain.release import Release
from console.domain.report import Done, GatewayImpact, Impact, Remains, Served, Stretch, Versions, Watched
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.states import canonical
from console.engine._counting import Counting
from console.engine._impacts import Impacts, versions_of
from console.engine._refusals import Refusals
from console.engine._spans import Spans

Models = dict[str, Versions]


class Findings:
    """What one playing of a window found so far."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.spans = Spans()
        self.records: list[Record] = []
        self.incidents: tuple[Incident, ...] = ()
        self.covered_s = 0.0
        self._counting = Counting(lambda model: fleet.objective(model).latency_ms)
        self._refusals = Refusals()
        self._impacts = Impacts(fleet)
        self._before: Models | None = None
        self._last: Snapshot | None = None

    def take(self, frame: Frame, *, counts: bool = True) -> None:
        """The inputs of one frame; without ``counts`` they only say where the counters stood."""
        for entry in frame.inputs:
            if not isinstance(entry, Sample):
                continue
            self._counting.take(entry, counts=counts)
            self._refusals.take(entry, counts=counts)
            match entry.reading:
                case JournalNews(records):
                    self.records += records
                case IncidentReading(incidents):
                    self.incidents = incidents

    def begin_session(self) -> None:
        """Another run of the console: its monotonic times have nothing to do with those before."""
        self._counting.forget()

    def look(self, snapshot: Snapshot, seconds: float) -> None:
        """One picture, and for how many seconds before it it stands."""
        self.covered_s += seconds
        self.spans.look(snapshot)
        self._impacts.look(snapshot, seconds)
        if self._before is None:
            self._before = _models(snapshot)
        self._last = snapshot

    def impacts(self) -> tuple[Impact, ...]:
        """What each model's users felt."""
        counted = self._counting.models()
        versions = {model: self._counting.versions(model) for model in counted}
        return self._impacts.told(counted, versions, self.covered_s)

    def gateways(self) -> tuple[GatewayImpact, ...]:
        """What gateways counted."""
        return self._refusals.routes()

    def served(self) -> tuple[Served, ...]:
        """Each model's versions and configs, at the first and the last picture."""
        before = self._before or {}
        after = _models(self._last) if self._last else {}
        names = sorted({*before, *after})
        return tuple(Served(name, before.get(name), after.get(name)) for name in names)

    def targets(self) -> tuple[Watched, ...]:
        """The targets at the last picture."""
        rows = self._last.targets if self._last else ()
        return tuple(
            Watched(row.name, row.url, row.up, row.server.version if row.server else "", row.mode.value)
            for row in rows
        )

    def contracts(self) -> Mapping[str, Contract]:
        """The models' contracts at the last picture."""
        last = self._last
        return {} if last is None else {model: held.contract for model, held in last.contracts.items()}

    def remains(self) -> Remains:
        """What stood at the last picture."""
        last = self._last
        return Remains() if last is None else Remains(last.at, last.frozen, last.drifts)


def _models(snapshot: Snapshot) -> Models:
    ready = versions_of(snapshot)
    return {
        model: Versions(
            ready[model],
            dict(Counter(config.digest for config in snapshot.history.config(model).values())),
        )
        for model in sorted(ready)
    }


def done(records: Iterable[Record], window: Stretch, fleet: Fleet) -> tuple[Done, ...]:
    """The plans that were begun or ended within the window, oldest first; records that are told twice count once."""
    once = {(r.kind, r.plan, r.at, r.who, canonical(r.body)): r for r in records}
    ordered = sorted(once.values(), key=lambda record: record.at)
    ended = {record.plan: record.at for record in ordered if record.kind is RecordKind.END}
    found = (Done(entry, ended.get(entry.id)) for entry in entries(ordered) if entry.concerns(fleet))
    return tuple(
        each
        for each in found
        if each.entry.at <= window.until and (each.ended or each.entry.at) >= window.since
    )


def known_good(releases: Sequence[Release], window: Stretch, served: Iterable[Served]) -> tuple[Release, ...]:
    """The newest release from before the window's end of each model whose versions or config changed; of all where none did."""
    old = [release for release in releases if release.at <= window.until]
    changed = [each.model for each in served if each.changed]
    newest = {name: next((r for r in reversed(old) if r.model(name)), None) for name in changed}
    found = {release.id: release for release in newest.values() if release is not None}
    return tuple(found.values()) or tuple(old[-1:])
