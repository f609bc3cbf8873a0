"""What doctor says of the flight recorder and of incidents."""

from dataclasses import replace
from pathlib import Path
from time import time

import pytest

from console.cli._check import Status
from console.cli._check_memory import memory_checks
from console.domain.fleet import Fleet, FlightRecorder
from console.storage.flight import flight_folder, flight_path
from console.storage.incidents import IncidentFiles
from tests.console.cli.test_recordings import recorded
from tests.snapshots import fleet as made


@pytest.fixture
def fleet(tmp_path) -> Fleet:
    return made("a", state=str(tmp_path))


def _checks(fleet):
    flight, incidents = memory_checks(fleet)
    assert (flight.id, incidents.id) == ("flight_recorder", "incidents")
    return flight, incidents


def test_before_anything_was_kept(fleet):
    flight, incidents = _checks(fleet)
    assert flight.status is incidents.status is Status.OK
    assert "writable, nothing recorded yet; keeps the last 2h, at most 256 MB" in flight.message
    assert incidents.message == "none so far"


def test_what_is_kept_and_how_far_it_goes_back(fleet):
    state = Path(fleet.state)
    for began in (time() - 3600, time() - 60):
        recorded(flight_path(state, fleet.name, began, 1), began, fleet)
    flight, _ = _checks(fleet)
    assert ": 2 recordings, " in flight.message
    assert ", back to 60m ago; " in flight.message


def test_one_that_is_damaged_does_not_hide_the_others(fleet):
    state = Path(fleet.state)
    recorded(flight_path(state, fleet.name, time() - 60, 2), time() - 60, fleet)
    (flight_folder(state, fleet.name) / "20200101T000000Z-1.tcrec").write_text("mine")
    assert ", back to 60s ago; " in _checks(fleet)[0].message


def test_switched_off_is_no_trouble(fleet):
    flight, _ = _checks(replace(fleet, flight=FlightRecorder(on=False)))
    assert flight.status is Status.OK
    assert "switched off" in flight.message


def test_a_folder_that_cannot_be_had_fails(fleet):
    (Path(fleet.state) / "flight").write_text("mine")
    flight, _ = _checks(fleet)
    assert flight.status is Status.FAIL
    assert "cannot be written to" in flight.message


@pytest.mark.parametrize(("minutes", "status"), [(12, Status.OK), (25 * 60, Status.WARN)])
def test_an_incident_that_is_open_is_said_and_one_that_was_forgotten_is_a_warning(fleet, minutes, status):
    opened = IncidentFiles(Path(fleet.state), fleet, lambda: time() - minutes * 60).open("ana@bastion")
    _, incidents = _checks(fleet)
    assert incidents.status is status
    assert incidents.message.startswith(f"{opened.id} is open for ")
    assert "ana@bastion" in incidents.message


def test_closed_ones_are_counted(fleet):
    known = IncidentFiles(Path(fleet.state), fleet)
    known.open("ana")
    known.close("ana")
    assert _checks(fleet)[1].message == "none is open, 1 closed"


def test_a_file_of_incidents_that_cannot_be_read_fails(fleet):
    IncidentFiles(Path(fleet.state), fleet).open("ana")
    (path,) = Path(fleet.state).glob("incidents-*.jsonl")
    path.unlink()
    path.mkdir()
    assert _checks(fleet)[1].status is Status.FAIL
