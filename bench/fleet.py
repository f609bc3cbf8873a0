"""A fleet of 500 servers through a real Prometheus: the console's tick, and the seconds that all queries take.

The peer is the obvious way: every series of every server read from the same Prometheus, and added up here.
"""

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from bench.parse import Figure
from console.clock import SystemClock
from console.domain.families import FAMILIES
from console.domain.fleet import Fleet
from console.engine.poller import Poller
from console.engine.store import Store
from console.sources.prometheus import PrometheusSource
from console.transport.promql_client import PromqlClient
from console.view.filters import Filter
from console.view.models import models_table
from tests.parts.farm import Farm, Load, farm

SERVERS, MODELS, LOOKS = 500, 10, 5
_SETTLE_S = 60.0
_VISIBLE = 40


def figures() -> list[Figure]:
    """(name, our seconds, the peer's, note)."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=_scraped, args=(theirs,))
    other.start()
    try:
        return asyncio.run(_measured(ours.recv()))
    finally:
        ours.send(None)
        other.join()


def _scraped(pipe: Connection) -> None:
    """The servers and their Prometheus, in a process of their own: their CPU is not the console's."""
    servers = farm(
        SERVERS, lambda _: [Load(f"model_{n:02d}") for n in range(MODELS)], cluster=lambda n: f"c{n % 4}"
    )
    with tempfile.TemporaryDirectory() as folder, Farm(Path(folder), servers, "15s") as prometheus:
        time.sleep(_SETTLE_S)
        pipe.send(prometheus.url)
        pipe.recv()


async def _measured(url: str) -> list[Figure]:
    fleet = Fleet("bench", prometheus=url, through_prometheus=True, selector='job="triton"', by=("cluster",))
    clock, store = SystemClock(), Store(fleet)
    poller = Poller([PrometheusSource(fleet, clock)], clock, Random(0), store.take)
    cpu, wall = [], []
    for _ in range(LOOKS):
        began, spent = time.perf_counter(), time.process_time()
        await poller.once()
        wall.append(time.perf_counter() - began)
        table = models_table(store.tick(time.time(), time.monotonic()), Filter(""))
        wanted = frozenset(column.id for column in table.columns)
        for item in table.items[:_VISIBLE]:
            table.row(item, wanted)
        cpu.append(time.process_time() - spent)
    snapshot = store.tick(time.time(), time.monotonic())
    await poller.close()
    peer_wall, peer_cpu = await _every_series(fleet)
    told = snapshot.prometheus
    queries = len(told.asked) if told is not None else 0
    size = f"{SERVERS} servers × {MODELS} models"
    note = f"{queries} queries, {sum(each.series for each in told.asked) if told else 0} series, whatever the fleet's size"
    return [
        (f"fleet, {size}: CPU a refresh", statistics.median(cpu[1:]), peer_cpu, note),
        (
            f"fleet, {size}: all queries",
            statistics.median(wall[1:]),
            peer_wall,
            "on the same cores as Prometheus",
        ),
    ]


async def _every_series(fleet: Fleet) -> tuple[float, float]:
    """Seconds, and seconds of CPU, of one look at every series that the console derives from."""
    client = PromqlClient(fleet, 120.0)
    began, spent = time.perf_counter(), time.process_time()
    sums: dict[tuple[str, str, str], float] = {}
    for name in FAMILIES:
        for row in (await client.query(f"{name}{{{fleet.selector}}}")).rows:
            key = (name, row.metric.get("model", ""), row.metric.get("version", ""))
            sums[key] = sums.get(key, 0.0) + float(row.value[1] if row.value else 0.0)
    await client.close()
    return time.perf_counter() - began, time.process_time() - spent
