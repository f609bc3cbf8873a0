"""Incidents on disk: opened once, closed once, shared, private, and whole after whatever happened to the file."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.fleet import Fleet, Target
from console.domain.incident import WINDOW_S
from console.domain.secret import Secret
from console.storage.incidents import IncidentFiles, bundle_path, incidents_path
from tests.console.storage.told import open_files
from tests.parts.clock import HandClock

ONE = Target("one", "http://one:8000", "http://one:8002/metrics")
TWO = Target("two", "http://two:8000", "http://two:8002/metrics")
FLEET = Fleet("prod", (ONE,), headers={"key": Secret("hunter2secret")})


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def incidents(tmp_path: Path, clock: HandClock) -> IncidentFiles:
    return IncidentFiles(tmp_path, FLEET, clock.now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return incidents_path(tmp_path, "prod")


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    before = open_files()
    yield
    assert open_files() == before


def again(tmp_path: Path, clock: HandClock) -> IncidentFiles:
    """A console that has just started."""
    return IncidentFiles(tmp_path, FLEET, clock.now)


def test_without_a_file_there_are_none_and_nothing_is_made(incidents: IncidentFiles, tmp_path: Path) -> None:
    assert incidents.all() == ()
    assert incidents.close("ana") is None
    assert incidents.pinned() is None
    assert list(tmp_path.iterdir()) == []


def test_one_is_opened_once_and_every_console_sees_it(
    incidents: IncidentFiles, tmp_path: Path, clock: HandClock
) -> None:
    other = again(tmp_path, clock)
    opened = incidents.open("ana@bastion", "p99 of ranker", "kq2xyz")

    assert (opened.opened, opened.by, opened.why, opened.plan) == (
        clock.now(),
        "ana@bastion",
        "p99 of ranker",
        "kq2xyz",
    )
    assert opened.targets == ("http://one:8000",)
    assert other.open("bob@desk", "a page") == opened
    assert other.all() == incidents.all() == (opened,)


def test_closing_is_told_with_its_time_and_makes_the_next_one_another(
    incidents: IncidentFiles, clock: HandClock
) -> None:
    first = incidents.open("ana")
    clock.step(600)
    closed = incidents.close("bob")

    assert closed == first._replace(closed=first.opened + 600, closed_by="bob")
    assert incidents.close("bob") is None
    second = incidents.open("ana")
    assert second.id != first.id
    assert incidents.all() == (closed, second)


def test_an_id_begins_with_the_day_and_can_be_typed(incidents: IncidentFiles) -> None:
    assert incidents.open("ana").id.startswith("1114-")
    assert len(incidents.open("ana").id) == 8


def test_a_clock_that_was_set_back_closes_no_incident_before_it_was_opened(
    incidents: IncidentFiles, clock: HandClock
) -> None:
    opened = incidents.open("ana")
    clock.step(-600)

    closed = incidents.close("ana")

    assert closed is not None
    assert closed.closed == opened.opened


def test_fleets_of_the_command_line_share_a_file_and_not_their_incidents(
    incidents: IncidentFiles, tmp_path: Path, clock: HandClock
) -> None:
    other = IncidentFiles(tmp_path, replace(FLEET, targets=(TWO,)), clock.now)
    mine = incidents.open("ana")

    assert other.close("bob") is None
    theirs = other.open("bob")
    assert theirs.id != mine.id
    assert IncidentFiles(tmp_path, replace(FLEET, targets=(ONE, TWO)), clock.now).open("eve") == theirs


def test_the_file_is_private_and_one_that_was_wider_is_narrowed(incidents: IncidentFiles, path: Path) -> None:
    incidents.open("ana")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    incidents.close("ana")
    assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_and_endless_texts_never_reach_the_file(incidents: IncidentFiles, path: Path) -> None:
    incidents.open("ana", "curl -H 'key: hunter2secret' " + "x" * 100_000)

    assert "hunter2" not in path.read_text()
    assert path.stat().st_size < 10_000


def test_a_line_that_broke_off_is_left_out_and_gone_after_the_next(
    incidents: IncidentFiles, path: Path, tmp_path: Path, clock: HandClock
) -> None:
    opened = incidents.open("ana")
    whole = path.read_bytes()
    closing = json.dumps(
        {"at": clock.now(), "format": 1, "id": opened.id, "kind": "close", "who": "ana"}
    ).encode()
    for size in range(1, len(closing)):
        path.write_bytes(whole + closing[:size])
        assert again(tmp_path, clock).all() == (opened,)

    closed = again(tmp_path, clock).close("bob")
    assert closed is not None
    assert closed.closed_by == "bob"
    assert len(path.read_text().splitlines()) == 2
    assert again(tmp_path, clock).problems() == ()


def test_a_last_line_without_its_end_counts_and_stays(
    incidents: IncidentFiles, path: Path, tmp_path: Path, clock: HandClock
) -> None:
    opened = incidents.open("ana")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))

    assert again(tmp_path, clock).open("bob") == opened
    incidents.close("ana")
    assert [incident.closed_by for incident in again(tmp_path, clock).all()] == ["ana"]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"\xff\x00",
        b"[]",
        b'{"kind":"open"}',
        b'{"at":1,"format":1,"id":"../../etc","kind":"open","plan":"","who":"","why":""}',
        b'{"at":1e300,"format":1,"id":"a","kind":"open","plan":"","who":"","why":""}',
        b'{"at":NaN,"format":1,"id":"a","kind":"open","plan":"","who":"","why":""}',
        b'{"at":1,"format":2,"id":"a","kind":"open","plan":"","who":"","why":""}',
        b'{"at":1,"format":1,"id":"a","kind":"open","plan":[],"who":"","why":""}',
        b'{"at":1,"format":1,"id":"a","kind":"pause","who":""}',
        b'{"at":1,"format":1,"id":"gone","kind":"close","who":""}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_says_nothing_hides_none_of_the_others(
    incidents: IncidentFiles, path: Path, tmp_path: Path, clock: HandClock, line: bytes
) -> None:
    opened = incidents.open("ana")
    path.write_bytes(line + b"\n" + path.read_bytes())

    found = again(tmp_path, clock)
    assert found.all() == (opened,)
    assert "line 1 tells of no incident" in found.problems()[0]


def test_what_another_console_writes_shows_at_the_next_look(
    incidents: IncidentFiles, tmp_path: Path, clock: HandClock
) -> None:
    assert incidents.all() == ()
    opened = again(tmp_path, clock).open("bob")
    assert incidents.all() == (opened,)
    again(tmp_path, clock).close("bob")
    assert incidents.all()[0].closed is not None


def test_a_file_that_is_not_ours_is_said_and_not_taken_for_no_incident(
    incidents: IncidentFiles, path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("")
    path.symlink_to(elsewhere)

    for call in (incidents.all, lambda: incidents.open("ana"), lambda: incidents.close("ana")):
        with pytest.raises(OSError, match="symbolic link"):
            call()


def test_a_fifo_in_its_place_holds_nobody_up(incidents: IncidentFiles, path: Path) -> None:
    os.mkfifo(path)

    with pytest.raises(OSError, match="not a regular file"):
        incidents.all()


def test_the_window_of_what_is_open_is_pinned_unless_it_was_forgotten(
    incidents: IncidentFiles, clock: HandClock
) -> None:
    opened = incidents.open("ana")

    assert incidents.pinned() == opened.opened - WINDOW_S
    clock.step(6 * 86400)
    assert incidents.pinned() == opened.opened - WINDOW_S
    clock.step(2 * 86400)
    assert incidents.pinned() is None


def test_a_window_stays_pinned_for_a_day_until_its_bundle_is_there(
    incidents: IncidentFiles, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    opened = incidents.open("ana")
    monkeypatch.setattr("console.storage.incidents.write_bundle", full)
    with pytest.raises(
        OSError, match=f"{opened.id} is closed, but its bundle could not be made: .*disk is full"
    ):
        incidents.close("ana")

    (closed,) = incidents.all()
    assert closed.closed is not None
    assert incidents.pinned() == closed.since
    clock.step(25 * 3600)
    assert incidents.pinned() is None

    monkeypatch.undo()
    clock.step(-25 * 3600)
    incidents.bundle(closed)
    assert bundle_path(tmp_path, closed.id).exists()
    assert incidents.pinned() is None
