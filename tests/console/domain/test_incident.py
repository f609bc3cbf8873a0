"""Incidents: which one is open, whose they are, and what the timeline says of them."""

from console.domain.fleet import Fleet, Target
from console.domain.incident import WINDOW_S, Incident, addresses, current, markers_of
from console.domain.marker import MarkerKind

ONE = Incident("0301-abc", 1000.0, "ana@bastion", "p99 of ranker", targets=("http://one:8000",))


def test_the_newest_open_one_is_current() -> None:
    closed = ONE._replace(id="0301-xyz", opened=2000.0, closed=2100.0)
    newer = ONE._replace(id="0301-new", opened=1500.0)

    assert current((ONE, newer, closed)) == newer
    assert current((closed,)) is None


def test_its_window_begins_before_it_was_opened() -> None:
    assert ONE.since == 1000.0 - WINDOW_S


def test_opening_and_closing_are_marked_at_their_own_times_with_who_and_why() -> None:
    opened, closed = markers_of(ONE._replace(plan="kq2xyz", closed=3520.0, closed_by="bob@desk"))

    assert (opened.at, opened.kind, opened.subject) == (1000.0, MarkerKind.INCIDENT, "0301-abc")
    assert opened.detail == "opened by ana@bastion with the freeze kq2xyz: p99 of ranker"
    assert (closed.at, closed.detail) == (3520.0, "closed by bob@desk after 42 min")
    assert markers_of(ONE)[0].detail == "opened by ana@bastion: p99 of ranker"


def test_an_incident_concerns_the_fleets_that_share_a_target_with_it() -> None:
    mine = Fleet(targets=(Target("one", "http://one:8000", ""), Target("two", "http://two:8000", "")))
    other = Fleet(targets=(Target("three", "http://three:8000", ""),))

    assert ONE.concerns(mine)
    assert not ONE.concerns(other)
    assert ONE._replace(targets=()).concerns(other)


def test_logins_and_queries_of_urls_are_not_kept() -> None:
    fleet = Fleet(targets=(Target("one", "http://ana:hunter2@one:8000?token=x", ""),))

    assert addresses(fleet) == ("http://one:8000",)
    assert ONE.concerns(fleet)
