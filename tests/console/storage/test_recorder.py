"""The recorder: what it keeps whatever happens to it, to its disk and to its file."""

import os
import random
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.marker import Marker
from console.domain.recording import Frame, Input, RecordingError, Silence
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.domain.snapshot import Snapshot
from console.storage._frames import NAME, Kind
from console.storage._scan import scan
from console.storage._span import open_span
from console.storage._writer import Tick, Writer
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording
from tests.parts.tapes import AT, expected, marker, matching, same, sample, session, tape, ticks, walk, writer
from tests.parts.taping_child import ROOM
from tests.snapshots import snapshot

ROOT = Path(__file__).parents[3]


def picture(second: float, *markers: Marker) -> Snapshot:
    return replace(snapshot(), at=AT + second, markers=markers)


def frames(path: Path) -> list[Frame]:
    return list(open_recording(path).frames())


def child(how: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.parts.taping_child", how, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_what_went_into_the_store_is_kept_with_the_tick_that_it_came_before(tmp_path: Path) -> None:
    recorder = FileRecorder(tmp_path / "a.tcrec", session())
    note = marker(0.5)
    for entry in (first := [sample("triton:a", 0.0), note]):
        recorder.take(entry)
    recorder.tick(picture(1.0, note), 1.0)
    recorder.take(last := sample("triton:a", 1.5))
    recorder.tick(picture(2.0, note), 2.0)
    recorder.tell(walk(2.0))
    recorder.close()

    recording = open_recording(tmp_path / "a.tcrec")

    assert [(f.at - AT, f.mono, list(f.inputs), f.shown) for f in recording.frames()] == [
        (1.0, 1.0, first, (note,)),
        (2.0, 2.0, [last], ()),
    ]
    assert list(recording.walks) == [walk(2.0)]
    assert recorder.state.since == AT + 1
    assert recorder.state.bytes == (tmp_path / "a.tcrec").stat().st_size
    assert (recorder.state.problem, recorder.state.lost) == ("", 0)
    assert [c.kind for c in scan(open_span(tmp_path / "a.tcrec")).chunks][-1] == Kind.END


def test_after_the_end_nothing_is_kept_and_nothing_goes_wrong(tmp_path: Path) -> None:
    recorder = FileRecorder(tmp_path / "a.tcrec", session())
    recorder.tick(picture(1.0), 1.0)
    recorder.close()

    recorder.take(sample("triton:a", 2.0))
    recorder.tick(picture(2.0), 2.0)
    recorder.tell(walk(2.0))
    recorder.close()

    assert [frame.mono for frame in frames(tmp_path / "a.tcrec")] == [1.0]


def test_a_disk_that_hangs_holds_nobody_up_and_what_happened_once_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, goes_on, write = threading.Event(), threading.Event(), Writer.tick

    def hung(self: Writer, tick: Tick) -> None:
        hangs.set()
        assert goes_on.wait(60)
        write(self, tick)

    monkeypatch.setattr(Writer, "tick", hung)
    recorder = FileRecorder(tmp_path / "a.tcrec", session())
    silence = Silence("burn", "ranker", "known", "ana")
    for second in range(200):
        if second == 100:
            recorder.take(silence)
        recorder.take(sample("triton:a", second))
        recorder.tick(picture(float(second)), float(second))
        if second == 0:
            assert hangs.wait(60)
    hung_state = recorder.state
    goes_on.set()
    recorder.close()
    kept = frames(tmp_path / "a.tcrec")

    assert "does not answer" in hung_state.problem
    assert hung_state.lost == 200 - len(kept)
    assert len(kept) < 50
    assert recorder.state.problem == ""
    assert recorder.state.lost == hung_state.lost


def test_ticks_that_were_missed_leave_their_silences_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, goes_on, write = threading.Event(), threading.Event(), Writer.tick

    def hung(self: Writer, tick: Tick) -> None:
        if tick.mono == 30.0:
            reached.set()
        assert goes_on.wait(60)
        write(self, tick)

    monkeypatch.setattr(Writer, "tick", hung)
    recorder = FileRecorder(tmp_path / "a.tcrec", session())
    silences: list[Input] = [Silence("burn", f"model-{n}", "known", "ana") for n in range(3)]
    for second in range(25):
        recorder.take(sample("triton:a", second))
        if second >= 22:
            recorder.take(silences[second - 22])
        recorder.tick(picture(float(second)), float(second))
    assert recorder.state.lost
    goes_on.set()
    while not reached.is_set():
        recorder.tick(picture(30.0), 30.0)
        reached.wait(0.01)
    recorder.close()

    told = [entry for frame in frames(tmp_path / "a.tcrec") for entry in frame.inputs]
    assert [entry for entry in told if isinstance(entry, Silence)] == silences
    assert [entry.at - AT for entry in told if isinstance(entry, Sample)][-1] == 24


def test_killed_at_any_moment_all_that_was_written_is_there(tmp_path: Path) -> None:
    chance = random.Random(1)
    for number in range(5):
        path = tmp_path / f"{number}.tcrec"
        process, told = child("on", path), 0
        assert process.stdout is not None
        for _ in range(chance.randrange(5, 400)):
            told = int(process.stdout.readline())
        process.kill()
        told = max([told, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait()
        recording = open_recording(path)
        kept = list(recording.frames())
        assert len(kept) in {told + 1, told + 2}
        matching(kept)
        assert all("half a frame" in problem for problem in recording.problems)


def test_killed_and_begun_again_the_torn_end_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    first = tape(path, ticks(range(15)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    tape(path, second := ticks(range(50, 60)), session(began=AT + 50))

    recording = open_recording(path)

    assert recording.problems == ()
    assert list(map(same, recording.frames())) == list(map(same, [*first[:-1], *expected(second, 1)]))


def test_out_of_room_it_says_why_and_goes_on_when_there_is_some(tmp_path: Path) -> None:
    process = child("small", tmp_path / "a.tcrec")
    out, _ = process.communicate(timeout=120)
    lost, size, later, *rest = out.split(maxsplit=3)
    recording = open_recording(tmp_path / "a.tcrec")
    kept = list(recording.frames())

    assert process.returncode == 0
    assert "the file may not grow: raise the limit" in rest[0]
    assert rest[0].startswith("''")
    assert int(size) <= ROOM
    assert recording.problems == ()
    assert len(kept) == 400 - int(later)
    assert int(later) - int(lost) <= 31
    assert kept[-1].mono == 399
    matching([frame for frame in kept if frame.mono > 340 or frame.mono < 50])


def test_odd_data_costs_its_own_tick_alone(tmp_path: Path) -> None:
    writing, told = writer(tmp_path / "a.tcrec"), ticks(range(40))
    problems = []
    for tick in told:
        odd: list[Input] = [*tick.inputs, marker(5)._replace(detail=object())]  # type: ignore[arg-type]
        writing.tick(tick._replace(inputs=odd) if tick.mono == 5 else tick)
        problems.append(writing.problem)
    writing.close()

    kept = [frame.mono for frame in frames(tmp_path / "a.tcrec")]
    assert problems[5]
    assert problems[-1] == ""
    assert kept == [tick.mono for tick in told if tick.mono != 5.0]
    assert writing.lost == 1


def test_secrets_never_reach_the_file(tmp_path: Path) -> None:
    secret = Secret("pa55word-of-ours")
    writing = writer(tmp_path / "a.tcrec", secrets=[secret])
    note = marker(1, "with pa55word-of-ours")
    entries: list[Input] = [sample("a", 1.0, said="key pa55word-of-ours was refused"), note]
    writing.walk(replace(walk(1), story="it is pa55word-of-ours"))
    writing.tick(Tick(AT + 1, 1.0, entries, (note,)))
    writing.close()

    recording = open_recording(tmp_path / "a.tcrec")
    told = repr((list(recording.frames()), recording.markers, recording.walks, recording.sessions))

    assert "pa55word" not in told
    assert told.count("•••") >= 4


def test_one_file_has_one_recorder(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    recorder = FileRecorder(path, session())

    with pytest.raises(RecordingError, match=r"a\.tcrec is being recorded to by another console"):
        FileRecorder(path, session())
    recorder.close()
    FileRecorder(path, session()).close()


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    foreign, newer, link = tmp_path / "notes", tmp_path / "newer", tmp_path / "link"
    foreign.write_text("my notes")
    newer.write_bytes(NAME + bytes((9, 0)) + b"whatever")
    link.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RecordingError, match="is no recording"):
        FileRecorder(foreign, session())
    with pytest.raises(RecordingError, match="another version"):
        FileRecorder(newer, session())
    with pytest.raises(RecordingError, match="symbolic link"):
        FileRecorder(link, session())
    assert foreign.read_text() == "my notes"
    assert newer.read_bytes() == NAME + bytes((9, 0)) + b"whatever"


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RecordingError, match="cannot be recorded to"):
        FileRecorder(tmp_path / "file" / "a.tcrec", session())


@pytest.mark.parametrize("left", [b"", NAME[:3], NAME])
def test_a_file_of_which_only_the_beginning_was_written_is_begun_again(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "a.tcrec").write_bytes(left)

    wanted = tape(tmp_path / "a.tcrec", ticks(range(3)))

    assert len(frames(tmp_path / "a.tcrec")) == len(wanted)


def test_a_file_that_is_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    writing = writer(tmp_path / "a.tcrec")
    for tick in ticks(range(45)):
        writing.tick(tick)
        if tick.mono == 15:
            os.unlink(tmp_path / "a.tcrec")  # noqa: PTH108 - as somebody else would
    writing.close()

    kept = frames(tmp_path / "a.tcrec")
    assert kept[-1].mono == 44
    assert kept[0].mono <= 31
    assert writing.problem == ""
