"""Two hundred targets, some of them hostile, in a process of their own: ``python -m tests.parts.siege_city SEED``.

It prints where each of them answers, as JSON, and ends when its stdin does.
"""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from console.domain.fleet import Fleet, Target
from tests.parts import fake_triton, hostile, siege_servers
from tests.parts.hostile import Behaviour, serving
from tests.snapshots import HOSTILE_NAMES

SIZE = 200
MODELS = ("model-0", "model-1", "model-2")
_ROOT = Path(__file__).parents[2]
_UP_S, _DOWN_S = 3.0, 2.0
_ENDS_WITHIN_S = 10


class Kind(NamedTuple):
    """One way to be bad: how many of the city are, and what has to be said of each of them (empty: that it is well)."""

    count: int
    behaviour: Callable[[], Behaviour]
    said: str


def _always(behaviour: Behaviour) -> Callable[[], Behaviour]:
    return lambda: behaviour


BAD = {
    "hang": Kind(10, _always(hostile.hang), "no answer in time"),
    "slow-drip": Kind(7, _always(siege_servers.slow_drip), "no answer in time"),
    "slow-headers": Kind(3, _always(siege_servers.slow_headers), "no answer in time"),
    "noise": Kind(3, _always(siege_servers.noise), "did not answer as Triton does"),
    "not-http": Kind(2, _always(hostile.garbage), "not a valid answer"),
    "web-page": Kind(3, _always(hostile.nonsense), "did not answer as Triton does"),
    "half-gzip": Kind(2, _always(siege_servers.half_gzip), "did not answer as Triton does"),
    "bomb": Kind(1, _always(siege_servers.bomb), "over"),
    "longer": Kind(2, _always(siege_servers.longer), "broke off"),
    "shorter": Kind(1, _always(siege_servers.shorter), ""),
    "deep": Kind(2, _always(siege_servers.deep), "did not answer as Triton does"),
    "deeper": Kind(1, _always(siege_servers.deeper), "did not answer as Triton does"),
    "long-header": Kind(1, _always(siege_servers.long_header), "not a valid answer"),
    "odd-numbers": Kind(3, siege_servers.odd_numbers, ""),
    "wrong-types": Kind(2, _always(siege_servers.wrong_types), ""),
    "inventor": Kind(1, siege_servers.inventor, ""),
    "error500": Kind(10, _always(hostile.error500), "HTTP 500"),
    "reset": Kind(3, _always(hostile.reset), "connection closed by the server"),
    "redirect": Kind(2, _always(hostile.redirect()), "redirects to"),
    "64-mb": Kind(1, _always(hostile.flood_sized), "over"),
    "endless": Kind(1, _always(siege_servers.endless), "over"),
    "names": Kind(4, fake_triton.fake_triton, ""),
}
"""All that is wrong in the city, by the name that its targets begin with."""
FLAPPING = 8
HEALTHY = SIZE - FLAPPING - sum(kind.count for kind in BAD.values())


def kind_of(target: str) -> str:
    """The kind of a target, from its name."""
    return target.rpartition(":")[0]


@contextmanager
def city(seed: int = 0) -> Iterator[tuple[Target, ...]]:
    """The targets, each as its kind and a number, in an order that the seed gives; the process ends with this block."""
    command = [sys.executable, "-m", "tests.parts.siege_city", str(seed)]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            found = json.loads(process.stdout.readline())
            yield tuple(Target(name, url, f"{url}/metrics") for name, url in found)
        finally:
            process.stdin.close()
            try:
                process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def besieged(targets: tuple[Target, ...], state: Path, **changes: object) -> Fleet:
    """The city as a fleet; one target has a name that was made to hurt."""
    hurt = HOSTILE_NAMES[1] + HOSTILE_NAMES[0] + HOSTILE_NAMES[3]
    named = tuple(
        Target(f"healthy:{hurt}", t.url, t.metrics) if t.name == "healthy:0" else t for t in targets
    )
    return Fleet(name="siege", targets=named, state=str(state), **changes)  # type: ignore[arg-type]


async def _main(seed: int) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        found = [(f"healthy:{n}", url) for n, url in enumerate(await stack.enter_async_context(_healthy()))]
        for name, kind in BAD.items():
            for number in range(kind.count):
                url = await stack.enter_async_context(serving(kind.behaviour()))
                found.append((f"{name}:{number}", url))
        for number in range(FLAPPING):
            url = await stack.enter_async_context(_flapping(number))
            found.append((f"flapping:{number}", url))
        random.Random(seed).shuffle(found)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)


@asynccontextmanager
async def _healthy() -> AsyncIterator[list[str]]:
    """Servers that are well, with open connections and a request a poll; their URLs."""
    asked: dict[int, int] = {}

    async def handler(request: web.BaseRequest) -> web.Response:
        port = request.url.port or 0
        asked[port] = asked.get(port, 0) + 1
        found = fake_triton.said(request.path, MODELS, asked[port])
        if found is None:
            return web.Response(status=404, body=b'{"error":"Not Found"}')
        body, kind = found
        return web.Response(body=body, headers={"Content-Type": kind})

    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    sites = [web.TCPSite(runner, "127.0.0.1", 0) for _ in range(HEALTHY)]
    for site in sites:
        await site.start()
    try:
        yield [f"http://127.0.0.1:{port}" for _, port in runner.addresses]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _flapping(number: int) -> AsyncIterator[str]:
    """A server whose port goes and comes back, each at its own time."""
    behaviour = fake_triton.fake_triton(MODELS)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hostile.attend(behaviour, reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def flap() -> None:
        nonlocal server
        await asyncio.sleep(number / 4)
        while True:
            server.close()
            await asyncio.sleep(_DOWN_S)
            server = await asyncio.start_server(connected, "127.0.0.1", port)
            await asyncio.sleep(_UP_S)

    tasks.add(asyncio.create_task(flap()))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for task in tasks:
            task.cancel()
        server.close()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
