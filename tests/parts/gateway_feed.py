"""A gateway's metrics as a test has written them, served and polled."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from console.domain.around import GatewayReading, RouteCounters
from console.domain.fleet import Fleet, Tls
from console.domain.surfaces import Gateway, Kubernetes
from console.sources.gateway import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock

Poll = Callable[..., Awaitable[GatewayReading]]


@asynccontextmanager
async def gateway_feed() -> AsyncIterator[Poll]:
    """Serve a text as a gateway's metrics, and poll it; ``?token=hush`` is part of the address."""
    served = {"text": "", "status": 200}

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=str(served["text"]), status=int(served["status"]))

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    server = TestServer(app)
    await server.start_server()
    http = Http({}, Tls())

    async def read(
        text: str, gateway: Gateway | None = None, *, status: int = 200, namespace: str = ""
    ) -> GatewayReading:
        served.update(text=text, status=status)
        url = str(server.make_url("/metrics?token=hush"))
        fleet = Fleet(gateway=gateway, gateway_metrics=url, kubernetes=Kubernetes(namespace=namespace))
        (source,) = sources(fleet, Kit(HandClock(), http))
        reading = await source.poll()
        assert isinstance(reading, GatewayReading)
        return reading

    try:
        yield read
    finally:
        await http.close()
        await server.close()


def route(reading: GatewayReading, name: str) -> RouteCounters:
    """One route by name."""
    return next(each for each in reading.routes if each.name == name)
