"""What names a recording: a file, a bundle, an incident, nothing at all."""

import argparse
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest

from console.cli import main
from console.cli._errors import CliError
from console.cli._recordings import Named, moment_of, named, opened
from console.domain.fleet import Fleet
from console.domain.recording import Session
from console.storage.flight import flight_path
from console.storage.incidents import IncidentFiles
from console.storage.recorder import FileRecorder
from tests.snapshots import fleet, snapshot

BEGAN = 1_760_000_000.0


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    return tmp_path / "state"


def options(**changes):
    values = {"config": None, "fleet": None, "read_only": False, "refresh": None, "header": []}
    return argparse.Namespace(**{**values, **changes})


def recorded(path: Path, began: float = BEGAN, watched: Fleet | None = None, seconds: int = 3) -> Path:
    watched = watched or fleet("a")
    recorder = FileRecorder(path, Session(watched, began))
    for second in range(seconds):
        recorder.tick(replace(snapshot(), at=began + second, fleet=watched), float(second))
        while recorder._ticks:
            sleep(0.001)  # a test is faster than any watch: nothing is to be lost
    recorder.close()
    return path


def test_a_time_may_stand_behind_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert named("a.tcrec@10:41:07") == Named("a.tcrec", "10:41:07")
    assert named("a.tcrec") == Named("a.tcrec")
    assert named("@10:41:07") == Named("@10:41:07")
    assert named("") == Named("")
    (tmp_path / "me@home.tcrec").write_text("")
    assert named("me@home.tcrec") == Named("me@home.tcrec")
    assert named("me@home.tcrec@+00:01") == Named("me@home.tcrec", "+00:01")


def test_a_file_is_opened_whatever_is_wrong_with_the_settings(tmp_path):
    (tmp_path / "triton-console.toml").write_text("[fleets.a]\n[fleets.b]\n")
    path = recorded(tmp_path / "a.tcrec")
    found, around = opened(str(path), options())
    assert (found.since, found.until) == (BEGAN, BEGAN + 2)
    assert around.runbooks == ""


def test_settings_that_are_asked_for_count(tmp_path, capsys):
    path = recorded(tmp_path / "a.tcrec")
    assert main(["status", "--from", str(path), "--fleet", "prod"]) == 64
    assert "--fleet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "content", "says"),
    [
        ("none.tcrec", None, "none.tcrec"),
        ("notes.tcrec", "my notes", "no recording"),
        ("empty.tcrec", "", "empty.tcrec"),
        ("1122-abc", None, "the fleet default has no incident 1122-abc"),
        ("\x1b[31m", None, "has no incident \\e[31m"),
    ],
)
def test_what_cannot_be_opened_is_one_line_and_what_to_do(tmp_path, capsys, text, content, says):
    if content is not None:
        (tmp_path / text).write_text(content)
    for command in ("status", "triage"):
        assert main([command, "--from", text]) == 2
        said = capsys.readouterr().err
        assert says in said
        assert "  → " in said
        assert said.count("\n") == 1


def test_nothing_recorded_yet_is_said(capsys):
    assert main(["status", "--at", "10:41"]) == 2
    assert "the flight recorder has nothing of default" in capsys.readouterr().err


def test_without_a_name_it_is_what_the_flights_saw_of_the_newest_ones_targets(state):
    ours, others = replace(fleet("a"), name="default"), replace(fleet("z"), name="default")
    recorded(flight_path(state, "default", BEGAN, 1), BEGAN, ours)
    recorded(flight_path(state, "default", BEGAN + 100, 2), BEGAN + 100, others)
    recorded(flight_path(state, "default", BEGAN + 200, 3), BEGAN + 200, ours)
    found, _ = opened("", options())
    assert (found.since, found.until) == (BEGAN, BEGAN + 202)
    assert [session.fleet.targets[0].name for session in found.sessions] == ["a", "a"]


def test_an_open_incident_is_what_the_flights_have_of_its_window(state):
    ours = replace(fleet("a"), name="default")
    recorded(flight_path(state, "default", BEGAN - 9000, 1), BEGAN - 9000, ours)
    recorded(flight_path(state, "default", BEGAN, 2), BEGAN, ours)
    incident = IncidentFiles(state, ours, lambda: BEGAN + 60).open("ana", "p99")
    found, _ = opened(incident.id, options())
    assert (found.since, found.until) == (BEGAN, BEGAN + 2)


def test_an_incident_without_any_recording_says_so(state):
    incident = IncidentFiles(state, replace(fleet("a"), name="default")).open("ana")
    with pytest.raises(CliError, match=f"nothing of the incident {incident.id} was recorded"):
        opened(incident.id, options())


def test_a_closed_incident_is_its_bundle(state):
    ours = replace(fleet("a"), name="default")
    recorded(flight_path(state, "default", BEGAN, 2), BEGAN, ours)
    known = IncidentFiles(state, ours, lambda: BEGAN + 60)
    known.open("ana")
    closed = known.close("ana")
    found, _ = opened(closed.id, options())
    assert found.path.endswith(f"{closed.id}.tcinc")
    assert found.until == BEGAN + 2


def test_a_moment_is_within_the_recording_or_refused(tmp_path):
    found, _ = opened(str(recorded(tmp_path / "a.tcrec", seconds=10)), options())
    assert (
        moment_of(
            "+5",
            found,
        )
        == BEGAN + 5
    )
    assert moment_of("end", found) == BEGAN + 9
    with pytest.raises(CliError, match="outside the recording"):
        moment_of("+01:00:00", found)
    with pytest.raises(CliError, match="names no moment"):
        moment_of("soon", found)


def test_a_recording_asks_no_server(capsys):
    assert main(["triage", "ranker", "http://a:8000", "--from", "a.tcrec"]) == 64
    assert "a recording asks no server" in capsys.readouterr().err
