"""The journal, looked at every second, so that what any console did shows here."""

import asyncio
from collections.abc import Sequence

from console.domain.fleet import Fleet
from console.domain.journal import JournalNews, Record, RecordKind, entries
from console.engine._incidents import RECENT_S
from console.ports import Clock, Journal

NAME = "journal"


class JournalSource:
    """Tells what the journal has that it had not before; of plans on other fleets' targets nothing.

    The first look tells of the plans of the last two hours. Whatever is told of a plan, its beginning comes with it or
    came before it.
    """

    name = NAME
    target: str | None = None
    every = 1.0
    timeout = 5.0

    def __init__(self, journal: Journal, clock: Clock, fleet: Fleet) -> None:
        self._journal = journal
        self._clock = clock
        self._fleet = fleet
        self._last: tuple[int, Record] | None = None
        self._since: float | None = None
        self._heard: set[str] = set()
        self._elsewhere: set[str] = set()

    async def poll(self) -> JournalNews:
        """The records that are new."""
        if self._since is None:
            self._since = self._clock.now() - RECENT_S
        records = (await asyncio.to_thread(self._journal.read)).records
        new = self._new(records)
        if records:
            self._last = len(records), records[-1]
        if not new:
            return JournalNews(())
        plans = {records[number].plan for number in new}
        unheard = plans - self._heard
        self._heard |= plans
        told = [each for number, each in enumerate(records) if number in new or each.plan in unheard]
        begun = entries(each for each in told if each.kind is RecordKind.BEGIN)
        self._elsewhere |= {entry.id for entry in begun if not entry.concerns(self._fleet)}
        return JournalNews(tuple(each for each in told if each.plan not in self._elsewhere))

    async def close(self) -> None:
        """Nothing is kept open."""

    def _new(self, records: Sequence[Record]) -> frozenset[int]:
        """Which records were not there before, by their place; of another journal in its place those that are later."""
        since = self._since or 0.0
        if self._last is not None:
            count, last = self._last
            if len(records) >= count and records[count - 1] == last:
                return frozenset(range(count, len(records)))
            since = max(since, last.at)
        return frozenset(number for number, each in enumerate(records) if each.at > since)
