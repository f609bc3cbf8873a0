"""A recording that is read: opened by its chunks' heads alone, decoded as it is asked for."""

from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path

from console.domain.marker import Marker
from console.domain.recording import Frame, Session
from console.domain.triage import Walk

ENDING = ".tcrec"
BUNDLE_ENDING = ".tcinc"
WINDOW = "window.tcrec"
"""The recording's name in an incident bundle, where it is stored as it is."""


class FileRecording:
    """``ports.Recording`` in a file; everything up to a damage, and after it, is read, and the rest is told."""

    @property
    def path(self) -> str:
        """Where it is."""
        raise NotImplementedError

    @property
    def sessions(self) -> Sequence[Session]:
        """The runs of the console that it holds, oldest first."""
        raise NotImplementedError

    @property
    def since(self) -> float:
        """Time of its first frame, epoch seconds."""
        raise NotImplementedError

    @property
    def until(self) -> float:
        """Time of its last frame."""
        raise NotImplementedError

    @property
    def problems(self) -> Sequence[str]:
        """What of it cannot be read, a sentence each; so far as it was looked at."""
        raise NotImplementedError

    @property
    def markers(self) -> Sequence[Marker]:
        """Every marker that was shown, oldest first."""
        raise NotImplementedError

    @property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage as they were shown, oldest first."""
        raise NotImplementedError

    def frames(self, since: float = -inf, until: float = inf, *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last key frame at or before ``since`` on."""
        raise NotImplementedError

    def close(self) -> None:
        """Release the file."""
        raise NotImplementedError


def open_recording(path: Path) -> FileRecording:
    """A recording, or the window of an incident bundle; raises RecordingError."""
    raise NotImplementedError
