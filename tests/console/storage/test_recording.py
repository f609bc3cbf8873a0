"""What a recording holds, read from its beginning, from anywhere, and by its key frames alone."""

import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.fleet import Fleet, Probe, Target
from console.domain.journal import JournalNews
from console.domain.recording import Frame, RecordingError, Silence
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.domain.surfaces import CommandGateway, Envoy, Freeze, Haproxy, Kubernetes
from console.storage._frames import FILE_HEAD, NAME, pack
from console.storage.recording import open_recording
from tests.parts.tapes import AT, FLEET, expected, marker, same, session, tape, ticks, walk, writer


def sources(frame: Frame) -> set[str]:
    return {entry.source for entry in frame.inputs if isinstance(entry, Sample)}


def test_every_frame_comes_back_as_it_was_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    frames = tape(path, ticks(range(45)))

    recording = open_recording(path)

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert (recording.since, recording.until) == (AT, AT + 44)
    assert recording.path == str(path)
    assert recording.problems == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_stretch_begins_with_the_key_frame_before_and_says_the_newest_of_every_source(
    tmp_path: Path,
) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(45)))

    frames = list(open_recording(tmp_path / "a.tcrec").frames(AT + 33.5, AT + 40))

    assert [frame.at - AT for frame in frames] == list(range(30, 41))
    assert sources(frames[0]) == {"triton:a", "slow"}
    assert {e.at for e in frames[0].inputs if isinstance(e, Sample) and e.source == "slow"} == {AT + 28}
    assert sources(frames[1]) == {"triton:a"}


@pytest.mark.parametrize(
    ("at", "first"), [(-100.0, 0), (0.0, 0), (9.9, 0), (10.0, 10), (44.0, 40), (500.0, 40)]
)
def test_a_seek_before_within_and_after(tmp_path: Path, at: float, first: float) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(45)))

    frames = list(open_recording(tmp_path / "a.tcrec").frames(AT + at))

    assert [frame.at - AT for frame in frames] == list(range(first, 45))


def test_key_frames_alone_miss_nothing_that_happens_once(tmp_path: Path) -> None:
    told = ticks(range(45))
    tape(tmp_path / "a.tcrec", told)

    frames = list(open_recording(tmp_path / "a.tcrec").frames(sparse=True))

    assert [frame.at - AT for frame in frames] == [0, 10, 20, 30, 40]
    assert all({"triton:a", "slow"} <= sources(frame) for frame in frames)
    assert frames[1].shown == (marker(3),)
    assert [e for e in frames[1].inputs if not isinstance(e, Sample)] == [
        marker(3),
        Silence("burn", "model-0", "known", "ana"),
    ]
    journal = [(n, e) for n, f in enumerate(frames) for e in f.inputs if isinstance(e, Sample) and _told(e)]
    assert [n for n, _ in journal] == [1]


def test_markers_and_answers_are_told_without_the_frames(tmp_path: Path) -> None:
    writing = writer(tmp_path / "a.tcrec")
    for tick in ticks(range(6)):
        if tick.mono == 5:
            writing.walk(walk(4))
        writing.tick(tick)
    writing.walk(walk(5, "gpu"))
    writing.close()

    recording = open_recording(tmp_path / "a.tcrec")

    assert list(recording.markers) == [marker(3)]
    assert [(each.at - AT, each.verdict) for each in recording.walks] == [(4, "queue"), (5, "gpu")]
    assert recording.walks[0] == walk(4)


def test_a_recording_that_is_continued_holds_both_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    first, second = ticks(range(25)), ticks(range(100, 115))
    tape(path, first)
    tape(path, second, session(replace(FLEET, name="later"), AT + 100))

    recording = open_recording(path)

    assert [(each.fleet.name, each.began - AT) for each in recording.sessions] == [
        ("prod", 0),
        ("later", 100),
    ]
    wanted = [*expected(first), *expected(second, session=1)]
    assert list(map(same, recording.frames())) == list(map(same, wanted))
    assert {frame.session for frame in recording.frames(AT + 103)} == {1}


def test_a_clock_that_is_set_back_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    told = [tick._replace(at=tick.at - 1000 if tick.mono >= 30 else tick.at) for tick in ticks(range(60))]
    frames = tape(path, told)

    recording = open_recording(path)

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert next(recording.frames(AT + 15)).mono == 10
    assert next(recording.frames(AT - 1000 + 45)).mono == 40
    assert (recording.since, recording.until) == (AT - 970, AT + 29)


