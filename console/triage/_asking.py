"""The questions that runbooks have for Prometheus: few at once, not too often, and nobody waits long."""

import asyncio
from collections.abc import Iterable

from console.domain.text import visible
from console.domain.triage import Asked
from console.ports import Clock, Queries

KEEP_S = 15.0
_AT_ONCE = 8
_WAIT_S = 5.0
_MOST = 100


class Asking:
    """Answers by expression; without a Prometheus there are none."""

    def __init__(self, queries: Queries | None, clock: Clock, wait_s: float = _WAIT_S) -> None:
        self._queries = queries
        self._clock = clock
        self._wait_s = wait_s
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._kept: dict[str, tuple[float, Asked]] = {}

    async def ask(self, expressions: Iterable[str]) -> dict[str, Asked]:
        """The answer to each expression, at most ``KEEP_S`` old; one that does not come in time is a problem."""
        if self._queries is None:
            return {}
        now = self._clock.monotonic()
        self._kept = {query: kept for query, kept in self._kept.items() if now - kept[0] < KEEP_S}
        wanted = list(dict.fromkeys(expressions))[:_MOST]
        await self._fetch([query for query in wanted if query not in self._kept], self._queries)
        return {query: self._kept[query][1] for query in wanted if query in self._kept}

    async def _fetch(self, expressions: list[str], queries: Queries) -> None:
        if not expressions:
            return
        asked = {query: asyncio.create_task(self._one(query, queries)) for query in expressions}
        try:
            await asyncio.wait(asked.values(), timeout=self._wait_s)
        finally:
            for task in asked.values():
                task.cancel()
            await asyncio.gather(*asked.values(), return_exceptions=True)
        now = self._clock.monotonic()
        for query, task in asked.items():
            late = Asked(problem=f"no answer within {self._wait_s:g} s")
            self._kept[query] = (now, task.result() if task.done() and not task.cancelled() else late)

    async def _one(self, query: str, queries: Queries) -> Asked:
        async with self._turns:
            try:
                return await queries.ask(query)
            except Exception as error:  # noqa: BLE001 - a Prometheus that is odd must not end the walk
                return Asked(problem=visible(f"{type(error).__name__}: {error}"))
