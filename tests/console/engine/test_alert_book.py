"""Alerts over time, on a hand-driven clock."""

import pytest

from console.domain.alert_condition import Condition
from console.domain.marker import MarkerKind
from console.domain.rows import AlertState
from console.engine._alerts import CLEAR_S, KEEP_S, AlertBook, Standing

AT = 1_700_000_000.0
BURN = Condition("budget-burn", "page", "ranker/7", "burns", "5 m burn 21.0", "ranker", "7")
SLOW = Condition("queue-sustained", "ticket", "ranker/7", "waits", "queue 150 ms", "ranker", "7", for_s=60.0)


class Clocked:
    """A book whose ticks are a second apart unless told otherwise."""

    def __init__(self) -> None:
        self.book = AlertBook()
        self.mono = 0.0
        self.said: list[str] = []

    def tick(self, *holding: Condition, after: float = 1.0) -> Standing:
        self.mono += after
        standing = self.book.tick(holding, AT + self.mono, self.mono)
        self.said += [marker.detail for marker in standing.markers]
        return standing


@pytest.fixture
def clocked() -> Clocked:
    return Clocked()


def states(standing: Standing) -> list[AlertState]:
    return [alert.state for alert in (*standing.alerts, *standing.calm)]


def test_what_is_wrong_now_fires_at_once(clocked: Clocked) -> None:
    (alert,) = clocked.tick(BURN).alerts
    assert (alert.state, alert.severity, alert.since) == (AlertState.PAGE, "page", AT + 1)
    assert (alert.model, alert.target, alert.note) == ("ranker", "", "")
    (marker,) = clocked.book.tick([BURN, BURN._replace(subject="embed/3")], AT + 2, 2.0).markers
    assert (marker.kind, marker.subject, marker.model) == (MarkerKind.ALERT, "embed/3", "ranker")


def test_what_must_last_is_not_told_before(clocked: Clocked) -> None:
    for _ in range(60):
        assert clocked.tick(SLOW) == ((), (), ())
    (alert,) = clocked.tick(SLOW).alerts
    assert alert.since == AT + 1


def test_a_figure_around_its_limit_still_lasts_and_one_that_went_away_begins_anew(clocked: Clocked) -> None:
    for n in range(61):
        clocked.tick(*([SLOW] if n % 5 else []))
    assert len(clocked.tick(SLOW).alerts) == 1
    anew = Clocked()
    for _ in range(50):
        anew.tick(SLOW)
    anew.tick(after=11.0)
    for _ in range(50):
        assert not anew.tick(SLOW).alerts


def test_an_alert_recovers_for_a_minute_is_over_for_ten_and_gone(clocked: Clocked) -> None:
    clocked.tick(BURN)
    assert states(clocked.tick()) == [AlertState.RECOVERING]
    assert states(clocked.tick(after=CLEAR_S)) == [AlertState.ACCEPTABLE]
    standing = clocked.tick(after=KEEP_S - 10)
    assert (standing.alerts, states(standing)) == ((), [AlertState.ACCEPTABLE])
    assert standing.calm[0].evidence == "5 m burn 21.0"
    assert clocked.tick(after=20) == ((), (), ())
    assert clocked.said == ["page: burns", "over: burns"]


def test_flapping_is_one_alert(clocked: Clocked) -> None:
    for n in range(200):
        standing = clocked.tick(*([BURN] if n % 40 < 5 else []))
    clocked.tick(BURN)
    assert [a.since for a in clocked.tick(BURN).alerts] == [AT + 1]
    assert clocked.said == ["page: burns"]
    assert standing.calm[0].state is AlertState.RECOVERING


def test_one_that_comes_back_after_it_was_over_is_another(clocked: Clocked) -> None:
    clocked.tick(BURN)
    clocked.tick(after=CLEAR_S + 1)
    (alert,) = clocked.tick(BURN).alerts
    assert alert.since == AT + clocked.mono


def test_a_page_becomes_a_ticket_only_when_it_stays_one(clocked: Clocked) -> None:
    mild = BURN._replace(severity="ticket")
    clocked.tick(BURN)
    assert clocked.tick(mild).alerts[0].state is AlertState.PAGE
    assert clocked.tick(mild, after=CLEAR_S).alerts[0].state is AlertState.TICKET
    assert clocked.tick(BURN).alerts[0].state is AlertState.PAGE
    assert clocked.said == ["page: burns", "now a page: burns"]


def test_what_grew_into_another_alert_is_not_called_over(clocked: Clocked) -> None:
    clocked.tick(Condition("latency-objective", "ticket", "ranker/7", "slow", "p99 300 ms"))
    clocked.tick(BURN._replace(instead_of="latency-objective"))
    standing = clocked.tick(BURN._replace(instead_of="latency-objective"), after=CLEAR_S)
    assert ([alert.id for alert in standing.alerts], standing.calm) == (["budget-burn"], ())
    assert clocked.said == ["ticket: slow", "page: burns"]


