"""Several recordings as one: in the order of time, a moment once."""

from pathlib import Path

from console.domain.recording import Frame
from console.domain.sample import Sample
from console.storage.recording import FileRecording, open_recording
from console.storage.reel import Reel
from tests.parts.tapes import AT, marker, matching, session, tape, ticks, walk, writer


def recorded(path: Path, *seconds: float) -> FileRecording:
    tape(path, ticks(seconds), session(began=AT + seconds[0]))
    return open_recording(path)


def polls(frame: Frame) -> list[float]:
    return [each.mono for each in frame.inputs if isinstance(each, Sample) and each.source == "triton:a"]


def test_recordings_follow_each_other_with_their_sessions_numbered(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a", *range(20))
    second = recorded(tmp_path / "b", *range(100, 120))

    reel = Reel([second, first])
    frames = list(reel.frames())

    assert [frame.session for frame in frames] == [0] * 20 + [1] * 20
    assert [each.began - AT for each in reel.sessions] == [0, 100]
    assert (reel.since, reel.until) == (AT, AT + 119)
    assert reel.path == str(tmp_path / "b")
    matching(frames)


def test_a_stretch_of_several_begins_in_the_right_one(tmp_path: Path) -> None:
    reel = Reel([recorded(tmp_path / "a", *range(20)), recorded(tmp_path / "b", *range(100, 120))])

    def seconds(since: float, until: float, *, sparse: bool = False) -> list[float]:
        return [frame.mono for frame in reel.frames(AT + since, AT + until, sparse=sparse)]

    assert seconds(15, 101) == [*range(10, 20), 100, 101]
    assert seconds(112, 113) == [110, 111, 112, 113]
    assert seconds(50, 60) == list(range(10, 20))
    assert seconds(-50, 3) == [0, 1, 2, 3]
    assert seconds(0, 200, sparse=True) == [0, 10, 100, 110]


def test_where_two_watched_at_once_a_moment_is_told_once(tmp_path: Path) -> None:
    long, within = recorded(tmp_path / "a", *range(60)), recorded(tmp_path / "b", *range(20, 30))
    after = recorded(tmp_path / "c", *range(40, 100))

    frames = list(Reel([after, within, long]).frames())

    assert [frame.session for frame in frames if frame.mono < 60 and frame.session == 0] == [0] * 60
    assert {frame.session for frame in frames} == {0, 1}
    assert [frame.mono for frame in frames if frame.session == 1][-1] == 99
    assert [frame.mono for frame in frames] == [*range(100)]


def test_what_the_other_saw_before_comes_with_its_first_frame(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "a", *range(25)), recorded(tmp_path / "b", *range(20, 40))
    reel = Reel([first, second])

    frame = next(frame for frame in reel.frames() if frame.session == 1)
    skimmed = next(frame for frame in reel.frames(sparse=True) if frame.session == 1)

    assert (frame.mono, skimmed.mono) == (25, 30)
    assert polls(frame) == [20, 21, 22, 23, 24, 25]
    assert polls(skimmed) == [30]


def test_notes_and_answers_are_those_of_all(tmp_path: Path) -> None:
    recordings = []
    for name in ("a", "b"):
        writing = writer(tmp_path / name)
        for tick in ticks(range(10)):
            if tick.mono == 5:
                writing.walk(walk(4, name))
            writing.tick(tick._replace(markers=(*tick.markers, marker(1, name))))
        writing.close()
        recordings.append(open_recording(tmp_path / name))

    reel = Reel(recordings)

    assert [each.detail for each in reel.markers] == ["a", "b", "a note"]
    assert [each.verdict for each in reel.walks] == ["a", "b"]
    assert len(list(reel.frames())) == 10


def test_problems_are_those_of_all_and_closing_closes_all(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a", *range(20))
    raw = (tmp_path / "a").read_bytes()
    (tmp_path / "c").write_bytes(raw[:-50])
    torn = open_recording(tmp_path / "c")

    reel = Reel([first, torn])
    problems = list(reel.problems)
    reel.close()

    assert len(problems) == 1
    assert "half a frame" in problems[0]
    assert list(reel.frames()) == []
