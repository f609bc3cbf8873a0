"""Trivial servers behind a gateway, which know how many requests each of them answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Backends:
    """``ports`` by name; ``answered`` counts what each has served, which is the truth about shares.

    A server named in ``failing`` answers 500, one in ``delay_s`` so many seconds later.
    """

    ports: dict[str, int] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    delay_s: dict[str, float] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)

    def since(self, before: Mapping[str, int]) -> Counter[str]:
        """What was answered after a copy of ``answered`` was taken."""
        return Counter({name: count - before.get(name, 0) for name, count in self.answered.items()})


@asynccontextmanager
async def backends(names: Iterable[str]) -> AsyncIterator[Backends]:
    """Servers that answer every request with their name, on free ports of the loopback."""
    found = Backends()
    servers = []

    def answer(name: str) -> web.Server:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            await request.read()
            found.answered[name] += 1
            await asyncio.sleep(found.delay_s.get(name, 0.0))
            return web.Response(text=name, status=500 if name in found.failing else 200)

        return web.Server(handle)

    try:
        for name in names:
            runner = web.ServerRunner(answer(name))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            servers.append(runner)
            found.ports[name] = int(runner.addresses[0][1])
        yield found
    finally:
        for runner in servers:
            await runner.cleanup()
