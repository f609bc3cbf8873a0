"""What ``recover`` asks of the door without a plan."""

from console.cli._act_run import opened, settle
from console.domain.fleet import Fleet
from console.domain.journal import Entry


async def settled(fleet: Fleet) -> tuple[Entry, ...]:
    """The unfinished plans, their steps in flight read back."""
    async with opened(fleet, 0.0) as engine:
        return await engine.door.unfinished()


async def handle(fleet: Fleet, plan: str, reason: str) -> None:
    """Write down that people have taken care of a plan."""
    async with opened(fleet, 0.0) as engine:
        await settle(engine.door, plan)
        await engine.door.handled(plan, reason)
