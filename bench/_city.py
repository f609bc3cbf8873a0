"""Servers with very many models, in a process of their own: each answers as a Triton does, and counts on every second."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import numpy as np
from aiohttp import web

from bench.parse import exposition
from console.domain.fleet import Target


@contextmanager
def served(targets: int, models: int) -> Iterator[tuple[Target, ...]]:
    """So many servers with so many models each, on ports of their own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=_serve, args=(theirs, targets, models), daemon=True)
    other.start()
    try:
        ports = ours.recv()
        yield tuple(
            Target(f"triton-{number}", f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/metrics")
            for number, port in enumerate(ports)
        )
    finally:
        other.terminate()
        other.join()


def _serve(pipe: Connection, targets: int, models: int) -> None:
    async def run() -> None:
        ports = [await _listen(Counting(models, seed)) for seed in range(targets)]
        pipe.send(ports)
        await asyncio.Event().wait()

    asyncio.run(run())


async def _listen(server: "Counting") -> int:
    app = web.Application()
    app.router.add_get("/metrics", server.metrics)
    app.router.add_get("/v2", server.metadata)
    app.router.add_get("/v2/health/{what}", server.well)
    app.router.add_post("/v2/repository/index", server.index)
    app.router.add_get("/v2/models/stats", server.statistics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return int(runner.addresses[0][1])


class Counting:
    """One server; each of its counters grows by a rate of its own."""

    def __init__(self, models: int, seed: int) -> None:
        lines = exposition(models, seed).decode().splitlines()
        self._head = "\n".join(line for line in lines if line.startswith("#")) + "\n"
        pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
        self._names = [name for name, _ in pairs]
        grows = np.array(
            ["quantile" not in name and "pending" not in name and "{" in name for name in self._names]
        )
        self._first = np.array([float(value) for _, value in pairs])
        self._rate = np.where(grows, np.random.default_rng(seed).uniform(1, 100, len(pairs)), 0.0)
        self._began = time.monotonic()
        listed = [f'{{"name":"model_{n:04d}","version":"1","state":"READY"}}' for n in range(models)]
        self._index = f"[{','.join(listed)}]"

    async def metrics(self, _: web.Request) -> web.Response:
        values = (self._first + self._rate * (time.monotonic() - self._began)).tolist()
        body = "".join(f"{name} {value:.0f}\n" for name, value in zip(self._names, values, strict=True))
        return web.Response(text=self._head + body)

    async def metadata(self, _: web.Request) -> web.Response:
        return web.json_response({"name": "triton", "version": "2.51.0", "extensions": ["statistics"]})

    async def well(self, _: web.Request) -> web.Response:
        return web.Response()

    async def index(self, _: web.Request) -> web.Response:
        return web.Response(text=self._index, content_type="application/json")

    async def statistics(self, _: web.Request) -> web.Response:
        return web.json_response({"model_stats": []})
