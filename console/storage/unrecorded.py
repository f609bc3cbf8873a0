"""Stands where a recorder could not start."""

from pathlib import Path

from console.domain.recording import Input, Taping
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk


class Unrecorded:
    """``ports.Recorder`` that keeps nothing and says why, so that the watch goes on and everybody sees it."""

    def __init__(self, path: Path, since: float, problem: str) -> None:
        self.state = Taping(str(path), since, problem=problem)

    def take(self, entry: Input) -> None:
        """Not kept."""

    def tick(self, snapshot: Snapshot, mono: float) -> None:  # noqa: ARG002 - as a recorder takes it
        """Counted as lost."""
        self.state = self.state._replace(lost=self.state.lost + 1)

    def tell(self, walk: Walk) -> None:
        """Not kept."""

    def close(self) -> None:
        """Nothing is open."""
