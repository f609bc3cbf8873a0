"""A control at work without a door: what it proposes, the steps carried out and read back, and undone."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.plan import Proposal, Step
from console.domain.release import Release
from console.domain.situation import Situation
from console.domain.states import Json, holds
from console.engine.door import Door, Parts
from console.ports import Control
from tests.parts.backends import Backends
from tests.parts.knobs import CalmVerifier, MemoryJournal, MemoryReleases, MemoryRepository
from tests.snapshots import NOW, snapshot

_LOOKS = 50
# Requests on their way are counted on one side already.
_EDGE = 0.01


def situation(**changed: Any) -> Situation:
    """Everything is calm, nothing stands."""
    return Situation(**{"snapshot": snapshot(), "now": NOW, "plan": "abc234", **changed})


async def reduction(control: Control, percent: float, model: str = "ranker") -> Proposal:
    """What the control proposes for ``reduce --model M --to P``."""
    return await _proposal(control, Action(ActionKind.REDUCE, model=model, percent=percent), situation())


async def rollback(control: Control, routes: Mapping[str, Json] | None, model: str = "ranker") -> Proposal:
    """What the control proposes for a rollback to a release with these routes, or to none."""
    release = None if routes is None else Release("good1", NOW, "ana", "", (), routes=routes)
    return await _proposal(control, Action(ActionKind.ROLLBACK, model=model), situation(release=release))


async def _proposal(control: Control, action: Action, at: Situation) -> Proposal:
    survey = await control.survey(action, at)
    assert survey is not None
    return control.propose(action, at, survey)


async def carry_out(control: Control, steps: Sequence[Step]) -> None:
    """Take the steps as the executor does: held before, applied, read back until it is so."""
    for step in steps:
        actual = await control.read(step)
        assert holds(step.before, actual), f"{step.subject} is {actual}, not {step.before}"
        await control.apply(step)
        assert await becomes(control, step), f"{step.subject} is {await control.read(step)}, not {step.after}"


async def undo(control: Control, steps: Sequence[Step]) -> None:
    """Take the inverses, the last first."""
    inverses = [step.inverse for step in reversed(steps)]
    assert all(inverses)
    await carry_out(control, [inverse for inverse in inverses if inverse])


async def becomes(control: Control, step: Step) -> bool:
    """Whether the step's after comes true within a second."""
    for _ in range(_LOOKS):
        if holds(step.after, await control.read(step)):
            return True
        await asyncio.sleep(0.02)
    return False


def door(*controls: Control) -> Door:
    """A door on real controls and the real clock; journal and releases are in memory."""
    parts = Parts(
        controls=controls,
        journal=MemoryJournal(),
        releases=MemoryReleases(),
        repository=MemoryRepository(),
        verifier=CalmVerifier(),
        clock=SystemClock(),
        random=Random(7),
        who="ana@bastion",
    )
    picture = snapshot()
    return Door(Fleet(), parts, lambda: picture)


def chance(share: float, requests: int) -> Any:
    """What a share counted over so many requests must equal: five standard errors, which one run in a million leaves."""
    return pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / requests) + _EDGE)


class Shares:
    """Shares over the time since it was made: as the gateway counts them, and as the backends know them."""

    def __init__(self, control: Control, behind: Backends, subject: str) -> None:
        self._control = control
        self._behind = behind
        self._subject = subject

    async def begin(self) -> "Shares":
        """Remember the counters."""
        self._answered = dict(self._behind.answered)
        self._counted = await self._control.traffic(self._subject)
        return self

    async def after(self, requests: int) -> None:
        """Wait until the backends have answered that many more, at most ten seconds."""
        for _ in range(500):
            if self._behind.since(self._answered).total() >= requests:
                return
            await asyncio.sleep(0.02)

    async def counted(self) -> float:
        """The share by the gateway's counters."""
        now = await self._control.traffic(self._subject)
        assert now is not None
        assert self._counted is not None
        return (now.kept - self._counted.kept) / (now.total - self._counted.total)

    def near(self, share: float) -> Any:
        """What a share of what was answered so far must equal where each request is sent by chance."""
        return chance(share, self._behind.since(self._answered).total())

    def served(self, *names: str) -> float:
        """The share by the backends that answered."""
        answered = self._behind.since(self._answered)
        return sum(answered[name] for name in names) / answered.total()
