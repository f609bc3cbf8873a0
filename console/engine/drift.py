"""Whether what the standing plans changed is still as they left it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from console.domain.drift import Drift, DriftReading
from console.domain.journal import Entry
from console.domain.plan import ControlError, Step
from console.domain.run import Outcome
from console.domain.states import holds
from console.engine.executor import read_state
from console.ports import Clock, Control

WATCHED_S = 24 * 3600.0


async def drifted(
    entries: Sequence[Entry], controls: Mapping[str, Control], clock: Clock
) -> tuple[Drift, ...]:
    """Each thing whose state is no longer what the newest standing plan made of it; what cannot be read is left out."""
    newest: dict[tuple[str, str], tuple[Entry, Step]] = {}
    for entry in entries:
        if entry.standing and clock.now() - entry.at < WATCHED_S:
            for step, run in entry.touched:
                if run.outcome is Outcome.DONE and step.after is not None and step.control in controls:
                    newest[step.control, step.subject] = entry, step
    looks = (_look(entry, step, controls[step.control]) for entry, step in newest.values())
    return tuple(drift for drift in await asyncio.gather(*looks) if drift is not None)


class DriftSource:
    """Looks at intervals whether somebody has undone what stands."""

    name = "drift"
    target: str | None = None
    every = 10.0
    timeout = 5.0

    def __init__(self, look: Callable[[], Awaitable[tuple[Drift, ...]]]) -> None:
        self._look = look

    async def poll(self) -> DriftReading:
        """Every drift there is now."""
        return DriftReading(await self._look())

    async def close(self) -> None:
        """Nothing to release: the controls are the door's."""


async def _look(entry: Entry, step: Step, control: Control) -> Drift | None:
    now = await read_state(control, step)
    if isinstance(now, ControlError) or holds(step.after, now):
        return None
    return Drift(entry.id, step.control, step.subject, step.after, now)
