"""The one door through which the screens change anything, as they see it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from console.domain.action import Action
from console.domain.journal import Damage, Entry
from console.domain.plan import Plan
from console.domain.release import Release
from console.domain.run import Run


class Door(Protocol):
    """Plans, runs and remembers changes; every call may raise what the controls and the journal raise."""

    @property
    def who(self) -> str:
        """Who acts here."""
        ...

    async def plan(self, action: Action) -> Plan:
        """A plan of the action; what cannot be done is its refusal."""
        ...

    async def run(self, plan: Plan, report: Callable[[Run], None]) -> Run:
        """Run the plan and report each change of the run."""
        ...

    async def effect(self, run: Run) -> Run:
        """Wait, then measure what the run did; a minute, usually."""
        ...

    async def entries(self) -> tuple[Entry, ...]:
        """The journal's plans, oldest first."""
        ...

    async def standing(self) -> tuple[Entry, ...]:
        """The plans on this fleet's targets whose changes stand, oldest first."""
        ...

    async def damages(self) -> tuple[Damage, ...]:
        """Where the journal is not what was written."""
        ...

    async def unfinished(self) -> tuple[Entry, ...]:
        """The plans whose console died, as the world says they stand."""
        ...

    async def handled(self, plan: str, reason: str) -> None:
        """Write down that somebody has taken care of an unfinished plan."""
        ...

    async def mark_good(
        self, models: Sequence[str], note: str, report: Callable[[float, str], None]
    ) -> Release:
        """Keep what serves now as known-good; reports the share done (0-1) and what is being read."""
        ...

    async def releases(self) -> tuple[Release, ...]:
        """The known-good releases, oldest first."""
        ...
