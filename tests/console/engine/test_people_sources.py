"""Incidents and journal as sources: what is new, whose it is, and what is said when a file cannot be read."""

from dataclasses import replace

import pytest

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Target
from console.domain.incident import Incident
from console.domain.journal import Record, RecordKind
from console.engine.incident_source import IncidentSource
from console.engine.journal_source import JournalSource
from tests.console.engine.test_people import begun, ended
from tests.parts.clock import HandClock
from tests.parts.knobs import MemoryJournal

MINE = Fleet("prod", (Target("one", "http://one:8000", "http://one:8002/metrics"),))
HOUR = 3600.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def source(journal: MemoryJournal, clock: HandClock) -> JournalSource:
    return JournalSource(journal, clock, MINE)


def plan(clock: HandClock, ago: float, id: str, url: str = "http://one:8000") -> tuple[Record, Record]:  # noqa: A002
    """Its beginning and its end, ten seconds apart."""
    at = clock.now() - ago
    first = begun(at, id=id)
    first = first._replace(body={**first.body, "targets": {"one": f"{url},metrics=x,name=one"}})
    return first, ended(at + 10)._replace(plan=id)


async def _ids(source: JournalSource) -> list[tuple[str, RecordKind]]:
    return [(each.plan, each.kind) for each in (await source.poll()).records]


async def test_the_first_look_tells_of_the_last_hours_and_later_ones_of_what_is_new(
    source: JournalSource, journal: MemoryJournal, clock: HandClock
) -> None:
    journal.append(plan(clock, 3 * HOUR, "old222"))
    journal.append(plan(clock, 1 * HOUR, "new222"))

    assert await _ids(source) == [("new222", RecordKind.BEGIN), ("new222", RecordKind.END)]
    assert await _ids(source) == []
    journal.append(plan(clock, 0, "now222"))
    assert await _ids(source) == [("now222", RecordKind.BEGIN), ("now222", RecordKind.END)]
    assert await _ids(source) == []


async def test_whatever_is_told_of_a_plan_comes_with_its_beginning(
    source: JournalSource, journal: MemoryJournal, clock: HandClock
) -> None:
    long, end = plan(clock, 3 * HOUR, "long22")
    journal.append([long])
    assert await _ids(source) == []

    journal.append([end._replace(at=clock.now())])
    assert await _ids(source) == [("long22", RecordKind.BEGIN), ("long22", RecordKind.END)]
    journal.append([Record(RecordKind.HANDLED, "long22", clock.now(), "ana", {"reason": ""})])
    assert await _ids(source) == [("long22", RecordKind.HANDLED)]


async def test_plans_on_the_targets_of_others_are_none_of_ours(
    source: JournalSource, journal: MemoryJournal, clock: HandClock
) -> None:
    theirs = plan(clock, 60, "them22", "http://two:8000")
    journal.append([theirs[0], *plan(clock, 60, "mine22")])
    assert {name for name, _ in await _ids(source)} == {"mine22"}

    journal.append([theirs[1]])
    assert await _ids(source) == []


async def test_a_journal_that_cannot_be_read_for_a_while_is_not_told_twice(
    source: JournalSource, journal: MemoryJournal, clock: HandClock
) -> None:
    journal.append(plan(clock, 60, "mine22"))
    await source.poll()

    kept, journal.records = journal.records, []
    assert await _ids(source) == []
    journal.records = [*kept, *plan(clock, 0, "new222")]
    assert {name for name, _ in await _ids(source)} == {"new222"}


async def test_of_another_journal_in_its_place_only_what_is_later_is_told(
    source: JournalSource, journal: MemoryJournal, clock: HandClock
) -> None:
    journal.append(plan(clock, 60, "mine22"))
    await source.poll()

    journal.records = list(plan(clock, 600, "othr22") + plan(clock, 0, "new222"))
    assert {name for name, _ in await _ids(source)} == {"new222"}


class Incidents:
    """Two incidents, or a file that cannot be read."""

    def __init__(self) -> None:
        self.broken = False

    def all(self) -> tuple[Incident, ...]:
        if self.broken:
            raise PermissionError("the incidents cannot be read: give the file to ana")
        mine = Incident("0301-abc", 1000.0, "ana", targets=("http://one:8000",))
        return mine, replace_targets(mine)

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        raise NotImplementedError

    def close(self, who: str) -> Incident | None:
        raise NotImplementedError


def replace_targets(incident: Incident) -> Incident:
    """One of somebody else."""
    return incident._replace(id="0301-xyz", targets=("http://two:8000",))


async def test_incidents_of_others_are_none_of_ours() -> None:
    reading = await IncidentSource(Incidents(), MINE).poll()
    assert [incident.id for incident in reading.incidents] == ["0301-abc"]

    every = await IncidentSource(
        Incidents(), replace(MINE, targets=(*MINE.targets, Target("two", "http://two:8000", "")))
    ).poll()
    assert len(every.incidents) == 2


async def test_incidents_that_cannot_be_read_are_a_failure_and_not_none() -> None:
    incidents = Incidents()
    incidents.broken = True

    with pytest.raises(SourceError) as caught:
        await IncidentSource(incidents, MINE).poll()

    assert "give the file to ana" in caught.value.failure.message
