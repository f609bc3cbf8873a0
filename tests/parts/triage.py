"""A triage that answers as it is told, and remembers what it was asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from console.domain.snapshot import Snapshot
from console.domain.triage import Library, Overrule, Walk
from tests.parts.walks import BOOK, walk


class Question(NamedTuple):
    """What was asked."""

    snapshot: Snapshot
    model: str
    runbook: str
    overrules: Mapping[str, Overrule]


@dataclass
class ToldTriage:
    """Answers every question with ``walk``, of the model that was asked for; raises ``error`` where there is one.

    ``held`` are models whose answer waits for an event, and comes even when nobody waits for it any more.
    """

    walk: Walk = field(default_factory=walk)
    library: Library = field(default_factory=lambda: Library({BOOK.id: BOOK}))
    alerts: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    def runbook_for(self, alert: str) -> str:
        """As told."""
        return self.alerts.get(alert, "")

    async def look(
        self,
        snapshot: Snapshot,
        model: str,
        runbook: str = "",
        overrules: Mapping[str, Overrule] | None = None,
    ) -> Walk:
        """The walk, with the named runbook."""
        self.asked.append(Question(snapshot, model, runbook, dict(overrules or {})))
        if model in self.held:
            await self.held[model].wait()
        if self.error is not None:
            raise self.error
        book = self.library.runbooks.get(runbook, self.walk.runbook)
        return replace(self.walk, model=model, runbook=book, at=snapshot.at)
