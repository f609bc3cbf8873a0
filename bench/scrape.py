"""Scraping 200 endpoints: the fleet's one session against one shared httpx.AsyncClient."""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import httpx
from aiohttp import web

from bench.parse import Figure, exposition
from console.domain.fleet import Tls
from console.sources._exposition import Reader
from console.sources._triton_metrics import series_table
from console.transport.http import Http

ENDPOINTS = 200
ROUNDS = 5


def figures() -> list[Figure]:
    """(name, our seconds of CPU a scrape, the peer's, note)."""
    ports, mine = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(mine,), daemon=True)
    server.start()
    urls = [f"http://127.0.0.1:{port}/metrics" for port in ports.recv()]
    try:
        note = f"{ENDPOINTS} endpoints, 20 models each, seconds of CPU a scrape, ours with reading"
        return [("scrape", asyncio.run(_ours(urls)), asyncio.run(_peer(urls)), note)]
    finally:
        server.terminate()


def _serve(ports: Connection) -> None:
    asyncio.run(_serve_all(ports))


async def _serve_all(ports: Connection) -> None:
    body = exposition(20, 1)
    handler = web.Server(lambda _: _answer(body))
    runner = web.ServerRunner(handler)
    await runner.setup()
    sites = [web.TCPSite(runner, "127.0.0.1", 0) for _ in range(ENDPOINTS)]
    for site in sites:
        await site.start()
    ports.send([site._server.sockets[0].getsockname()[1] for site in sites])  # type: ignore[union-attr]  # noqa: SLF001 - no public way to the port
    await asyncio.Event().wait()


async def _answer(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/plain")


async def _ours(urls: list[str]) -> float:
    http, table = Http({}, Tls()), series_table()

    async def scrape(url: str) -> None:
        reader = Reader(table)
        await http.stream(url, "metrics", reader.feed)
        reader.finish()

    try:
        return await _cpu(scrape, urls)
    finally:
        await http.close()


async def _peer(urls: list[str]) -> float:
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=None)) as client:

        async def scrape(url: str) -> None:
            (await client.get(url)).raise_for_status()

        return await _cpu(scrape, urls)


async def _cpu(scrape: Callable[[str], Awaitable[None]], urls: list[str]) -> float:
    """Median seconds of CPU per scrape over several rounds of all endpoints at once; the first round is not counted."""
    took = []
    for _ in range(ROUNDS + 1):
        start = time.process_time()
        await asyncio.gather(*(scrape(url) for url in urls))
        took.append((time.process_time() - start) / len(urls))
    return statistics.median(took[1:])
