"""Asks every target for its readiness, all at the same time."""

import asyncio

from console.cli._act_run import opened
from console.domain.fleet import Fleet
from console.domain.plan import Check
from console.domain.run import Verdict


async def verdicts(fleet: Fleet, model: str, version: str) -> tuple[Verdict, ...]:
    """The checks of a version, any where it is empty, on each target in the fleet's order."""
    async with opened(fleet, 0.0) as engine:
        asked = (engine.door.verify(Check(target.name, model, version)) for target in fleet.targets)
        found = await asyncio.gather(*asked)
    return tuple(verdict for each in found for verdict in each)
