"""A Prometheus in a few lines, with samples of a test's choice: it answers the calls that the console makes of one."""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import web
from aiohttp.test_utils import TestServer

_LOOKBACK_S = 300.0
_NAMES = re.compile(r'__name__=~"([^"]*)"')
_BY = re.compile(r"count by \(([^)]*)\)")


class Series(NamedTuple):
    """One series: its name, its labels, and its samples as (epoch seconds, value)."""

    name: str
    labels: Mapping[str, str]
    samples: Sequence[tuple[float, float | str]]

    def at(self, moment: float) -> tuple[float, float | str] | None:
        """The newest sample of the last minutes."""
        found = [pair for pair in self.samples if moment - _LOOKBACK_S < pair[0] <= moment]
        return found[-1] if found else None


class FakePrometheus:
    """Answers about its series; ``asked`` are the queries, ``headers`` those of the last one.

    ``now`` is its own time. ``spoil`` may put another answer in an answer's place, by the query.
    """

    def __init__(self, series: Sequence[Series], now: float) -> None:
        self.series = series
        self.now = now
        self.asked: list[Mapping[str, str]] = []
        self.headers: Mapping[str, str] = {}
        self.warnings: list[str] = []
        self.spoil: Callable[[str], web.Response | None] = lambda _: None

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        asked = dict(request.query)
        self.asked.append(asked)
        self.headers = dict(request.headers)
        spoilt = self.spoil(asked["query"])
        if spoilt is not None:
            return spoilt
        result = self._range(asked) if "start" in asked else self._census(asked["query"])
        body = {
            "status": "success",
            "data": {"resultType": "any", "result": result},
            "warnings": self.warnings,
        }
        return web.Response(text=json.dumps(body), content_type="application/json")

    def _census(self, query: str) -> list[Any]:
        by = _BY.match(query)
        assert by is not None, query
        names = by[1].split(", ")
        found = Counter(
            tuple((name, each.labels[name]) for name in names if name in each.labels)
            for each in self.series
            if each.name in query
        )
        return [{"metric": dict(labels), "value": [self.now, str(n)]} for labels, n in found.items()]

    def _range(self, asked: Mapping[str, str]) -> list[Any]:
        start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
        steps = [start + n * step for n in range(int((end - start) / step + 1.5))]
        names = _NAMES.search(asked["query"])
        rows = []
        for each in self.series:
            named = names is not None and each.name in names[1].split("|")
            stamped = asked["query"].startswith(f"timestamp({each.name}")
            if not (named or stamped):
                continue
            found = [(at, pair) for at in steps if (pair := each.at(at)) is not None]
            metric = {**each.labels, **({"__name__": each.name} if named else {})}
            values = [[at, str(pair[1] if named else pair[0])] for at, pair in found]
            rows += [{"metric": metric, "values": values}] if values else []
        return rows


@asynccontextmanager
async def serving(prometheus: FakePrometheus) -> AsyncIterator[str]:
    """Serve it on loopback; yields the base URL."""
    app = web.Application()
    app.router.add_get("/api/v1/{call}", prometheus.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("/")).rstrip("/")
    finally:
        await server.close()
