"""What is gathered of an incident: the recordings that saw it, by whichever console, and what of them cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.fleet import Target
from console.domain.recording import Session
from console.ports import Recorder
from console.storage.bundle import Given
from console.storage.flight import flight_path
from console.storage.journal import journal_path
from console.storage.keeping import gathered
from console.storage.recorder import FileRecorder
from tests.parts import incident as known
from tests.parts.incident import AFTER, AT, BEFORE, CLOSED, FLEET

ELSEWHERE = replace(FLEET, targets=(Target("two", "http://two:8000", "http://two:8002/metrics"),))


def flight(state: Path, since: float, until: float, pid: int, session: Session | None = None) -> Path:
    """What one run of the console left."""
    path = flight_path(state, FLEET.name, since, pid)
    recorder: Recorder = FileRecorder(path, session or known.session(since))
    known.record_into(recorder, since, until)
    recorder.close()
    return path


def seen(state: Path) -> tuple[float, float, int] | None:
    """From when to when, and in how many runs."""
    with gathered(CLOSED, state, FLEET) as given:
        recording = given.recording
        return recording and (recording.since, recording.until, len(recording.sessions))


def missing(state: Path) -> tuple[str, ...]:
    """What could not be read."""
    with gathered(CLOSED, state, FLEET) as given:
        return given.missing


def test_runs_one_after_the_other_are_one_recording(tmp_path: Path) -> None:
    flight(tmp_path, AT - BEFORE, AT - 20, 1)
    flight(tmp_path, AT, AT + AFTER, 2)

    assert seen(tmp_path) == (AT - BEFORE, AT + AFTER, 2)


def test_runs_of_another_time_and_of_other_targets_are_left_out(tmp_path: Path) -> None:
    flight(tmp_path, AT - 9000, AT - 8990, 1)
    flight(tmp_path, AT + 9000, AT + 9010, 2)
    flight(tmp_path, AT, AT + 10, 3, Session(ELSEWHERE, AT))
    assert seen(tmp_path) is None

    flight(tmp_path, AT + 20, AT + 30, 4)
    assert seen(tmp_path) == (AT + 20, AT + 30, 1)


def test_a_recording_that_cannot_be_read_is_said_and_hides_none_of_the_others(tmp_path: Path) -> None:
    flight(tmp_path, AT, AT + 10, 1)
    flight_path(tmp_path, FLEET.name, AT, 2).write_bytes(b"nothing of ours, and long enough to be something")

    assert seen(tmp_path) == (AT, AT + 10, 1)
    (said,) = missing(tmp_path)
    assert said.startswith("a recording: ")


def test_a_damaged_journal_is_said(tmp_path: Path) -> None:
    journal_path(tmp_path, FLEET.name).write_text("half a rec")

    assert missing(tmp_path)[0].startswith("the journal: ")


def test_where_nothing_is_kept_nothing_is_gathered_and_nothing_made(tmp_path: Path) -> None:
    with gathered(CLOSED, tmp_path / "state", FLEET) as given:
        assert given == Given("prod", None)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("urls", [(), ("http://two:8000",)])
def test_an_incident_of_unknown_targets_is_everybodys(tmp_path: Path, urls: tuple[str, ...]) -> None:
    flight(tmp_path, AT, AT + 10, 3, Session(ELSEWHERE, AT))

    with gathered(CLOSED._replace(targets=urls), tmp_path, FLEET) as given:
        assert given.recording is not None