def test_pages_stand_before_tickets_and_older_before_newer(clocked: Clocked) -> None:
    old = BURN._replace(severity="ticket", subject="old")
    clocked.tick(old)
    clocked.tick(old, BURN._replace(severity="ticket", subject="new"))
    standing = clocked.tick(old, BURN._replace(severity="ticket", subject="new"), BURN)
    assert [alert.subject for alert in standing.alerts] == ["ranker/7", "old", "new"]


def test_a_wall_clock_that_steps_ends_nothing(clocked: Clocked) -> None:
    clocked.tick(BURN)
    standing = clocked.book.tick([BURN], AT - 86_400.0, 2.0)
    assert standing.alerts[0].since == AT + 1
    assert states(clocked.book.tick([], AT + 86_400.0, 3.0)) == [AlertState.RECOVERING]


class TestSilence:
    def test_it_keeps_the_alert_with_its_note_until_it_is_over(self, clocked: Clocked) -> None:
        clocked.tick(BURN)
        clocked.book.silence("budget-burn", "ranker/7", "rollback runs", "ana")
        assert clocked.tick(BURN).alerts[0].note == "rollback runs (ana)"
        assert clocked.tick().calm[0].note == "rollback runs (ana)"
        clocked.tick(after=CLEAR_S)
        assert clocked.tick(BURN).alerts[0].note == ""
        assert clocked.said[:2] == ["page: burns", "silenced by ana: rollback runs"]

    def test_it_is_lifted_by_hand_and_by_time(self, clocked: Clocked) -> None:
        clocked.tick(BURN)
        clocked.book.silence("budget-burn", "ranker/7", "known", "ana")
        clocked.tick(BURN)
        clocked.book.unsilence("budget-burn", "ranker/7")
        assert clocked.tick(BURN).alerts[0].note == ""
        clocked.book.silence("budget-burn", "ranker/7", "known", "ana", AT + clocked.mono + 5)
        assert clocked.tick(BURN).alerts[0].note
        assert not clocked.tick(BURN, after=5).alerts[0].note
        assert clocked.said[2:] == ["no longer silenced", "silenced by ana: known", "its silence has ended"]

    def test_one_with_a_time_outlives_the_alert(self, clocked: Clocked) -> None:
        clocked.tick(BURN)
        clocked.book.silence("budget-burn", "ranker/7", "known", "ana", AT + 3600)
        clocked.tick()
        clocked.tick(after=CLEAR_S)
        assert clocked.tick(BURN).alerts[0].note == "known (ana)"

    def test_it_ends_when_the_alert_gets_worse(self, clocked: Clocked) -> None:
        mild = BURN._replace(severity="ticket")
        clocked.tick(mild)
        clocked.book.silence("budget-burn", "ranker/7", "known", "ana")
        assert clocked.tick(mild).alerts[0].note
        assert not clocked.tick(BURN).alerts[0].note
        assert clocked.said[-1] == "no longer silenced: it got worse"

    def test_one_of_a_page_lasts_though_the_page_was_milder_for_a_while(self, clocked: Clocked) -> None:
        mild = BURN._replace(severity="ticket")
        clocked.tick(BURN)
        clocked.book.silence("budget-burn", "ranker/7", "known", "ana")
        clocked.tick(mild, after=CLEAR_S)
        assert clocked.tick(mild).alerts[0].severity == "ticket"
        assert clocked.tick(BURN).alerts[0].note == "known (ana)"

    def test_what_is_over_cannot_be_silenced(self, clocked: Clocked) -> None:
        clocked.tick(BURN)
        clocked.tick(after=CLEAR_S)
        clocked.book.silence("budget-burn", "ranker/7", "late", "ana", AT + 3600)
        assert clocked.tick(BURN).alerts[0].note == ""

    def test_of_an_alert_that_nobody_knows_nothing_is_kept(self, clocked: Clocked) -> None:
        clocked.book.silence("budget-burn", "ranker/7", "early", "ana")
        assert clocked.tick(BURN).alerts[0].note == ""
        clocked.book.unsilence("budget-burn", "embed/3")
        assert clocked.said == ["page: burns"]


def test_a_fleet_that_breaks_as_a_whole_does_not_flood_the_timeline(clocked: Clocked) -> None:
    many = [BURN._replace(subject=f"m{n}/1") for n in range(5000)]
    standing = clocked.tick(*many)
    assert (len(standing.alerts), len(standing.markers)) == (5000, 21)
    assert standing.markers[-1].detail == "4980 more alerts changed at once"
