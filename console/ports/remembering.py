"""What keeps a watch, and tells of one that was kept."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from console.domain.incident import Incident
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Session, Taping
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk


class Recorder(Protocol):
    """Keeps what a store is fed with; its calls never wait for a disk and never raise."""

    @property
    def state(self) -> Taping:
        """How it fares."""
        ...

    def take(self, entry: Input) -> None:
        """Keep one input."""
        ...

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        """End a frame: all inputs since the tick before, and the markers that this picture is the first to show."""
        ...

    def tell(self, walk: Walk) -> None:
        """Keep an answer of the triage."""
        ...

    def close(self) -> None:
        """Write what is left and end; blocks."""
        ...


class Recording(Protocol):
    """A recording that is read; its iterators skip what is damaged, and all is bounded by what the file holds."""

    @property
    def path(self) -> str:
        """Where it is."""
        ...

    @property
    def sessions(self) -> Sequence[Session]:
        """The runs of the console that it holds, oldest first; ``Frame.session`` counts in them."""
        ...

    @property
    def since(self) -> float:
        """Time of its first frame, epoch seconds."""
        ...

    @property
    def until(self) -> float:
        """Time of its last frame."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """What of it cannot be read, a sentence each; so far as it was looked at."""
        ...

    @property
    def markers(self) -> Sequence[Marker]:
        """Every marker that was shown, oldest first; told without reading the frames."""
        ...

    @property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage as they were shown, oldest first."""
        ...

    def frames(self, since: float = ..., until: float = ..., *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last whole frame at or before ``since`` on; a seek is immediate.

        ``sparse`` gives about one in ten seconds, at a tenth of the cost: enough to fill charts.
        """
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class Past(Protocol):
    """Somewhere to find what was before the watch began."""

    async def open(self, since: float) -> Recording | None:
        """What there is from then (epoch seconds) on, None where there is nothing; raises RecordingError."""
        ...

    @property
    def name(self) -> str:
        """In words: ``flight recorder``, ``Prometheus``."""
        ...


class Incidents(Protocol):
    """The fleet's incidents, in a file that all consoles share; calls block."""

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first; raises OSError where their file cannot be read at all."""
        ...

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        """Open one, or return the one that is open; raises OSError."""
        ...

    def close(self, who: str) -> Incident | None:
        """Close the open one and keep its window as a bundle; None where none is open. Raises OSError."""
        ...
