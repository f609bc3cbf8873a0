"""Scenes of acting: a fleet worth changing, and what stands behind the door."""

import asyncio
from dataclasses import replace

from console.domain.action import Action, ActionKind
from console.domain.fleet import Confirm
from console.domain.journal import Entry
from console.domain.plan import Proposal
from console.domain.release import Release, ReleasedModel
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from tests.parts.knobs import Bench, knob_step
from tests.screens.stage import Stage
from tests.snapshots import NOW, fleet, model_row, slo, snapshot

READY = "   Run"
"""The button of a plan that can be run now."""


def picture(confirm: Confirm = Confirm.ENTER, model: str = "ranker", **changes: object) -> Snapshot:
    """A model whose version 7 burns its budget, while 6 is unloaded."""
    rows = [
        model_row(model, "7", slo=slo(ratio=3.4, burn=21.0)),
        model_row(model, "6", state=State.UNAVAILABLE, reason="unloaded", rate=None),
        model_row("embed", "3"),
    ]
    return snapshot(rows, **{"fleet": fleet("triton-0", confirm=confirm), **changes})


def two_knobs(bench: Bench) -> None:
    """Every acting key turns both knobs, each plan as long as its action says."""
    wanted = {"a": 2, "b": 2}
    kinds = (ActionKind.REDUCE, ActionKind.ROLLBACK, ActionKind.FREEZE, ActionKind.UNLOAD)
    bench.knobs.wanted = dict.fromkeys(kinds, wanted)


def refused(bench: Bench) -> None:
    """Nothing can be done, and why."""
    bench.knobs.proposal = Proposal(refusals=("mode none: roll the pod back instead",))


def release(model: str = "ranker", version: str = "5", at: float = NOW - 7200) -> Release:
    """A known-good release of one model."""
    return Release("good-1", at, "ana", "", (ReleasedModel(model, (version,), "{}", "x", {}),))


async def ran(bench: Bench, kind: ActionKind = ActionKind.REDUCE, **wish: object) -> Entry:
    """A plan that was run before the console opened; its entry."""
    plan = await bench.door.plan(Action(kind, **{"model": "ranker", **wish}))  # type: ignore[arg-type]
    await bench.door.run(plan)
    return next(entry for entry in await bench.door.entries() if entry.id == plan.id)


async def died(bench: Bench) -> str:
    """A plan whose console died after its first step; its id."""
    entry = await ran(bench)
    dead = len(bench.journal.records) - 3
    # Begin, intent and outcome of the first step; its process is no more.
    del bench.journal.records[dead:]
    begin = bench.journal.records[0]
    runner = {**begin.body["runner"], "pid": 2**22 + 1}  # type: ignore[dict-item]
    bench.journal.records[0] = begin._replace(body={**begin.body, "runner": runner})
    bench.knobs.values["b"] = 1
    return entry.id


def held(bench: Bench, subject: str = "b") -> None:
    """Both knobs, and the turn of this one waits until it is let go."""
    two_knobs(bench)
    bench.knobs.slow[subject] = asyncio.Event()


async def confirmed(stage: Stage) -> None:
    """Tab to Run, and press it."""
    await stage.until(READY)
    await stage.press("tab", "enter")


def long_call(bench: Bench) -> None:
    """A step whose call is far longer than any screen."""
    step = replace(knob_step("a", 1, 2), call="curl -d '" + "x" * 3000 + "'")
    bench.knobs.proposal = Proposal(steps=(step,), warnings=("a warning",), unknown=("who else calls it",))
