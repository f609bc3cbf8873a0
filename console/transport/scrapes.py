"""The servers that a fleet's Prometheus scrapes, or whatever stands in for a Prometheus."""

import asyncio
from collections.abc import Collection, Mapping

import msgspec

from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.found import Found
from console.domain.scrapes import Labels, Scraped, found_scraped
from console.domain.text import visible
from console.transport._prometheus_answer import Rows, read
from console.transport._prometheus_http import PrometheusHttp
from console.transport.kit import Kit

SECONDS = 5.0
_BODY_LIMIT = 16 * 2**20
_NAME = "__name__"
# One of these every Triton has, be it without a model or without a GPU.
_FAMILIES = (
    "nv_inference_request_success|nv_inference_count|nv_cpu_utilization|nv_pinned_memory_pool_total_bytes"
)
_WHERE = "instance, job, pod, namespace, node"

_Key = frozenset[tuple[str, str]]


class _Active(msgspec.Struct):
    labels: dict[str, str]
    url: str = msgspec.field(default="", name="scrapeUrl")


class _Data(msgspec.Struct):
    active: list[_Active] = msgspec.field(name="activeTargets")


class _Body(msgspec.Struct):
    data: _Data


class Scrapes:
    """Looks up what is scraped: two queries, and the addresses where they are told and something is new."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._wanted = fleet.discovery
        self._prometheus = PrometheusHttp(fleet, kit.http)
        self._urls: dict[_Key, str] = {}
        self._told: Collection[_Key] | None = None

    @property
    def asked(self) -> str:
        """What is looked for, in words."""
        return f"up{{{self._wanted.prometheus}}}"

    async def look(self) -> Found:
        """What is scraped as targets; raises SourceError."""
        selector = self._wanted.prometheus
        series = f'{{__name__=~"{_FAMILIES}",{selector}}}'
        async with asyncio.timeout(SECONDS):
            up, tritons = await asyncio.gather(
                self._query(f"up{{{selector}}}"), self._query(f"count by ({_WHERE}) ({series})")
            )
            # A selector of what only a model's series have finds no ``up``.
            rows = [row.metric for row in up.rows or tritons.rows]
            urls = await self._addresses(frozenset(map(_key, rows))) if up.rows else {}
        known = {row.metric.get("instance", "") for row in tritons.rows}
        scraped = [Scraped(labels, urls.get(_key(labels), "")) for labels in rows]
        found = found_scraped(scraped, known, self._wanted)
        notes = dict.fromkeys(visible(said) for said in (*up.warnings, *tritons.warnings))
        nothing = () if rows else (f"nothing that is scraped matches {visible(self.asked)}",)
        return found._replace(notes=(*nothing, *found.notes, *notes))

    async def _query(self, text: str) -> Rows:
        answer = await self._prometheus.ask("query", {"query": text}, _BODY_LIMIT)
        return read(answer, self._prometheus.url("query"), self._prometheus.headers)

    async def _addresses(self, keys: Collection[_Key]) -> Mapping[_Key, str]:
        """Where each is scraped; of those that Thanos and its like keep, that is not told."""
        if keys != self._told:
            try:
                answer = await self._prometheus.ask("targets", {"state": "active"}, _BODY_LIMIT)
                body = msgspec.json.decode(answer.body, type=_Body) if answer.status == 200 else None
            except (SourceError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                body = None
            self._urls = {_key(each.labels): each.url for each in body.data.active} if body else {}
            self._told = keys
        return self._urls


def _key(labels: Labels) -> _Key:
    return frozenset((name, text) for name, text in labels.items() if name != _NAME)
