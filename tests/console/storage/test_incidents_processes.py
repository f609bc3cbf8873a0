"""Incidents under two consoles, kill -9 and a full disk, each a real process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.domain.fleet import Fleet
from console.storage.bundle import read_bundle
from console.storage.flight import flight_path
from console.storage.incidents import IncidentFiles, bundle_path, incidents_path
from console.storage.journal import FileJournal, journal_path
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording
from tests.parts import incident as known
from tests.parts.incident import AFTER, AT, FLEET

OPENER = """
import sys
from pathlib import Path
from console.storage.incidents import IncidentFiles
from tests.parts.incident import FLEET

incidents = IncidentFiles(Path(sys.argv[1]), FLEET)
print("ready", flush=True)
sys.stdin.readline()
print(incidents.open(sys.argv[2]).id, flush=True)
"""
CLOSER = """
import os, signal, sys
from pathlib import Path
from console.storage import incidents
from tests.parts.incident import AFTER, AT, FLEET

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(incidents, sys.argv[2], die)
incidents.IncidentFiles(Path(sys.argv[1]), FLEET, lambda: AT + AFTER).close("bob@desk")
"""
LIMITED = """
import resource, sys
from pathlib import Path
from console.storage.incidents import IncidentFiles
from tests.parts.incident import AFTER, AT, FLEET

limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    IncidentFiles(Path(sys.argv[1]), FLEET, lambda: AT + AFTER).close("bob@desk")
except OSError as error:
    print(error)
"""
ROOT = Path(__file__).parents[3]


def _start(code: str, *words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdin=pipe, stdout=pipe, text=True, cwd=ROOT
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A console watched the incident from its window on, with its flight recorder and its journal."""
    recorder = FileRecorder(flight_path(tmp_path, FLEET.name, AT - known.BEFORE, 4242), known.session())
    known.record_into(recorder)
    recorder.close()
    FileJournal(journal_path(tmp_path, FLEET.name)).append(known.journal())
    return tmp_path


def test_of_consoles_that_open_at_once_one_does_and_all_say_the_same(tmp_path: Path) -> None:
    consoles = [_start(OPENER, str(tmp_path), f"console-{number}") for number in range(4)]
    for each in consoles:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in consoles:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    said = {each.communicate(timeout=60)[0].strip() for each in consoles}

    (incident,) = IncidentFiles(tmp_path, FLEET).all()
    assert said == {incident.id}


def test_closing_keeps_the_window_that_the_flight_recorder_has(state: Path) -> None:
    IncidentFiles(state, FLEET, lambda: AT).open("ana@bastion", "p99 of ranker")

    closed = IncidentFiles(state, FLEET, lambda: AT + AFTER).close("bob@desk")

    assert closed is not None
    path = bundle_path(state, closed.id)
    bundle = read_bundle(path)
    assert bundle.problems == ()
    assert bundle.manifest.missing == ("the first 1680 s of the window were not recorded",)
    assert len(bundle.records) == 3
    recording = open_recording(path)
    assert (recording.since, recording.until) == (AT - known.BEFORE, AT + AFTER)
    recording.close()


@pytest.mark.parametrize("where", ["write_bundle", "gathered"])
def test_a_console_that_dies_between_closing_and_its_bundle_leaves_it_closed_and_to_be_made(
    state: Path, where: str
) -> None:
    opened = IncidentFiles(state, FLEET, lambda: AT).open("ana@bastion")
    died = _start(CLOSER, str(state), where)
    died.communicate(timeout=60)
    assert died.returncode == -signal.SIGKILL

    incidents = IncidentFiles(state, FLEET, lambda: AT + 600)
    (incident,) = incidents.all()
    assert (incident.closed, incident.closed_by) == (AT + AFTER, "bob@desk")
    assert not bundle_path(state, opened.id).exists()
    assert incidents.pinned() == incident.since

    manifest = incidents.bundle(incident)
    assert manifest.until == AT + AFTER
    assert read_bundle(bundle_path(state, opened.id)).problems == ()
    assert incidents.pinned() is None


def test_a_console_that_dies_in_the_middle_of_a_bundle_leaves_none(state: Path) -> None:
    IncidentFiles(state, FLEET, lambda: AT).open("ana@bastion")
    code = CLOSER.replace(
        "from console.storage import incidents", "from console.storage import incidents, _zip_draft"
    )
    died = _start(code.replace("setattr(incidents", "setattr(_zip_draft"), str(state), "sync")
    died.communicate(timeout=60)
    assert died.returncode == -signal.SIGKILL

    incidents = IncidentFiles(state, FLEET)
    (incident,) = incidents.all()
    path = bundle_path(state, incident.id)
    assert not path.exists()
    incidents.bundle(incident)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def _close_within(state: Path, limit: int) -> str:
    """What a console says that closes the incident where no file may grow beyond so many bytes."""
    done = _start(LIMITED, str(state), str(limit))
    said, _ = done.communicate(timeout=60)
    assert done.returncode == 0
    return said


def test_when_the_file_may_not_grow_nothing_of_a_line_stays(tmp_path: Path) -> None:
    IncidentFiles(tmp_path, FLEET, lambda: AT).open("ana")
    path = incidents_path(tmp_path, FLEET.name)
    before = path.read_bytes()

    said = _close_within(tmp_path, len(before) + 10)

    assert said.startswith("the incident cannot be closed: ")
    assert "may not grow" in said
    assert path.read_bytes() == before
    assert IncidentFiles(tmp_path, FLEET).all()[0].closed is None


def test_when_the_bundle_may_not_grow_the_incident_is_closed_and_the_words_say_both(state: Path) -> None:
    opened = IncidentFiles(state, FLEET, lambda: AT).open("ana")

    said = _close_within(state, 4000)

    assert said.startswith(f"{opened.id} is closed, but its bundle could not be made: ")
    assert "may not grow" in said
    (incident,) = IncidentFiles(state, FLEET).all()
    assert incident.closed is not None
    assert list((state / "incidents").iterdir()) == []


def test_another_fleet_of_the_same_state_has_its_own(state: Path) -> None:
    IncidentFiles(state, FLEET).open("ana")

    assert IncidentFiles(state, Fleet("staging", FLEET.targets)).all() == ()
