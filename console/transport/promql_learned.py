"""What is learned of a Prometheus once in a while: its clock, what it is, and how often it scrapes the fleet."""

import asyncio
import math
from collections.abc import Mapping
from typing import NamedTuple

from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.text import visible
from console.ports import Clock
from console.transport.promql_client import PromqlClient
from console.transport.promql_fleet import Lens

# Rates are taken over so many scrapes: two are needed, and one may be late or fail.
_SCRAPES = 4
# What takes no look at any series is answered in this time, or nothing will be.
REACH_S = 5.0
_LEAST_WINDOW_S, _MOST_WINDOW_S = 15.0, 3600.0
# Where nothing tells how often it scrapes: four times a minute's interval, which few exceed.
UNKNOWN_WINDOW_S = 240.0
_USUAL_S = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_NEAR = 0.15


class Learned(NamedTuple):
    """``ahead_s`` turns monotonic seconds into Prometheus's time; ``flavour`` is what it is, in words, empty where it does not say.

    ``scrape_s`` are the seconds between scrapes of a server, None where nothing tells.
    """

    ahead_s: float
    flavour: str
    scrape_s: float | None

    @property
    def window_s(self) -> float:
        """What rates are taken over, in seconds."""
        if self.scrape_s is None:
            return UNKNOWN_WINDOW_S
        return min(max(math.ceil(_SCRAPES * self.scrape_s), _LEAST_WINDOW_S), _MOST_WINDOW_S)


async def learned(client: PromqlClient, fleet: Fleet, clock: Clock) -> Learned:
    """All of it; raises SourceError where it does not answer at all."""
    asked = clock.monotonic()
    rows = (await client.query("vector(time())", seconds=REACH_S)).rows
    ahead_s = (rows[0].value[0] if rows and rows[0].value else clock.now()) - (asked + clock.monotonic()) / 2
    flavour, scrape_s = await asyncio.gather(_flavour(client), _scrape_s(client, fleet))
    return Learned(ahead_s, flavour, scrape_s)


async def _flavour(client: PromqlClient) -> str:
    try:
        return flavour(await client.build())
    except SourceError:
        return ""


def flavour(told: Mapping[str, str]) -> str:
    """What answers as a Prometheus, from what it says of its build."""
    version = visible(told.get("version", ""), 30)
    application = visible(told.get("application", ""), 40).removeprefix("Grafana ")
    if application:
        return f"{application} {version}".strip()
    if set(told) == {"version"}:
        return f"VictoriaMetrics, which calls itself Prometheus {version}"
    if version.startswith("0."):
        return f"Thanos {version}"
    return f"Prometheus {version.partition('+')[0]}".strip() if version else ""


async def _scrape_s(client: PromqlClient, fleet: Fleet) -> float | None:
    try:
        rows = (await client.query(Lens(fleet, 0).interval)).rows
        seconds = float(rows[0].value[1]) if rows and rows[0].value else math.nan
    except (SourceError, ValueError):
        return None
    return _usual(seconds) if math.isfinite(seconds) and seconds > 0 else None


def _usual(seconds: float) -> float:
    """An interval that somebody would write where the measured one is near it; scrapes that fell out lengthen it."""
    near = [usual for usual in _USUAL_S if abs(seconds - usual) <= _NEAR * usual]
    return near[0] if near else seconds
