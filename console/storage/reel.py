"""Several recordings as one."""

from collections.abc import Iterator, Sequence
from math import inf

from console.domain.marker import Marker
from console.domain.recording import Frame, Session
from console.domain.triage import Walk
from console.ports import Recording


class Reel:
    """``ports.Recording`` of several, in the order of time; where two overlap, the frames of the earlier one count."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        raise NotImplementedError

    @property
    def path(self) -> str:
        """Where the newest is."""
        raise NotImplementedError

    @property
    def sessions(self) -> Sequence[Session]:
        """The runs of all."""
        raise NotImplementedError

    @property
    def since(self) -> float:
        """Time of the first frame, epoch seconds."""
        raise NotImplementedError

    @property
    def until(self) -> float:
        """Time of the last frame."""
        raise NotImplementedError

    @property
    def problems(self) -> Sequence[str]:
        """What of them cannot be read."""
        raise NotImplementedError

    @property
    def markers(self) -> Sequence[Marker]:
        """Every marker that any of them shows, oldest first."""
        raise NotImplementedError

    @property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage in all of them, oldest first."""
        raise NotImplementedError

    def frames(self, since: float = -inf, until: float = inf, *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch; see ``ports.Recording``."""
        raise NotImplementedError

    def close(self) -> None:
        """Release all files."""
        raise NotImplementedError
