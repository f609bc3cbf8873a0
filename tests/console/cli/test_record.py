"""``record`` as a service runs it: a process, its signals, its file."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from console.cli import main
from console.cli._drill_child import drill_child
from console.domain.recording import Frame, RecordingError
from console.domain.sample import Sample
from console.storage.recording import FileRecording, open_recording

ROOT = Path(__file__).parents[3]
TARGETS = 4


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def targets():
    """The servers of a drill, as the command line takes them."""
    with drill_child(["healthy"]) as endpoints:
        yield [f"{each['url']},metrics={each['metrics']}" for each in endpoints["targets"]]


class Recorder:
    """A ``record`` in a process of its own, and what it says."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "console", "record", *arguments]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)
        self.said: list[str] = []

    def hear(self, wanted: str) -> None:
        """Read its lines until one has these words."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line)
            if wanted in line:
                return
        pytest.fail(f"it never said {wanted!r}: {self.said}")

    def end(self, number: signal.Signals) -> int:
        """Send a signal; returns the exit code once it has ended."""
        self.process.send_signal(number)
        assert self.process.stderr
        self.said += self.process.stderr.readlines()
        return self.process.wait(60)


@contextmanager
def recorder(*arguments: str) -> Iterator[Recorder]:
    made = Recorder(*arguments)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()
        if made.process.stderr:
            made.process.stderr.close()


def _grown(path: Path, frames: int) -> None:
    """Wait until so many frames are on disk."""
    until = monotonic() + 120
    while monotonic() < until:
        try:
            recording = open_recording(path)
        except RecordingError:
            sleep(0.2)
            continue
        try:
            if sum(1 for _ in recording.frames()) >= frames:
                return
        finally:
            recording.close()
        sleep(0.2)
    pytest.fail(f"{path} never had {frames} frames")


def _read(path: Path) -> tuple[FileRecording, list[Frame]]:
    recording = open_recording(path)
    return recording, list(recording.frames())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(tmp_path, targets, number):
    path = tmp_path / "fleet.tcrec"
    with recorder(*targets, "--out", str(path), "--refresh", "0.2") as running:
        running.hear("recording default (4 targets) to ")
        _grown(path, 3)
        assert running.end(number) == 0
    assert f"; {path} has " in running.said[-1]
    recording, frames = _read(path)
    assert not recording.problems
    sources = {entry.source for frame in frames for entry in frame.inputs if isinstance(entry, Sample)}
    assert len([source for source in sources if source.startswith("triton:")]) == TARGETS


def test_what_was_recorded_before_a_kill_is_there_and_is_continued(tmp_path, targets):
    path = tmp_path / "fleet.tcrec"
    with recorder(*targets, "--out", str(path), "--refresh", "0.2") as running:
        _grown(path, 5)
        running.end(signal.SIGKILL)
    before = len(_read(path)[1])
    assert before >= 5
    assert main(["record", *targets, "--out", str(path), "--refresh", "0.2", "--for", "2"]) == 0
    recording, frames = _read(path)
    assert len(recording.sessions) == 2
    assert len(frames) > before


def test_one_file_has_one_recorder(tmp_path, targets, capsys):
    path = tmp_path / "fleet.tcrec"
    with recorder(*targets, "--out", str(path)) as running:
        running.hear("recording")
        assert main(["record", *targets, "--out", str(path), "--for", "1"]) == 2
    said = capsys.readouterr().err
    assert "is being recorded to by another console" in said
    assert said.count("\n") == 1


def test_without_a_file_it_is_the_flight_recorder(tmp_path, targets):
    assert main(["record", *targets, "--refresh", "0.2", "--for", "1.5"]) == 0
    (path,) = (tmp_path / "state").rglob("*.tcrec")
    assert path.parent.parent == tmp_path / "state" / "triton-console" / "flight"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "says"), [(None, "no recording"), ("a folder", "name a file in it"), ("", "")]
)
def test_what_is_not_ours_is_left_alone(tmp_path, capsys, content, says, targets):
    path = tmp_path / "notes.txt"
    if content is None:
        path.write_text("my notes")
    elif content:
        path.mkdir()
    code = main(["record", *targets, "--out", str(path), "--for", "0.5"])
    said = capsys.readouterr().err
    assert says in said
    assert (code == 0) is (content == "")
    if content is None:
        assert (code, path.read_text()) == (2, "my notes")


def test_servers_that_are_away_are_recorded_as_such(tmp_path, capsys):
    path = tmp_path / "fleet.tcrec"
    assert main(["record", "http://127.0.0.1:1", "--out", str(path), "--refresh", "0.2", "--for", "1.5"]) == 0
    assert "(1 target, 0 of them up)" in capsys.readouterr().err
    assert any(marker.kind == "alert" for marker in _read(path)[0].markers)


def test_a_guessed_server_that_is_not_there_is_no_recording(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("console.cli._fleet._answers", lambda *_: False)
    assert main(["record", "--out", str(tmp_path / "a.tcrec")]) == 2
    assert "no Triton at localhost:8000" in capsys.readouterr().err
    assert not (tmp_path / "a.tcrec").exists()


@pytest.mark.parametrize("wrong", [["--keep", "soon"], ["--max-size", "12"], ["--for", "0"]])
def test_wrong_arguments_are_64(wrong):
    assert main(["record", "http://a:8000", *wrong]) == 64


def test_where_no_flight_can_be_kept_it_says_so(tmp_path, targets, capsys):
    flight = tmp_path / "state" / "triton-console" / "flight"
    flight.parent.mkdir(parents=True)
    flight.write_text("in the way")
    assert main(["record", *targets, "--for", "1"]) == 2
    assert "--out FILE" in capsys.readouterr().err
