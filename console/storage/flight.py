"""The flight recorder's files: one for each run of the console, in a folder for each fleet."""

from collections.abc import Callable, Iterable
from pathlib import Path

from console.domain.fleet import Fleet
from console.domain.recording import Bounds, Session
from console.domain.secret import Secret
from console.ports import Recording
from console.storage.recorder import FileRecorder


def flight_folder(state: Path, fleet: str) -> Path:
    """Where the recordings of a fleet are kept."""
    raise NotImplementedError


def flight_path(state: Path, fleet: str, at: float, pid: int) -> Path:
    """The file of a run that began at ``at`` (epoch seconds)."""
    raise NotImplementedError


def flights(state: Path, fleet: str) -> tuple[Path, ...]:
    """The recordings of a fleet, oldest first; empty where there are none or the folder cannot be read."""
    raise NotImplementedError


def prune(state: Path, fleet: str, bounds: Bounds, now: float, pinned: float | None = None) -> None:
    """Remove whole recordings beyond the bounds, the oldest first: none that is being written or is pinned."""
    raise NotImplementedError


def flight_recorder(
    state: Path, session: Session, secrets: Iterable[Secret], pinned: Callable[[], float | None]
) -> FileRecorder:
    """A recorder of this run within the bounds of ``session.fleet.flight``; raises RecordingError."""
    raise NotImplementedError


class FlightPast:
    """``ports.Past`` from the recordings of this and other runs that watched any of the fleet's targets."""

    name = "flight recorder"

    def __init__(self, state: Path, fleet: Fleet) -> None:
        self._state = state
        self._fleet = fleet

    async def open(self, since: float) -> Recording | None:
        """What there is from then (epoch seconds) on, None where there is nothing."""
        raise NotImplementedError
