"""The flight recorder's files: named, bounded, and found again."""

from dataclasses import replace
from pathlib import Path

from console.domain.fleet import Fleet, FlightRecorder, Target
from console.domain.recording import Bounds
from console.storage.flight import (
    FlightPast,
    flight_folder,
    flight_path,
    flight_recorder,
    flights,
    prune,
    same_fleet,
)
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording
from tests.parts.tapes import AT, FLEET, session, tape, ticks
from tests.snapshots import snapshot


def flown(state: Path, begin: float, end: float, fleet: Fleet = FLEET, pid: int = 7) -> Path:
    """A flight that is over."""
    path = flight_path(state, fleet.name, AT + begin, pid)
    path.parent.mkdir(parents=True, exist_ok=True)
    tape(path, ticks(range(int(begin), int(end))), session(fleet, AT + begin))
    return path


def test_files_are_named_by_their_time_and_process(tmp_path: Path) -> None:
    path = flight_path(tmp_path, "prod", AT, 4711)

    assert path.parent == flight_folder(tmp_path, "prod")
    assert path.parent.parent == tmp_path / "flight"
    assert path.name == "20231114T221320Z-4711.tcrec"
    assert flight_folder(tmp_path, "a/../b").parent == tmp_path / "flight"


def test_flights_are_listed_oldest_first_and_nothing_else(tmp_path: Path) -> None:
    assert flights(tmp_path, "prod") == ()
    second, first = flown(tmp_path, 1000, 1010), flown(tmp_path, 0, 10)
    (first.parent / f".{first.name}.99.new").touch()
    (first.parent / "notes.txt").touch()

    assert flights(tmp_path, "prod") == (first, second)
    assert flights(tmp_path, "other") == ()


def test_what_is_too_old_goes_but_for_what_is_pinned(tmp_path: Path) -> None:
    old, pinned, new = flown(tmp_path, 0, 10), flown(tmp_path, 50, 60), flown(tmp_path, 1000, 1010)

    prune(tmp_path, "prod", Bounds(seconds=600), AT + 1100, pinned=AT + 55)
    assert flights(tmp_path, "prod") == (pinned, new)
    prune(tmp_path, "prod", Bounds(seconds=600), AT + 1100)
    assert flights(tmp_path, "prod") == (new,)
    assert not old.exists()


def test_what_is_too_much_goes_oldest_first(tmp_path: Path) -> None:
    paths = [flown(tmp_path, begin, begin + 10) for begin in (0, 100, 200, 300)]
    most = sum(path.stat().st_size for path in paths[2:]) + 10

    prune(tmp_path, "prod", Bounds(bytes=most), AT + 400)

    assert flights(tmp_path, "prod") == tuple(paths[2:])


def test_a_flight_in_the_air_is_left_alone(tmp_path: Path) -> None:
    path = flown(tmp_path, 0, 10)
    recorder = FileRecorder(path, session())

    prune(tmp_path, "prod", Bounds(seconds=1, bytes=1), AT + 10_000)
    assert flights(tmp_path, "prod") == (path,)
    recorder.close()
    prune(tmp_path, "prod", Bounds(seconds=1), AT + 10_000)
    assert flights(tmp_path, "prod") == ()


def test_a_flight_of_which_nothing_can_be_read_goes_by_its_files_time(tmp_path: Path) -> None:
    path = flown(tmp_path, 0, 10)
    path.write_bytes(b"")

    prune(tmp_path, "prod", Bounds(seconds=600), path.stat().st_mtime + 10)
    assert path.exists()
    prune(tmp_path, "prod", Bounds(seconds=600), path.stat().st_mtime + 700)
    assert not path.exists()


def test_a_new_flight_makes_room_first(tmp_path: Path) -> None:
    old = flown(tmp_path, 0, 10)
    fleet = replace(FLEET, flight=FlightRecorder(seconds=600.0))

    recorder = flight_recorder(tmp_path, session(fleet, AT + 5000), (), lambda: None)
    recorder.close()

    assert not old.exists()
    assert [path.name.split("-")[0] for path in flights(tmp_path, "prod")] == ["20231114T233640Z"]


def test_a_long_flight_removes_what_has_grown_old_meanwhile(tmp_path: Path) -> None:
    old = flown(tmp_path, 0, 10)
    fleet = replace(FLEET, flight=FlightRecorder(seconds=1e9))
    recorder = flight_recorder(tmp_path, session(fleet, AT + 5000), (), lambda: None)
    assert old.exists()

    recorder.tick(replace(snapshot(), at=AT + 2e9), 5000.0)
    recorder.close()

    assert not old.exists()


async def test_the_past_is_what_watched_any_of_the_targets(tmp_path: Path) -> None:
    both = replace(FLEET, targets=(*FLEET.targets, Target("b", "http://b:8000", "http://b:8002/metrics")))
    other = replace(FLEET, targets=(Target("c", "http://c:8000", "http://c:8002/metrics"),))
    flown(tmp_path, 0, 10)
    flown(tmp_path, 100, 120, both)
    flown(tmp_path, 200, 220, other)
    flown(tmp_path, 300, 301).write_bytes(b"damaged")
    FileRecorder(flight_path(tmp_path, "prod", AT + 400, 8), session()).close()

    past = await FlightPast(tmp_path, FLEET).open(AT + 50)

    assert past is not None
    assert (past.since, past.until) == (AT + 100, AT + 119)
    assert [each.fleet.targets for each in past.sessions] == [both.targets]
    past.close()
    everything = await FlightPast(tmp_path, FLEET).open(AT)
    assert everything is not None
    assert len(list(everything.frames())) == 30


async def test_a_fleet_through_prometheus_is_the_same_where_it_is_looked_at_in_the_same_way(
    tmp_path: Path,
) -> None:
    seen = replace(
        FLEET, targets=(), through_prometheus=True, prometheus="http://prom:9090", selector='job="triton"'
    )
    otherwise = replace(seen, selector='job="vision"')
    flights_of = [
        flown(tmp_path, 0, 10, seen),
        flown(tmp_path, 20, 30, seen),
        flown(tmp_path, 40, 50, otherwise),
    ]
    first, second, third = map(open_recording, flights_of)

    assert same_fleet(first, second)
    assert same_fleet(first, first)
    assert not same_fleet(first, third)
    past = await FlightPast(tmp_path, seen).open(AT)
    assert past is not None
    assert len(past.sessions) == 2


async def test_without_a_past_there_is_none(tmp_path: Path) -> None:
    flown(tmp_path, 0, 10)

    assert await FlightPast(tmp_path, FLEET).open(AT + 100) is None
    assert await FlightPast(tmp_path / "elsewhere", FLEET).open(AT) is None
    assert FlightPast(tmp_path, FLEET).name == "flight recorder"


async def test_the_past_of_a_console_that_still_flies_is_read(tmp_path: Path) -> None:
    path = flown(tmp_path, 0, 10)
    recorder = FileRecorder(path, session(began=AT + 50))

    past = await FlightPast(tmp_path, FLEET).open(AT)

    assert past is not None
    assert past.until == AT + 9
    assert open_recording(path).problems == ()
    recorder.close()
