"""The header: recording, incident and replay, and what it leaves out where there is no room."""

from typing import Any

import pytest

from console.domain.incident import Incident
from console.domain.recording import Playback, Taping
from console.view.header import Moment, header
from console.view.styled import plain, width
from tests.snapshots import HOSTILE_NAMES, NOW, alert, fleet, frozen, snapshot, target_row

INCIDENT = Incident("1009-abc", NOW - 754, "ana")
PLAYED = Playback("a.tcrec", NOW - 751, NOW - 751 + 3600)
BUSY: dict[str, Any] = {
    "frozen": frozen(),
    "incident": INCIDENT,
    "alerts": (alert(), alert(severity="ticket")),
    "taping": Taping("x", NOW),
}


def said(cells: int = 0, now: float = NOW, **changes: Any) -> str:
    shown = snapshot(**changes)
    left, right = header(shown.fleet, shown, Moment(now), cells)
    return f"{plain(left)} | {plain(right)}"


def test_it_is_said_that_what_is_seen_is_recorded() -> None:
    assert "● rec" in said(taping=Taping("x", NOW))
    assert "rec" not in said()


def test_a_recording_that_fails_says_why_and_one_that_failed_how_much_is_lost() -> None:
    assert "▲ rec: the disk is full" in said(taping=Taping("x", NOW, 0, "the disk is full"))
    assert "● rec 1,200 lost" in said(taping=Taping("x", NOW, lost=1200))


def test_the_clock_of_an_open_incident_runs() -> None:
    assert "◉ incident 12:34" in said(incident=INCIDENT)
    assert "◉ incident 1:12:35" in said(now=NOW + 3601, incident=INCIDENT)


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, "REPLAY ▶ 1×"),
        ({"speed": 2.0}, "REPLAY ▶ 2×"),
        ({"speed": 0.25}, "REPLAY ▶ ¼×"),
        ({"paused": True}, "REPLAY ‖  00"),
        ({"paused": True, "speed": 0.5}, "REPLAY ‖ ½×"),
        ({"ended": True, "paused": True}, "REPLAY ■ ended"),
        ({"seeking": True, "paused": True}, "REPLAY … seeking"),
    ],
)
def test_a_replay_says_whether_it_goes_on(changes: dict[str, Any], sign: str) -> None:
    assert sign in said(playback=PLAYED._replace(**changes))


def test_a_replay_has_the_clock_of_the_recording_and_its_place_in_it() -> None:
    shown = said(now=NOW + 9, playback=PLAYED)
    assert shown.endswith("| 2025-10-09 08:53:20Z")
    assert "00:12:31 of 01:00:00" in shown


def test_a_replay_tells_no_age_but_of_data_that_was_old_then() -> None:
    assert "ago" not in said(playback=PLAYED)
    assert "old" not in said(playback=PLAYED)
    assert "data 42s old" in said(playback=PLAYED, targets=[target_row(age_s=42.0)])


def test_a_replay_is_read_only_without_saying_so_and_waits_for_its_recording() -> None:
    still = fleet("triton-0", read_only=True)
    left, right = header(still, None, Moment(0.0), replay=True)
    assert plain(left) == "prod  opening the recording …"
    assert plain(right) == ""
    assert "READ-ONLY" not in said(fleet=still, playback=PLAYED)


def test_on_eighty_columns_an_incident_keeps_every_sign_in_short() -> None:
    shown = said(78, **BUSY)
    assert shown == "prod  ● 1/1  0.4s ago  ● rec  ❄ ana 12m  ◉ 12:34  ▲ 1 page +1 | 08:53:20Z"


def test_on_eighty_columns_a_replay_keeps_its_sign_and_its_clock() -> None:
    shown = said(78, **BUSY, playback=PLAYED._replace(speed=64.0))
    assert shown == "prod  REPLAY ▶ 64×  00:12:31  ● 1/1  ❄ ana 12m  ◉ 12:34  ▲ 1 +1 | 08:53:20Z"


@pytest.mark.parametrize("cells", range(45, 130, 6))
@pytest.mark.parametrize("changes", [{}, {"playback": PLAYED}])
def test_what_is_said_fits(cells: int, changes: dict[str, Any]) -> None:
    shown = snapshot(**BUSY, **changes)
    left, right = header(shown.fleet, shown, Moment(NOW), cells)
    # Where nothing more can be left out, the bar cuts it.
    assert width(plain(left)) + width(plain(right)) <= max(cells, 72)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_words_are_visible_and_short(name: str) -> None:
    shown = said(taping=Taping(name, NOW, 0, name or "x"), incident=Incident(name, NOW, name, name))
    assert shown.isprintable()
    assert len(shown) < 150
