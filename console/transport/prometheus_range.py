"""What a Prometheus knows of a stretch of time: who was scraped, when, and each family's series."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.domain.failure import Failure, FailureKind, SourceError
from console.transport._prometheus_answer import Rows, read
from console.transport._prometheus_http import PrometheusHttp
from console.transport._prometheus_instances import IDENTITY, Instance
from console.transport._prometheus_refusal import PART
from console.transport._prometheus_series import Grid

BODY_LIMIT = 64 * 2**20
# Every Triton has it of each model that it serves.
ANCHOR = "nv_inference_request_success"
_LONGEST_SELECTOR = 2000
_BY = ", ".join(IDENTITY)


class Census(NamedTuple):
    """Every Triton that was scraped, how many models' series it has, and Prometheus's own time (epoch seconds)."""

    instances: tuple[Instance, ...]
    now: float


class PrometheusRange:
    """Asks within ``seconds`` from now in all; its calls raise SourceError."""

    def __init__(self, prometheus: PrometheusHttp, seconds: float) -> None:
        self._prometheus = prometheus
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds

    async def census(self, seconds: float) -> Census:
        """Who was scraped in the last seconds."""
        query = f"count by ({_BY}) (count_over_time({ANCHOR}[{max(1, int(seconds))}s]))"
        found = await self._ask("query", {"query": query})
        rows = [(row, row.value) for row in found.rows if row.value is not None]
        instances = tuple(Instance(identity(row.metric), _count(value[1])) for row, value in rows)
        return Census(instances, max((value[0] for _, value in rows), default=0.0))

    async def scrapes(self, grid: Grid, selector: str) -> Rows:
        """When the newest scrape of each step was made, of every version: its value is repeated for minutes."""
        return await self._range(grid, f"timestamp({ANCHOR}{selector})")

    async def series(self, grid: Grid, names: Iterable[str], selector: str) -> Rows:
        """Every series of these names."""
        name = f'__name__=~"{"|".join(names)}"'
        return await self._range(grid, f"{{{name},{selector[1:-1]}}}" if selector else f"{{{name}}}")

    async def _range(self, grid: Grid, query: str) -> Rows:
        times = {"start": f"{grid.start:.3f}", "end": f"{grid.times[-1]:.3f}", "step": f"{grid.step:g}"}
        return await self._ask("query_range", {"query": query, **times})

    async def _ask(self, call: str, parameters: Mapping[str, str]) -> Rows:
        limit = {"timeout": f"{self._seconds:g}s"}
        try:
            async with asyncio.timeout_at(self._deadline):
                answer = await self._prometheus.ask(call, {**parameters, **limit}, BODY_LIMIT)
                # Megabytes of it take a while to read.
                return await asyncio.to_thread(
                    read, answer, self._prometheus.url(call), self._prometheus.headers
                )
        except TimeoutError:
            said = f"no answer within {self._seconds:g} s at {self._prometheus.url(call)}"
            hint = "is it overloaded, or far away?"
            raise SourceError(Failure(FailureKind.TIMEOUT, PART, said, hint)) from None


def identity(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Whose series it is: the labels that tell scraped processes from each other."""
    return tuple(labels.get(name, "") for name in IDENTITY)


def selector(instances: Iterable[Instance]) -> str:
    """The matchers that leave out other fleets; empty where the labels do not allow it, or are too many to send."""
    addresses = sorted({instance.label("instance") for instance in instances})
    pattern = "|".join(re.escape(address) for address in addresses)
    if not all(addresses) or len(pattern) > _LONGEST_SELECTOR:
        return ""
    return f"{{instance=~{json.dumps(pattern, ensure_ascii=False)}}}"


def _count(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0
