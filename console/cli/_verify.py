"""Asks every target for its readiness and how the model's contract stands, all at the same time."""

import asyncio

from console.cli._act_run import opened
from console.domain.fleet import Fleet
from console.domain.plan import Check
from console.domain.run import Verdict
from console.transport.contract_files import ContractFiles


async def verdicts(fleet: Fleet, model: str, version: str, seconds: float) -> tuple[Verdict, ...]:
    """The checks of a version, any where it is empty, on each target in the fleet's order; then its contract's clauses.

    The fleet is watched for so many seconds where the contract promises what only that tells.
    """
    contract = await asyncio.to_thread(ContractFiles(fleet).of, model)
    look_s = seconds if contract is not None and contract.measured else 0.0
    async with opened(fleet, look_s) as engine:
        asked = (engine.door.verify(Check(target.name, model, version)) for target in fleet.targets)
        found = await asyncio.gather(*asked, engine.door.contract(model, version))
    return tuple(verdict for each in found for verdict in each)