def test_a_fleet_is_kept_without_what_is_secret_or_could_act(tmp_path: Path) -> None:
    fleet = Fleet(
        "prod",
        (
            Target(
                "a",
                "http://me:pa55word@a:8000/t?key=pa55word",
                "http://me:pa55word@a:8002/metrics?key=pa55word",
            ),
        ),
        headers={"key": Secret("pa55word")},
        probes=(Probe("ranker", {"inputs": "pa55word"}, expect={"out": "pa55word"}),),
        gateway=CommandGateway("reduce pa55word", "restore", "check"),
        gateway_metrics="http://me:pa55word@gateway/metrics",
        kubernetes=Kubernetes("kubectl-pa55word", "/pa55word", "context", "models", "deployment/triton"),
        freeze=Freeze(
            "http://me:pa55word@lock", {"key": Secret("pa55word")}, command="pa55word", expires_s=60.0
        ),
        prometheus="http://me:pa55word@prometheus",
        alertmanager="http://me:pa55word@alerts",
        repository="/pa55word",
        state="/pa55word",
        runbooks="/pa55word",
    )
    tape(tmp_path / "a.tcrec", ticks(range(3)), session(fleet))

    kept = open_recording(tmp_path / "a.tcrec").sessions[0].fleet

    assert "pa55word" not in repr(kept)
    assert kept.read_only
    assert kept.targets == (Target("a", "http://a:8000/t", "http://a:8002/metrics"),)
    assert kept.probes == (Probe("ranker", {}),)
    assert kept.gateway == CommandGateway("", "")
    assert kept.kubernetes == Kubernetes(namespace="models", workload="deployment/triton")
    assert kept.freeze == Freeze(expires_s=60.0)
    assert (kept.prometheus, kept.alertmanager) == ("http://prometheus", "http://alerts")


@pytest.mark.parametrize("gateway", [Haproxy("/run/haproxy.sock"), Envoy("http://envoy:9901"), None])
def test_a_fleet_keeps_which_gateway_it_has(tmp_path: Path, gateway: Haproxy | Envoy | None) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(3)), session(replace(FLEET, gateway=gateway)))

    assert open_recording(tmp_path / "a.tcrec").sessions[0].fleet.gateway == gateway


def test_a_bundle_is_read_in_place(tmp_path: Path) -> None:
    frames = tape(tmp_path / "a.tcrec", ticks(range(25)))
    with zipfile.ZipFile(tmp_path / "i.tcinc", "w") as bundle:
        bundle.writestr("manifest.json", "{}" * 1000)
        bundle.write(tmp_path / "a.tcrec", "window.tcrec")

    recording = open_recording(tmp_path / "i.tcinc")

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert recording.problems == ()


def test_a_bundle_without_a_window_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "i.tcinc", "w") as bundle:
        bundle.writestr("manifest.json", "{}")

    with pytest.raises(RecordingError, match="has no recording in it"):
        open_recording(tmp_path / "i.tcinc")


def test_what_is_no_recording_says_so(tmp_path: Path) -> None:
    foreign, empty = tmp_path / "notes.txt", tmp_path / "empty.tcrec"
    foreign.write_text("not a recording")
    empty.touch()

    with pytest.raises(RecordingError, match="is no recording"):
        open_recording(foreign)
    with pytest.raises(RecordingError, match="is empty"):
        open_recording(empty)
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        open_recording(tmp_path / "missing.tcrec")
    with pytest.raises(RecordingError, match="not a regular file"):
        open_recording(tmp_path)


def test_a_pipe_does_not_hold_anybody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.tcrec")

    with pytest.raises(RecordingError, match="not a regular file"):
        open_recording(tmp_path / "a.tcrec")


def test_a_newer_format_says_which_it_is_and_what_to_do(tmp_path: Path) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(3)))
    raw = (tmp_path / "a.tcrec").read_bytes()
    (tmp_path / "a.tcrec").write_bytes(NAME + bytes((7, 0)) + raw[len(FILE_HEAD) :])

    with pytest.raises(RecordingError, match="format 7, and this console reads 1") as raised:
        open_recording(tmp_path / "a.tcrec")
    assert "newer triton-console" in raised.value.hint


def test_kinds_of_a_newer_minor_version_are_stepped_over(tmp_path: Path) -> None:
    frames = tape(tmp_path / "a.tcrec", ticks(range(3)))
    raw = (tmp_path / "a.tcrec").read_bytes()
    more = _packed(99, b"something new")
    (tmp_path / "a.tcrec").write_bytes(NAME + bytes((1, 9)) + more + raw[len(FILE_HEAD) :] + more)

    recording = open_recording(tmp_path / "a.tcrec")

    assert list(map(same, recording.frames())) == list(map(same, frames))
    assert recording.problems == ()


def test_a_file_that_grows_is_read_as_of_now(tmp_path: Path) -> None:
    writing, told = writer(tmp_path / "a.tcrec"), ticks(range(20))
    for tick in told[:12]:
        writing.tick(tick)

    recording = open_recording(tmp_path / "a.tcrec")
    for tick in told[12:]:
        writing.tick(tick)

    assert [frame.mono for frame in recording.frames()] == list(range(12))
    assert recording.problems == ()
    writing.close()


def _packed(kind: int, payload: bytes) -> bytes:
    return pack(kind, 0, AT, payload)  # type: ignore[arg-type]


def _told(sample: Sample) -> bool:
    return isinstance(sample.reading, JournalNews)


def test_what_only_a_newer_console_knows_is_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape(tmp_path / "a.tcrec", ticks(range(15)))
    monkeypatch.setattr("console.storage._track._KINDS", {})
    recording = open_recording(tmp_path / "a.tcrec")

    frames = list(recording.frames())

    assert len(frames) == 15
    assert not any(map(sources, frames))
    (problem,) = recording.problems
    assert problem.startswith("some of it only a newer console knows")
