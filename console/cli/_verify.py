"""Asks every target for its readiness and how the model's contract stands, all at the same time."""

import asyncio
import shlex

from console.cli._act_run import opened
from console.cli._errors import CliError
from console.cli._found import none_found
from console.domain.fleet import Fleet
from console.domain.plan import Check
from console.domain.run import Verdict
from console.transport.contract_files import ContractFiles


async def verdicts(fleet: Fleet, model: str, version: str, seconds: float) -> tuple[Verdict, ...]:
    """The checks of a version, any where it is empty, on each target in the fleet's order; then its contract's clauses.

    The fleet is watched for so many seconds where the contract promises what only that tells, or only that tells which
    targets there are.
    """
    contract = await asyncio.to_thread(ContractFiles(fleet).of, model)
    measured = contract is not None and contract.measured
    async with opened(fleet, seconds if measured or fleet.unfolding else 0.0) as engine:
        seen = engine.snapshot
        missing = none_found(seen) if seen is not None else None
        if missing is not None:
            raise missing
        targets = fleet.targets if seen is None else seen.fleet.targets
        servers = [target.name for target in targets if not target.scraped]
        asked = (engine.door.verify(Check(name, model, version)) for name in servers)
        found = await asyncio.gather(*asked, engine.door.contract(model, version))
    told = tuple(verdict for each in found for verdict in each)
    if not told and fleet.through_prometheus:
        said = f"{fleet.name} is seen through Prometheus, which tells no readiness"
        hint = f"name one of its servers: triton-console verify {shlex.quote(model)} http://SERVER:8000"
        raise CliError(said, hint, id="seen_through_prometheus", code=1)
    return told
