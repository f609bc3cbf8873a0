"""An incident in words."""

from console.domain.incident import Incident, markers_of
from console.domain.recording import Taping
from console.view.incident import closed_words, incident_line, opened_words
from console.view.styled import plain
from tests.snapshots import HOSTILE_NAMES, NOW, snapshot

TAPING = Taping("/state/flight/prod/a.tcrec", NOW - 900)
INCIDENT = Incident("1009-abc", NOW - 754, "ana", "p99 of ranker", "k3x9ab")


def test_opening_says_what_is_kept_and_how_it_ends() -> None:
    assert opened_words(INCIDENT, TAPING).splitlines() == [
        "since 08:40:46Z, by ana",
        "what was seen from 08:10:46Z on is kept",
        "n writes notes, I closes it",
    ]


def test_what_nobody_records_is_not_said_to_be_kept() -> None:
    unrecorded = opened_words(INCIDENT, None)
    failing = opened_words(INCIDENT, TAPING._replace(problem="the disk is full"))

    assert "this console records nothing" in unrecorded
    assert "the flight recorder does not write" in failing
    assert not any("from 08:10:46Z on is kept" in said for said in (unrecorded, failing))


def test_closing_says_where_it_is_kept_and_what_to_do_next() -> None:
    said = closed_words(INCIDENT, "/home/ana/.local/state/triton-console")
    assert said == (
        "all of it is kept:\n"
        "triton-console report /home/ana/.local/state/triton-console/incidents/1009-abc.tcinc"
    )


def test_the_open_incident_is_told_with_who_why_and_since_when() -> None:
    said = plain(incident_line(snapshot(incident=INCIDENT), NOW))
    assert said == (
        "◉ incident 1009-abc  open for 12m 34s, since 2025-10-09 08:40:46Z by ana, "
        "with the freeze k3x9ab: p99 of ranker  kept from 08:10:46Z"
    )


def test_after_it_the_last_one_is_told_and_without_any_nothing() -> None:
    ended = markers_of(INCIDENT._replace(closed=NOW - 34, closed_by="bob"))
    said = plain(incident_line(snapshot(markers=ended), NOW))
    assert said == "○ incident 1009-abc closed by bob after 12 min  08:52:46Z"
    assert incident_line(snapshot(), NOW) == ()


def test_hostile_words_are_literal() -> None:
    for name in HOSTILE_NAMES:
        hostile = Incident(name, NOW, name, name, name)
        assert plain(incident_line(snapshot(incident=hostile), NOW)).isprintable()
        assert all(line.isprintable() for line in opened_words(hostile, TAPING).split("\n"))
