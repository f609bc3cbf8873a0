"""A stretch of a recording as one of its own."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import pytest

from console.domain.marker import Marker
from console.domain.recording import Frame, Session
from console.domain.sample import Sample
from console.domain.triage import Walk
from console.storage.extract import extract
from console.storage.recording import open_recording
from console.storage.reel import Reel
from tests.parts.tapes import AT, FLEET, marker, matching, same, session, tape, ticks, walk, writer

T = TypeVar("T")


def hidden(value: T, /) -> T:
    """The same without the name of the target."""
    match value:
        case Session():
            return cast("T", value._replace(fleet=replace(value.fleet, name="hidden")))
        case Frame():
            inputs = tuple(e._replace(target="hidden") if isinstance(e, Sample) else e for e in value.inputs)
            return cast("T", value._replace(inputs=inputs, shown=tuple(map(hidden, value.shown))))
        case Marker():
            return cast("T", value._replace(detail="hidden"))
        case Walk():
            return cast("T", replace(value, model="hidden"))
    raise AssertionError(value)


def test_a_stretch_holds_its_frames_and_says_what_was_shown_before(tmp_path: Path) -> None:
    writing = writer(tmp_path / "a.tcrec")
    for tick in ticks(range(100)):
        writing.walk(walk(tick.mono))
        writing.tick(tick)
    writing.close()
    whole = open_recording(tmp_path / "a.tcrec")

    count = extract(whole, AT + 33, AT + 60, tmp_path / "b.tcrec")

    part = open_recording(tmp_path / "b.tcrec")
    frames = list(part.frames())
    assert count == 31
    assert list(map(same, frames[1:])) == list(map(same, list(whole.frames())[31:61]))
    assert [frame.mono for frame in frames] == list(range(30, 61))
    assert {e.source for e in frames[0].inputs if isinstance(e, Sample)} == {"triton:a", "slow"}
    assert list(part.markers) == [marker(3)]
    assert frames[0].shown == (marker(3),)
    assert [each.at - AT for each in part.walks] == list(range(30, 61))
    assert part.sessions == whole.sessions
    assert part.problems == ()
    assert stat.S_IMODE((tmp_path / "b.tcrec").stat().st_mode) == 0o600


def test_a_stretch_over_several_runs_keeps_them_apart(tmp_path: Path) -> None:
    tape(tmp_path / "a", ticks(range(20)))
    tape(tmp_path / "b", ticks(range(100, 120)), session(replace(FLEET, name="later"), AT + 100))
    reel = Reel([open_recording(tmp_path / "a"), open_recording(tmp_path / "b")])

    extract(reel, AT + 10, AT + 105, tmp_path / "c.tcrec")

    part = open_recording(tmp_path / "c.tcrec")
    frames = list(part.frames())
    assert [(frame.session, frame.mono) for frame in frames] == [
        *((0, n) for n in range(10, 20)),
        *((1, n) for n in range(100, 106)),
    ]
    assert [each.fleet.name for each in part.sessions] == ["prod", "later"]
    matching(frames[1:])


def test_what_is_changed_on_the_way_is_changed_everywhere(tmp_path: Path) -> None:
    writing = writer(tmp_path / "a.tcrec")
    for tick in ticks(range(20)):
        writing.walk(walk(tick.mono))
        writing.tick(tick)
    writing.close()

    extract(open_recording(tmp_path / "a.tcrec"), AT, AT + 20, tmp_path / "b.tcrec", change=hidden)

    part = open_recording(tmp_path / "b.tcrec")
    assert {e.target for f in part.frames() for e in f.inputs if isinstance(e, Sample)} == {"hidden"}
    assert {each.detail for each in part.markers} == {"hidden"}
    assert {each.model for each in part.walks} == {"hidden"}
    assert {each.fleet.name for each in part.sessions} == {"hidden"}


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(20)))
    recording = open_recording(tmp_path / "a.tcrec")

    def breaks(value: T, /) -> T:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        extract(recording, AT, AT + 20, tmp_path / "b.tcrec", change=breaks)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tcrec"]


def test_a_stretch_without_frames_makes_no_file(tmp_path: Path) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(20)))

    assert extract(open_recording(tmp_path / "a.tcrec"), AT - 50, AT - 10, tmp_path / "b.tcrec") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.tcrec"]
