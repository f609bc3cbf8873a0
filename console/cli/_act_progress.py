"""A run on its way: a line for each step that has ended, and on a terminal one for the step in flight."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console.cli._act_talk import Talk
from console.cli._hide import hidden
from console.domain.plan import Plan
from console.domain.run import Outcome, Run
from console.view.run import pairs, step_line
from console.view.styled import EMPTY, fit

_TICK_S = 0.2
_ONGOING = (Outcome.WAITING, Outcome.RUNNING)


class Progress:
    """Takes each change of a run and says what is new."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._told = 0
        self._run: Run | None = None

    def take(self, run: Run) -> None:
        """Tell the steps that have ended since."""
        run = hidden(run, self._talk.secrets)
        self._run = run
        if self._talk.silent:
            return
        now = time.time()
        if self._talk.live:
            self._talk.over(EMPTY)
        for number, (step, each) in enumerate(pairs(run)[self._told :], self._told + 1):
            if each.outcome in _ONGOING:
                break
            self._talk.lines(step_line(number, step, each, self._talk.cells, now))
            self._told = number
        self._flight()

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Keep the step in flight, and how long it takes, in sight meanwhile."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            if self._talk.live:
                self._talk.over(EMPTY)

    def interrupted(self, plan: Plan) -> str:
        """What an operator who stopped waiting must know."""
        flying = (
            [step.title for step, each in pairs(self._run) if each.outcome is Outcome.RUNNING]
            if self._run
            else []
        )
        under_way = f"{flying[0]}: was under way and may go on by itself" if flying else "between two steps"
        return f"interrupted. {under_way}. The journal has it as {plan.id}; see, go on or undo: triton-console recover {plan.id}"

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self._flight()

    def _flight(self) -> None:
        """The step in flight on a line that is written over."""
        if self._run is None or not self._talk.live:
            return
        for number, (step, each) in enumerate(pairs(self._run), 1):
            if each.outcome is Outcome.RUNNING:
                line = step_line(number, step, each, 10_000, time.time())[0]
                self._talk.over(fit(line, self._talk.cells - 1))
