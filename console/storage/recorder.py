"""The recorder: keeps what a store is fed with in a file, from a thread of its own."""

from collections.abc import Callable, Iterable
from pathlib import Path

from console.domain.recording import Bounds, Input, Session, Taping
from console.domain.secret import Secret
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk

_NO_BOUNDS = Bounds()


def _nothing() -> float | None:
    return None


class FileRecorder:
    """``ports.Recorder`` in a file of mode 0600 that one recorder at a time may hold; a thread encodes and writes.

    A recording that is there is continued. ``pinned`` says from when on (epoch seconds) nothing may be dropped. Raises
    RecordingError where the file cannot be had.
    """

    def __init__(
        self,
        path: Path,
        session: Session,
        bounds: Bounds = _NO_BOUNDS,
        secrets: Iterable[Secret] = (),
        pinned: Callable[[], float | None] = _nothing,
    ) -> None:
        raise NotImplementedError

    @property
    def state(self) -> Taping:
        """How it fares."""
        raise NotImplementedError

    def take(self, entry: Input) -> None:
        """Keep one input."""
        raise NotImplementedError

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        """End a frame: all inputs since the tick before, and the markers that this picture is the first to show."""
        raise NotImplementedError

    def tell(self, walk: Walk) -> None:
        """Keep an answer of the triage."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is left and end; blocks, but not for ever."""
        raise NotImplementedError
