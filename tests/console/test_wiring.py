"""What an engine remembers with, from the fleet's settings and the command line."""

import asyncio
from dataclasses import replace
from pathlib import Path
from time import sleep, time

import pytest

from console import wiring
from console.domain.fleet import Fleet, FlightRecorder, Target
from console.domain.recording import RecordingError
from console.domain.secret import Secret
from console.ports import Past
from console.storage.given import GivenPast
from console.storage.recording import open_recording
from console.transport.http import Http
from console.transport.kit import Kit
from console.wiring import Keeping
from tests.console.cli.test_recordings import BEGAN, recorded
from tests.parts.clock import HandClock
from tests.snapshots import snapshot


def _flights(fleet: Fleet) -> list[Path]:
    return list(Path(fleet.state).rglob("*.tcrec"))


@pytest.fixture
def fleet(tmp_path) -> Fleet:
    nobody = Target("a", "http://127.0.0.1:1", "http://127.0.0.1:1/metrics")
    return Fleet("prod", (nobody,), headers={"key": Secret("hunter2")}, state=str(tmp_path / "state"))


@pytest.fixture
def in_the_way(fleet) -> Path:
    """A file where the folder of the flights would be."""
    path = Path(fleet.state) / "flight"
    path.parent.mkdir()
    path.write_text("mine")
    return path


async def test_by_itself_nothing_is_recorded_or_looked_for(fleet):
    engine = wiring.build(fleet)
    await engine.observe(0.1)
    assert engine.taping is None
    await engine.close()
    assert _flights(fleet) == []


async def test_a_flight_is_recorded_within_the_state_folder(fleet):
    engine = wiring.build(fleet, Keeping(flight=True))
    await engine.watched(0.2)
    assert engine.snapshot is not None
    assert engine.snapshot.taping is not None
    assert engine.snapshot.taping.problem == ""
    await engine.close()
    (path,) = _flights(fleet)
    (session,) = open_recording(path).sessions
    assert session.fleet.name == "prod"
    assert b"hunter2" not in path.read_bytes()


async def test_what_was_seen_is_written_even_where_nobody_waits_for_the_end(fleet):
    engine = wiring.build(fleet, Keeping(flight=True))
    await engine.watched(0.2)
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert engine.snapshot is not None
    (path,) = _flights(fleet)
    assert open_recording(path).until == engine.snapshot.at


async def test_a_flight_recorder_that_cannot_start_says_why_and_the_watch_goes_on(fleet, in_the_way):
    engine = wiring.build(fleet, Keeping(flight=True))
    first = await engine.watched(0.2)
    assert first.taping is not None
    assert "cannot be recorded to" in first.taping.problem
    assert first.taping.path.startswith(str(in_the_way))
    last = await engine.watched(0.2)
    assert last.taping is not None
    assert last.taping.lost > first.taping.lost
    await engine.close()


async def test_a_file_that_cannot_be_recorded_to_is_an_error(fleet, tmp_path):
    (tmp_path / "notes.txt").write_text("my notes")
    with pytest.raises(RecordingError, match="no recording"):
        wiring.build(fleet, Keeping(out=tmp_path / "notes.txt"))
    assert (tmp_path / "notes.txt").read_text() == "my notes"


@pytest.mark.parametrize("incident", [True, False])
def test_the_window_of_an_open_incident_is_not_dropped(fleet, tmp_path, incident):
    small, began = replace(fleet, flight=FlightRecorder(seconds=1.0, bytes=10**6)), time()
    if incident:
        wiring.incidents(small).open("ana")
    recorder = wiring.recorder(small, HandClock(began), Keeping(out=tmp_path / "a.tcrec"))
    assert recorder is not None
    for second in range(40):
        recorder.tick(replace(snapshot(), at=began + second), float(second))
        while recorder._ticks:
            sleep(0.001)  # a test is faster than any watch: nothing is to be lost
    recorder.close()
    assert (open_recording(tmp_path / "a.tcrec").since == began) is incident


def _names(fleet: Fleet, keeping: Keeping) -> list[str]:
    found: list[Past] = wiring.open_pasts(fleet, Kit(HandClock(), Http({}, fleet.tls)), keeping)
    return [past.name for past in found]


async def test_history_is_looked_for_where_there_may_be_some(fleet, tmp_path):
    asked = replace(fleet, prometheus="http://prometheus:9090")
    given = Keeping(recall=True, past=tmp_path / "night.tcrec")
    assert _names(asked, given) == ["night.tcrec", "flight recorder", "Prometheus"]
    assert _names(fleet, Keeping(recall=True)) == ["flight recorder"]
    assert _names(asked, Keeping(flight=True)) == []


async def test_what_prometheus_remembers_of_a_fleet_seen_through_it_is_more_than_what_was_seen(
    fleet, tmp_path
):
    seen = replace(fleet, targets=(), prometheus="http://prometheus:9090", through_prometheus=True)
    given = Keeping(recall=True, past=tmp_path / "night.tcrec")
    assert _names(seen, given) == ["night.tcrec", "Prometheus", "flight recorder"]


async def test_a_recording_is_triaged_without_asking_anybody():
    triage = wiring.hindsight()
    asked = await triage._queries.ask("up")
    assert "nobody is asked" in asked.problem
    assert "p99-latency" in triage.library.runbooks
    await triage.close()


async def test_a_given_recording_that_ended_long_ago_is_no_past(tmp_path):
    past = GivenPast(recorded(tmp_path / "night.tcrec"))
    found = await past.open(BEGAN - 100)
    assert found is not None
    assert found.until == BEGAN + 2
    assert await past.open(BEGAN + 100) is None
