"""Asking the triage: one question at a time, each picture anew, and only the newest question's answer counts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from textual.widget import Widget

from console.domain.snapshot import Snapshot
from console.domain.triage import Overrule, Walk
from screens.case import Case
from screens.deciding import Deciding
from screens.engine import Engine, Triage


class Looks:
    """The question that is open, and its last answer: ``walk``, or the ``error`` in its place.

    Work is done by workers of ``owner``, which is told of each answer.
    """

    def __init__(self, owner: Widget, deciding: Deciding, answered: Callable[[], None]) -> None:
        self._owner = owner
        self._deciding = deciding
        self._answered = answered
        self._own: dict[tuple[str, str], dict[str, Overrule]] = {}
        self._question = 0
        self._wanted: Snapshot | None = None
        self._seen: Snapshot | None = None
        self._busy = False
        self.case = Case("")
        self.walk: Walk | None = None
        self.error: Exception | None = None

    @property
    def own(self) -> Mapping[str, Overrule]:
        """The answers of people that count in this case, by step."""
        return self._own.get((self.case.model, self.case.runbook), {})

    def open(self, case: Case) -> None:
        """Turn to this case; what was answered to another one is gone."""
        if case != self.case:
            self.case = case
            self.walk = self.error = None
            self._anew()

    def overrule(self, step: str, own: Overrule | None) -> None:
        """Answer a step of the last walk, or take that back; the walk's runbook stays from then on."""
        if self.walk is None:
            return
        self.case = Case(self.walk.model, self.walk.runbook.id)
        answers = self._own.setdefault((self.case.model, self.case.runbook), {})
        if own is not None:
            answers[step] = own
        else:
            answers.pop(step, None)
        self._deciding.overruled(self.walk, step, own)
        self._anew()

    def look(self, snapshot: Snapshot) -> None:
        """Ask about this picture, as soon as the one before is answered."""
        self._wanted = snapshot
        if not self._busy:
            self._start()

    def _anew(self) -> None:
        self._question += 1
        self._seen = None
        self._start()

    def _start(self) -> None:
        engine = self._deciding.engine
        if engine is None or self._wanted is None or self._wanted is self._seen:
            return
        self._busy = True
        work: Callable[[], Awaitable[None]] = partial(self._work, engine, self._question)
        self._owner.run_worker(work, group="look", exclusive=True, exit_on_error=False)

    async def _work(self, engine: Engine, question: int) -> None:
        while question == self._question and self._wanted is not None and self._wanted is not self._seen:
            snapshot = self._seen = self._wanted
            try:
                walk = await self._ask(engine.triage, snapshot)
            except Exception as error:  # noqa: BLE001 - whatever it is, the operator reads it in place of a walk
                self._take(question, None, error)
            else:
                self._take(question, walk, None)
        if question == self._question:
            self._busy = False

    async def _ask(self, triage: Triage, snapshot: Snapshot) -> Walk:
        case = self.case
        runbook = case.runbook
        if case.alert and not runbook:
            # The runbooks are read from files on first use.
            runbook = await asyncio.to_thread(triage.runbook_for, case.alert)
        return await triage.look(snapshot, case.model, runbook, self.own)

    def _take(self, question: int, walk: Walk | None, error: Exception | None) -> None:
        if question != self._question:
            return
        self.walk, self.error = walk, error
        if walk is not None:
            self._deciding.concluded(walk)
        self._answered()
