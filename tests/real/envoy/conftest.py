"""An Envoy for one test, the servers behind it, and the console's control of it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.controls.envoy.control import EnvoyControl
from console.domain.fleet import Tls
from console.domain.surfaces import Envoy as Settings
from console.domain.surfaces import EnvoyRoute
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.backends import Backends, backends
from tests.parts.envoy import PREFIX, Envoy, routes, split

CLUSTERS = ("v1", "v2", "v3")


@pytest.fixture
async def behind() -> AsyncIterator[Backends]:
    async with backends(CLUSTERS) as found:
        yield found


@pytest.fixture
def start(tmp_path: Path, behind: Backends) -> Iterator[Callable[..., Envoy]]:
    started: list[Envoy] = []

    def begin(routed: dict[str, Any] | None = None, **options: Any) -> Envoy:
        plain = {"route_config": routes(split({"v1": 60, "v2": 30, "v3": 10}, PREFIX))}
        started.append(Envoy(tmp_path, behind.ports, routed=routed or plain, **options))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


@pytest.fixture
async def control() -> AsyncIterator[Callable[..., EnvoyControl]]:
    http = Http({}, Tls())

    def make(gateway: Envoy, **route: Any) -> EnvoyControl:
        given = {"clusters": CLUSTERS, "reduced": ("v2",), **route}
        settings = Settings(gateway.admin, "gw", (EnvoyRoute("rank*", **given),))
        return EnvoyControl(settings, Kit(SystemClock(), http))

    yield make
    await http.close()
