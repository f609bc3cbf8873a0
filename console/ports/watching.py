"""What is watched and asked: the clock, sources, and those that answer questions."""

from collections.abc import Mapping
from typing import Protocol

from console.domain.sample import Reading, Spread
from console.domain.snapshot import Snapshot
from console.domain.triage import Asked, Library, Overrule, Walk


class Clock(Protocol):
    """Time as the engine sees it: the system's in wiring, a hand-driven one in tests."""

    def now(self) -> float:
        """Wall time in seconds since the epoch, UTC; it may step."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; for differences only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of this clock."""
        ...


class Source(Protocol):
    """One thing that is polled.

    ``name`` is unique in the fleet. ``target`` names the server it belongs to, or is
    None. ``every`` and ``timeout`` are seconds.
    """

    name: str
    target: str | None
    every: float
    timeout: float

    async def poll(self) -> Reading | Spread:
        """One reading, or a spread of them; raises SourceError when nothing usable came back."""
        ...

    async def close(self) -> None:
        """Release connections; the source is not polled again."""
        ...


class Queries(Protocol):
    """A Prometheus that answers PromQL."""

    async def ask(self, query: str) -> Asked:
        """The newest value of an expression; what goes wrong is the answer's ``problem``."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Triage(Protocol):
    """Walks runbooks on snapshots; whoever shows a walk reaches it as ``engine.triage``."""

    @property
    def library(self) -> Library:
        """The runbooks, and what is wrong with those that cannot be read."""
        ...

    def runbook_for(self, alert: str) -> str:
        """The id of the runbook that an alert of that id opens, empty where none names it."""
        ...

    async def look(
        self,
        snapshot: Snapshot,
        model: str,
        runbook: str = "",
        overrules: Mapping[str, Overrule] | None = None,
    ) -> Walk:
        """A runbook walked on the picture, the one that fits best where none is named; ``overrules`` by id of the step.

        Raises LookupError when there is no such runbook.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
