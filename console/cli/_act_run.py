"""From an action to its exit code: observe, plan, show, ask, run, measure."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console import wiring
from console.cli._act_ask import confirmed
from console.cli._act_progress import Progress
from console.cli._act_talk import Talk
from console.cli._codes import FAILED, REFUSED, VERIFIED
from console.cli._errors import CliError, print_json
from console.cli._hide import hidden
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.journal import JournalError
from console.domain.plan import Plan
from console.domain.run import Outcome, Result, Run
from console.domain.text import visible
from console.engine.door import Door
from console.engine.engine import Engine
from console.view.plan_json import plan_object, refused_object, run_object
from console.view.run import seconds

# Two polls so far apart give the rates of a plan; an effect is held against a longer look.
LOOK_S = 1.0
_LONGEST_LOOK_S = 10.0
# Enough where the plan says nothing about traffic now.
GLANCE_S = 0.2
_WITHOUT_RATES = (
    ActionKind.FREEZE,
    ActionKind.UNFREEZE,
    ActionKind.RESTORE,
    ActionKind.UNDO,
    ActionKind.CONTINUE,
)
_FOLLOWING = (ActionKind.UNDO, ActionKind.CONTINUE)
_CODES = {Result.VERIFIED: VERIFIED, Result.REFUSED: REFUSED}


@asynccontextmanager
async def opened(fleet: Fleet, look_s: float) -> AsyncIterator[Engine]:
    """An engine that has looked at the fleet and goes on polling; without ``look_s`` it does neither."""
    engine = wiring.build(fleet)
    polling: asyncio.Task[None] | None = None
    try:
        if look_s:
            await engine.observe(look_s)
            polling = asyncio.create_task(engine.run())
        yield engine
    finally:
        if polling is not None:
            polling.cancel()
            # Whatever ended it: the picture it would have made is not needed any more.
            await asyncio.gather(polling, return_exceptions=True)
        await engine.close()


async def acted(options: argparse.Namespace, fleet: Fleet, action: Action, unreachable: str = "") -> int:
    """Do the action as the options say; ``unreachable`` is what to say when nothing answers at all."""
    least_s = GLANCE_S if action.kind in _WITHOUT_RATES else LOOK_S
    look_s = min(max(options.effect, least_s), _LONGEST_LOOK_S)
    async with opened(fleet, look_s) as engine:
        if unreachable and engine.snapshot is not None and not engine.snapshot.up:
            message = "no Triton at localhost:8000, and no other target is known"
            raise CliError(message, unreachable, id="unreachable", code=REFUSED)
        if action.kind in _FOLLOWING:
            await settle(engine.door, action.plan)
        return await _offered(options, fleet, engine.door, await engine.door.plan(action))


async def _offered(options: argparse.Namespace, fleet: Fleet, door: Door, plan: Plan) -> int:
    """Show the plan, and run it if that is wanted."""
    talk = Talk(options)
    if options.json and (options.dry_run or plan.refusal):
        shown = hidden(plan, options.secrets)
        print_json(plan_object(shown) if options.dry_run else refused_object(shown))
    elif not (options.json and options.yes):
        talk.planned(plan)
    if plan.refusal and not options.json:
        await _hint(door, plan, talk)
    if options.dry_run or plan.refusal:
        return REFUSED if plan.refusal else VERIFIED
    if not plan.runs:
        return _told(options, Run(plan.id, plan, (), Result.VERIFIED, "nothing to change"))
    if plan.steps and not options.yes and not await confirmed(plan, fleet.confirm, talk):
        raise CliError("nothing was changed: the plan was not confirmed", id="cancelled", code=REFUSED)
    return await _confirmed(options, door, plan, talk)


async def _confirmed(options: argparse.Namespace, door: Door, plan: Plan, talk: Talk) -> int:
    """Run the plan, measure what it did if that is wanted, and tell."""
    run = await _run(door, plan, talk)
    if not options.json:
        talk.ended(run)
    if options.effect and any(step.outcome is Outcome.DONE for step in run.steps):
        run = await _measured(door, run, options.effect, talk)
        if not options.json:
            talk.measured(run)
    return _told(options, run)


def _told(options: argparse.Namespace, run: Run) -> int:
    if options.json:
        print_json(run_object(hidden(run, options.secrets)))
    return _CODES.get(run.result, FAILED)


async def _run(door: Door, plan: Plan, talk: Talk) -> Run:
    """Run it, with its progress in sight; says what goes on by itself when it is interrupted."""
    progress = Progress(talk)
    try:
        async with progress.shown():
            return await door.run(plan, progress.take)
    except asyncio.CancelledError:
        talk.note(progress.interrupted(plan))
        raise


async def _measured(door: Door, run: Run, wait_s: float, talk: Talk) -> Run:
    talk.note(f"measuring the effect for {seconds(wait_s)} …")
    try:
        return await door.effect(run, wait_s)
    except asyncio.CancelledError:
        talk.note(f"interrupted: {run.id} stands, its effect was not measured")
        raise
    except JournalError as error:
        talk.note(f"{run.id} stands, its effect could not be written down: {error}")
        return run


async def settle(door: Door, plan: str) -> None:
    """Read back what a plan of a dead console left in flight; raises CliError while a living one runs it."""
    for entry in await door.entries():
        if (
            entry.id == plan
            and entry.unfinished
            and plan not in {each.id for each in await door.unfinished()}
        ):
            runner = f"process {entry.runner.pid} on {visible(entry.runner.host, 60)}"
            raise CliError(
                f"{plan} is still run by {entry.who}: {runner}",
                "wait for it, or end that console first",
                id="running",
                code=REFUSED,
            )


async def _hint(door: Door, plan: Plan, talk: Talk) -> None:
    """Name the way out, where a plan that was cut short stands in the way."""
    for entry in await door.entries():
        if entry.unfinished and entry.id in plan.refusal:
            talk.note(f"settle {entry.id} first: triton-console recover {entry.id}")
