"""History of every version on every target: what localises a fault."""

from collections.abc import Sequence

from console.domain.fleet import ModelVersion
from console.domain.rows import Lifetime
from console.domain.snapshot import Points
from console.engine._target import TargetMemory


class ReplicaHistory:
    """Columns of each (target, model, version), and what their counters held at the first look."""

    def tick(self, targets: Sequence[TargetMemory], mono: float) -> None:
        """Keep one slot of every target's newest rates."""

    def series(self, target: str, key: ModelVersion, column: str, since: float, offset: float) -> Points:
        """One column after a monotonic time; ``offset`` turns times into epoch seconds."""
        return Points((), ())

    def lifetime(self, key: ModelVersion, target: str = "") -> Lifetime | None:
        """The counters at the first look, on one target or over all."""
        return None
