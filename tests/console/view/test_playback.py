"""A replay in words: where it stands, where it can go, what cannot be read."""

import pytest

from console.domain.recording import Playback, Taping
from console.view.headline import headlines
from console.view.playback import coded, seek_lines, sought
from console.view.styled import plain, width
from tests.snapshots import HOSTILE_NAMES, NOW, alert, snapshot

PLAYED = Playback("/var/lib/a.tcrec", NOW - 751, NOW - 751 + 3600)


def test_a_moment_has_a_place_within_the_recording_alone() -> None:
    assert coded(PLAYED, NOW) == "+00:12:31"
    assert coded(PLAYED, PLAYED.since) == "+00:00:00"
    assert coded(PLAYED, PLAYED.since - 1) == ""
    assert coded(None, NOW) == ""


def test_what_is_typed_is_told_before_it_is_gone_to() -> None:
    found, words = sought("+00:20:00", PLAYED, NOW)
    assert found == PLAYED.since + 1200
    assert words == "2025-10-09 09:00:49Z, 00:20:00 of 01:00:00"


def test_nonsense_and_what_is_outside_are_refused_in_words_and_nothing_is_nothing() -> None:
    assert sought("soon", PLAYED, NOW)[0] is None
    assert "'soon' names no moment" in sought("soon", PLAYED, NOW)[1]
    assert "outside the recording" in sought("+2:00:00", PLAYED, NOW)[1]
    assert sought("  ", PLAYED, NOW) == (None, "")


def test_what_there_is_to_seek_in_is_told_with_what_cannot_be_read() -> None:
    damaged = PLAYED._replace(problems=("3 frames are damaged, from 08:40:00Z",))
    text = "\n".join(plain(line) for line in seek_lines(damaged, NOW, 70))
    assert "/var/lib/a.tcrec" in text
    assert "2025-10-09 08:40:49Z to 09:40:49Z" in text
    assert "it stands at 2025-10-09 08:53:20Z, 00:12:31 of 01:00:00" in text
    assert "▲ 3 frames are damaged" in text


def test_what_of_a_recording_cannot_be_read_is_news_after_the_alerts() -> None:
    damaged = PLAYED._replace(problems=("3 frames are damaged",))
    lines = [plain(line) for line in headlines(snapshot(playback=damaged, alerts=(alert(),)), 3)]
    assert "burns its budget" in lines[0]
    assert "▲ recording: 3 frames are damaged" in lines[1]


def test_a_flight_recorder_that_fails_is_news_with_what_is_lost() -> None:
    full = snapshot(taping=Taping("x", NOW, 0, "the disk is full", 1))
    assert plain(headlines(full, 3)[0]) == "▲ flight recorder: the disk is full; 1 picture lost"
    again = snapshot(taping=Taping("x", NOW, 0, "", 12))
    assert plain(headlines(again, 3)[0]) == "▲ flight recorder: it is written again; 12 pictures lost"
    assert "flight" not in plain(headlines(snapshot(taping=Taping("x", NOW)), 3)[0])


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("cells", [1, 20, 70])
def test_hostile_words_are_literal_and_fit(name: str, cells: int) -> None:
    hostile = Playback(name, NOW, NOW + 1, problems=(name,) * 9)
    for line in seek_lines(hostile, NOW, cells):
        assert plain(line).isprintable()
        assert width(plain(line)) <= max(cells, 2)
