"""The door of a replay: it tells what was done, and changes nothing."""

from collections.abc import Callable, Sequence

from console.domain.action import Action
from console.domain.journal import Damage, Entry, JournalError, Record, entries
from console.domain.plan import Plan
from console.domain.release import Release
from console.domain.run import Outcome, Result, Run, StepRun

_NOTHING = "a replay changes nothing"


class ReplayDoor:
    """The journal as the recording tells it; every way to change something says that there is none."""

    def __init__(self, who: str = "") -> None:
        self.who = who
        self.read_only = True
        self._records: Sequence[Record] = ()

    def known(self, records: Sequence[Record]) -> None:
        """The journal as far as it was read by the moment that is shown."""
        self._records = records

    async def plan(self, action: Action) -> Plan:
        """A plan that says that nothing can be done."""
        return Plan(action, action.kind.value, refusal=_NOTHING)

    async def run(self, plan: Plan, report: Callable[[Run], None]) -> Run:  # noqa: ARG002 - there is nothing to report
        """A run that was refused."""
        return Run(
            plan.id, plan, tuple(StepRun(Outcome.SKIPPED) for _ in plan.steps), Result.REFUSED, _NOTHING
        )

    async def effect(self, run: Run) -> Run:
        """The run as it is: a recording tells effects by itself."""
        return run

    async def entries(self) -> tuple[Entry, ...]:
        """The plans that were known by now, oldest first."""
        return entries(self._records)

    async def standing(self) -> tuple[Entry, ...]:
        """None: nothing can be taken back from here."""
        return ()

    async def damages(self) -> tuple[Damage, ...]:
        """None: a recording has the journal's records, not its file."""
        return ()

    async def unfinished(self) -> tuple[Entry, ...]:
        """None: nobody can settle them from here."""
        return ()

    async def handled(self, plan: str, reason: str) -> None:  # noqa: ARG002 - nothing is written
        """Raises JournalError: nothing is written."""
        raise JournalError(_NOTHING)

    async def mark_good(
        self,
        models: Sequence[str],  # noqa: ARG002 - nothing is kept
        note: str,  # noqa: ARG002
        report: Callable[[float, str], None],  # noqa: ARG002
    ) -> Release:
        """Raises JournalError: what served then cannot be captured now."""
        raise JournalError(_NOTHING)

    async def releases(self) -> tuple[Release, ...]:
        """None: releases are not in a recording."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""
