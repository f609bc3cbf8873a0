"""The flight recorder's files: one for each run of the console, in a folder for each fleet."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from console.domain.fleet import Fleet
from console.domain.recording import Bounds, RecordingError, Session
from console.domain.secret import Secret
from console.ports import Recording
from console.storage._bare import bare
from console.storage._files import safe_name
from console.storage._tape import live, remove_drafts
from console.storage.recorder import FileRecorder
from console.storage.recording import ENDING, FileRecording, open_recording
from console.storage.reel import Reel


class _Kept(NamedTuple):
    path: Path
    size: int
    until: float


def flight_folder(state: Path, fleet: str) -> Path:
    """Where the recordings of a fleet are kept."""
    return state / "flight" / safe_name(fleet)


def flight_path(state: Path, fleet: str, at: float, pid: int) -> Path:
    """The file of a run that began at ``at`` (epoch seconds)."""
    began = datetime.fromtimestamp(at, UTC)
    return flight_folder(state, fleet) / f"{began:%Y%m%dT%H%M%SZ}-{pid}{ENDING}"


def flights(state: Path, fleet: str) -> tuple[Path, ...]:
    """The recordings of a fleet, oldest first; empty where there are none or the folder cannot be read."""
    try:
        found = [path for path in flight_folder(state, fleet).iterdir() if _is_flight(path)]
    except OSError:
        return ()
    return tuple(sorted(found))


def opened_flights(state: Path, fleet: str) -> Iterator[FileRecording]:
    """The recordings of a fleet that can be opened, oldest first, each for its taker to close; raises OSError."""
    return filter(None, map(_readable, flights(state, fleet)))


def watched(recording: Recording) -> frozenset[str]:
    """The URLs of all targets that it saw: fleets of the command line share one name, and are told apart by them."""
    return frozenset(target.url for session in recording.sessions for target in session.fleet.targets)


def same_fleet(one: Recording, other: Recording) -> bool:
    """Whether both watched any target that is the same, or looked for targets in the same way."""
    looks = {_look(session.fleet) for session in other.sessions if session.fleet.unfolding}
    alike = any(_look(session.fleet) in looks for session in one.sessions)
    return alike or not watched(one).isdisjoint(watched(other))


def prune(state: Path, fleet: str, bounds: Bounds, now: float, pinned: float | None = None) -> None:
    """Remove whole recordings beyond the bounds, the oldest first: none that is being written or is pinned.

    ``pinned`` is from when on (epoch seconds) nothing may be dropped.
    """
    kept = list(filter(None, map(_kept, flights(state, fleet))))
    total = sum(each.size for each in kept)
    for each in kept:
        old = bounds.seconds is not None and each.until < now - bounds.seconds
        many = bounds.bytes is not None and total > bounds.bytes
        if (old or many) and (pinned is None or each.until < pinned) and _removed(each.path):
            total -= each.size


def flight_recorder(
    state: Path, session: Session, secrets: Iterable[Secret], pinned: Callable[[], float | None]
) -> FileRecorder:
    """A recorder of this run within the bounds of ``session.fleet.flight``; raises RecordingError.

    What earlier runs left beyond the bounds is removed first, and while it records.
    """
    flight, name = session.fleet.flight, session.fleet.name
    bounds = Bounds(flight.seconds, flight.bytes)

    def tidy(now: float) -> None:
        prune(state, name, bounds, now, pinned())

    tidy(time.time())
    path = flight_path(state, name, session.began, os.getpid())
    recorder = FileRecorder(path, session, bounds, secrets, pinned)
    recorder.tidy(tidy)
    return recorder


class FlightPast:
    """``ports.Past`` from the recordings of this and other runs that watched any of the fleet's targets.

    Where targets are found, it is those that looked for them in the same way.
    """

    name = "flight recorder"

    def __init__(self, state: Path, fleet: Fleet) -> None:
        self._state = state
        self._name = fleet.name
        self._fleet = bare(fleet)
        self._urls = frozenset(target.url for target in self._fleet.targets)

    async def open(self, since: float) -> Recording | None:
        """What there is from then (epoch seconds) on, None where there is nothing."""
        found = await asyncio.to_thread(lambda: list(self._found(since)))
        return Reel(found) if found else None

    def _found(self, since: float) -> Iterator[Recording]:
        for recording in opened_flights(self._state, self._name):
            if recording.until >= since and self._is_ours(recording):
                yield recording
            else:
                recording.close()

    def _is_ours(self, recording: Recording) -> bool:
        alike = any(_look(session.fleet) == _look(self._fleet) for session in recording.sessions)
        return (self._fleet.unfolding and alike) or not self._urls.isdisjoint(watched(recording))


def _look(fleet: Fleet) -> tuple[object, ...]:
    """What its targets are looked for with."""
    return (
        fleet.through_prometheus,
        fleet.prometheus,
        fleet.selector,
        fleet.by,
        replace(fleet.discovery, every=0.0),
    )


def _is_flight(path: Path) -> bool:
    return path.suffix == ENDING and not path.name.startswith(".")


def _readable(path: Path) -> FileRecording | None:
    try:
        return open_recording(path)
    except RecordingError:
        # It holds nothing yet, or nothing that can be read: there may be others.
        return None


def _kept(path: Path) -> _Kept | None:
    try:
        found = path.stat()
    except OSError:
        return None
    recording = _readable(path)
    if recording is None:
        return _Kept(path, found.st_size, found.st_mtime)
    with contextlib.closing(recording):
        return _Kept(path, found.st_size, recording.until)


def _removed(path: Path) -> bool:
    try:
        if live(path):
            return False
        remove_drafts(path)
        path.unlink()
    except OSError:
        return False
    return True
