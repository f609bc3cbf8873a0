"""Prometheus's instant queries: bounded in time and size, and every failure an answer in words."""

import asyncio
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.text import visible
from console.domain.triage import Asked
from console.ports import Clock, Queries
from console.transport._prometheus_answer import plain
from console.transport._prometheus_http import PrometheusHttp
from console.transport._prometheus_refusal import BASE_URL, NOT_PROMETHEUS, refused
from console.transport.http import Answer, Http
from console.transport.kit import Kit

SECONDS = 4.0
BODY_LIMIT = 2**20
_LONGEST_QUERY = 4000
# Of more values only the greatest and the least are kept: thresholds are held against those.
_MOST_AT_AN_END = 50
_NAME = "__name__"


def queries_of(fleet: Fleet, kit: Kit) -> Queries | None:
    """The fleet's Prometheus; None where the settings name none."""
    return Prometheus(fleet, kit.http, kit.clock) if fleet.prometheus else None


class Prometheus:
    """``ports.Queries`` over HTTP."""

    def __init__(self, fleet: Fleet, http: Http, clock: Clock) -> None:
        self._prometheus = PrometheusHttp(fleet, http)
        self._url = self._prometheus.url("query")
        self._clock = clock

    async def ask(self, query: str) -> Asked:
        """The newest values of an expression by their labels in words; what goes wrong is ``problem``."""
        if len(query) > _LONGEST_QUERY:
            return self._said(f"the query is longer than {_LONGEST_QUERY} characters")
        parameters = {"query": query, "timeout": f"{SECONDS:g}s"}
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._prometheus.ask("query", parameters, BODY_LIMIT)
        except TimeoutError:
            return self._said(f"no answer within {SECONDS:g} s at {self._url}")
        except SourceError as error:
            return self._said(f"{error} ({error.failure.hint})")
        return self._read(found)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""

    def _read(self, found: Answer) -> Asked:
        try:
            answer = json.loads(found.body)
        except (ValueError, RecursionError):
            answer = None
        said = "" if answer or found.status == 200 else plain(found.body)
        answer = answer if isinstance(answer, Mapping) else {}
        if found.status == 200 and answer.get("status") == "success":
            return self._values(answer.get("data"))
        words = answer.get("error")
        said = words if isinstance(words, str) else said
        failure = refused(found.status, said, self._url, self._prometheus.headers)
        return self._said(failure.message if said else f"{failure.message} ({failure.hint})")

    def _values(self, data: Any) -> Asked:
        kind, result = (
            (data.get("resultType"), data.get("result")) if isinstance(data, Mapping) else (None, None)
        )
        if kind == "scalar":
            rows: Iterator[tuple[str, float]] = iter([("", _number(result))])
        elif kind == "vector" and isinstance(result, list):
            rows = _rows(result)
        elif kind in ("matrix", "string"):
            said = (
                "a range of values: put rate(…) or last_over_time(…) around it"
                if kind == "matrix"
                else "a text"
            )
            return self._said(f"the query gives {said}")
        else:
            return self._said(f"{self._url} {NOT_PROMETHEUS}: {BASE_URL}")
        values, odd = _split(rows)
        if values:
            return Asked(_ends(values), self._clock.now())
        return self._said(_nothing(odd))

    def _said(self, problem: str) -> Asked:
        return Asked(at=self._clock.now(), problem=visible(problem, 300))


def _rows(result: list[Any]) -> Iterator[tuple[str, float]]:
    for row in result:
        if isinstance(row, Mapping):
            yield _words(row.get("metric")), _number(row.get("value"))


def _words(labels: Any) -> str:
    """``name model=ranker, version=7``; empty for a value without labels."""
    if not isinstance(labels, Mapping):
        return ""
    name = str(labels.get(_NAME, ""))
    told = ", ".join(f"{key}={value}" for key, value in labels.items() if key != _NAME)
    return visible(" ".join(part for part in (name, told) if part))


def _number(pair: Any) -> float:
    """The number of a ``[time, "text"]``; NaN for anything else."""
    try:
        return float(pair[1])
    except (TypeError, ValueError, LookupError, OverflowError):
        return math.nan


def _split(rows: Iterator[tuple[str, float]]) -> tuple[dict[str, float], list[float]]:
    """The finite values, each under a name of its own, and the others."""
    values: dict[str, float] = {}
    odd: list[float] = []
    for words, value in rows:
        if not math.isfinite(value):
            odd.append(value)
            continue
        values[words if words not in values else f"{words} #{len(values) + 1}"] = value
    return values, odd


def _nothing(odd: list[float]) -> str:
    """Why an answer without a finite value has none."""
    if not odd:
        return "no series matches: is the name right, and does this Prometheus scrape these servers?"
    if any(math.isinf(value) for value in odd):
        return "its value is infinite: beyond a histogram's last bucket, or divided by zero"
    return "its value is not a number: nothing was there to divide by, as without traffic"


def _ends(values: dict[str, float]) -> dict[str, float]:
    if len(values) <= 2 * _MOST_AT_AN_END:
        return values
    ordered = sorted(values.items(), key=lambda pair: pair[1])
    return dict(ordered[:_MOST_AT_AN_END] + ordered[-_MOST_AT_AN_END:])
