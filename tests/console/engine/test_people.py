"""What people did, on the timeline: incidents, plans of any console, what they came to, and what was said of them."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from console.domain.fleet import Fleet
from console.domain.incident import Incident, IncidentReading
from console.domain.journal import JournalNews, Record, RecordKind
from console.domain.marker import Marker, MarkerKind
from console.domain.plan import Plan
from console.domain.plan_json import effect_json, plan_json
from console.domain.run import Effect, Figures
from console.domain.sample import Reading, Sample
from console.domain.snapshot import Snapshot
from console.domain.states import canonical
from console.engine.feed import feed
from console.engine.store import Store
from tests.parts import plans
from tests.snapshots import HOSTILE_NAMES, NOW

ONE = Incident("0301-abc", NOW - 60, "ana@bastion", "p99 of ranker")


class Watch:
    """A store that looks at incidents and journal once a second."""

    def __init__(self) -> None:
        self.store = Store(Fleet("prod"))
        self.mono = 0.0

    def see(self, reading: Reading, seconds: float = 1.0) -> Snapshot:
        self.mono += seconds
        at = NOW + self.mono
        source = "incidents" if isinstance(reading, IncidentReading) else "journal"
        feed(self.store, Sample(source, None, at, self.mono, 0.0, 1.0, reading, None))
        return self.store.tick(at, self.mono)

    def incidents(self, *incidents: Incident) -> Snapshot:
        return self.see(IncidentReading(incidents))

    def journal(self, *records: Record, seconds: float = 1.0) -> Snapshot:
        return self.see(JournalNews(records), seconds)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def record(kind: RecordKind, at: float, body: object = None, plan: str = "kq2xyz") -> Record:
    """As it comes back from the journal: JSON has no tuples."""
    return Record(kind, plan, at, "ana@bastion", json.loads(canonical(body or {})))  # type: ignore[arg-type]


def begun(at: float = NOW - 10, plan: Plan | None = None, id: str = "kq2xyz") -> Record:  # noqa: A002
    runner = {"host": "bastion", "pid": 4242, "started": 1.0}
    body = {"plan": plan_json(plan or plans.plan()), "runner": runner, "targets": {}}
    return record(RecordKind.BEGIN, at, body, id)


def ended(at: float, result: str = "verified", **more: object) -> Record:
    return record(
        RecordKind.END, at, {"result": result, "message": "", "verdicts": [], "measured": None, **more}
    )


def told(markers: Sequence[Marker]) -> list[tuple[float, MarkerKind, str]]:
    return [(marker.at - NOW, marker.kind, marker.detail) for marker in markers]


def test_an_incident_that_is_opened_is_in_the_picture_until_it_is_closed(watch: Watch) -> None:
    assert watch.incidents().incident is None

    shot = watch.incidents(ONE)
    assert shot.incident == ONE
    assert told(shot.markers) == [(-60, MarkerKind.INCIDENT, "opened by ana@bastion: p99 of ranker")]

    assert len(watch.incidents(ONE).markers) == 1
    shot = watch.incidents(ONE._replace(closed=NOW + 2, closed_by="bob@desk"))
    assert shot.incident is None
    assert told(shot.markers)[1:] == [(2, MarkerKind.INCIDENT, "closed by bob@desk after 62 s")]


def test_the_first_look_tells_of_what_is_open_and_of_what_was_of_late_but_of_nothing_older(
    watch: Watch,
) -> None:
    old = ONE._replace(id="0228-old", opened=NOW - 9000, closed=NOW - 8000)
    late = ONE._replace(id="0301-lat", opened=NOW - 8000, closed=NOW - 7000)
    long = ONE._replace(id="0228-lon", opened=NOW - 90000)

    shot = watch.incidents(long, old, late)

    assert [marker.subject for marker in shot.markers] == ["0228-lon", "0301-lat", "0301-lat"]
    assert shot.incident == long
    assert len(watch.incidents(long, old, late).markers) == 3


def test_two_incidents_of_one_moment_are_both_told(watch: Watch) -> None:
    watch.incidents()
    shot = watch.incidents(ONE, ONE._replace(id="0301-two"))

    assert {marker.subject for marker in shot.markers} == {"0301-abc", "0301-two"}


def test_a_plan_is_marked_when_it_ended_with_how_and_by_whom(watch: Watch) -> None:
    watch.journal(begun())
    shot = watch.journal(ended(NOW + 1.5))

    goal = "roll back multi to version 2 on 2 targets"
    assert told(shot.markers) == [
        (1.5, MarkerKind.ACTION, f"{goal}: verified by ana@bastion (kq2xyz)"),
    ]
    assert (shot.markers[0].model, shot.markers[0].subject) == ("multi", "multi")


def test_a_plan_that_did_not_end_well_says_why(watch: Watch) -> None:
    why = "turn b: changed under you: was 1, is 7"
    shot = watch.journal(begun(), ended(NOW - 5, "changed_under_you", message=why))

    assert shot.markers[0].detail.endswith(f": changed under you by ana@bastion (kq2xyz): {why}")


def test_what_a_plan_came_to_is_told_at_the_time_it_was_measured(watch: Watch) -> None:
    effects = (
        Effect(
            "multi",
            60.0,
            Figures(183.2, "summary", 141.0, 0.021, 400.0),
            Figures(12.4, "summary", 1.2, 0.0, 410.0),
        ),
        Effect("ens", 60.0, Figures(), Figures(rate=2.5)),
    )
    body = {"effects": [effect_json(effect) for effect in effects]}
    watch.journal(begun())
    shot = watch.journal(record(RecordKind.EFFECT, NOW + 61, body))

    goal = "effect of roll back multi to version 2 on 2 targets (kq2xyz)"
    assert told(shot.markers) == [
        (
            61,
            MarkerKind.EFFECT,
            (
                f"{goal}: p99 183 → 12.4 ms (summary), queue 141 → 1.2 ms, errors 2.1 → 0 %, rate 400 → 410 /s,"
                " 60 s before and after"
            ),
        ),
        (
            61,
            MarkerKind.EFFECT,
            f"{goal}: p99 unknown, queue unknown, errors unknown, rate unknown → 2.5 /s, 60 s before and after",
        ),
    ]
    assert [marker.model for marker in shot.markers] == ["multi", "ens"]


def test_what_was_said_of_a_plan_or_called_good_is_a_note(watch: Watch) -> None:
    good = record(RecordKind.GOOD, NOW + 1, {"models": ["a", "b", "c", "d", "e"]}, "rel234")
    one = record(RecordKind.GOOD, NOW + 2, {"models": ["a"]}, "rel235")
    handled = record(RecordKind.HANDLED, NOW + 3, {"reason": "the weight is set by hand"})

    shot = watch.journal(begun(), good, one, handled)

    assert told(shot.markers) == [
        (1, MarkerKind.NOTE, "known-good release of a, b, c and 2 more: kept by ana@bastion (rel234)"),
        (2, MarkerKind.NOTE, "known-good release of a: kept by ana@bastion (rel235)"),
        (
            3,
            MarkerKind.NOTE,
            (
                "roll back multi to version 2 on 2 targets: marked as handled by ana@bastion (kq2xyz): "
                "the weight is set by hand"
            ),
        ),
    ]
    assert [(marker.subject, marker.model) for marker in shot.markers[:2]] == [("prod", ""), ("a", "a")]


def test_a_plan_whose_console_died_is_told_once_at_the_time_it_began(watch: Watch) -> None:
    shot = watch.journal(begun(NOW))
    assert shot.markers == ()

    # Two steps of a minute each, and a minute for everything beside them.
    assert watch.journal(seconds=178.0).markers == ()
    shot = watch.journal(seconds=2.0)
    goal = "roll back multi to version 2 on 2 targets"
    assert told(shot.markers) == [
        (0, MarkerKind.ACTION, f"{goal}: begun by ana@bastion (kq2xyz), and its end is not written")
    ]
    assert len(watch.journal(seconds=500.0).markers) == 1


def test_a_plan_that_another_one_goes_on_with_has_its_end_there(watch: Watch) -> None:
    onward = plans.plan()
    onward = replace(onward, goal="go on: roll back multi", action=replace(onward.action, plan="kq2xyz"))
    watch.journal(begun(NOW), begun(NOW + 1, onward, "next22"))

    shot = watch.journal(ended(NOW + 5)._replace(plan="next22"), seconds=500.0)

    assert [marker.detail for marker in shot.markers] == [
        "go on: roll back multi: verified by ana@bastion (next22)"
    ]


def test_an_end_without_its_beginning_is_told_by_its_id(watch: Watch) -> None:
    shot = watch.journal(ended(NOW))

    assert shot.markers[0].detail == "plan kq2xyz: verified by ana@bastion (kq2xyz)"
    assert shot.markers[0].subject == "prod"


def test_records_that_are_not_understood_hide_none_of_the_others(watch: Watch) -> None:
    odd = [
        record(RecordKind.BEGIN, NOW, {"plan": 7}),
        record(RecordKind.END, NOW, {"result": "splendid"}),
        record(RecordKind.EFFECT, NOW, {"effects": [{}]}),
        record(RecordKind.GOOD, NOW, {"models": 7}, "rel234"),
    ]
    shot = watch.journal(*odd, begun(), ended(NOW))

    assert [marker.kind for marker in shot.markers] == [MarkerKind.NOTE, MarkerKind.ACTION]
    assert shot.notes == ()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_are_shown_harmless_and_short(watch: Watch, name: str) -> None:
    hostile = plans.plan()
    hostile = replace(hostile, goal=f"roll back {name}")
    watch.incidents(ONE._replace(by=name, why=name))
    shot = watch.journal(begun(plan=hostile), ended(NOW, message=name))

    for marker in shot.markers:
        assert marker.detail.isprintable()
        assert len(marker.detail) <= 600
