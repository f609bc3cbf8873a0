"""A HAProxy for one test, and the servers behind it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from console.controls.haproxy.control import HaproxyControl
from console.domain.surfaces import Haproxy as Settings
from console.domain.surfaces import HaproxyRoute
from tests.parts.backends import Backends, backends
from tests.parts.haproxy import Haproxy


@pytest.fixture
async def behind() -> AsyncIterator[Backends]:
    async with backends(("v1", "v2", "v3")) as found:
        yield found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Haproxy]]:
    started: list[Haproxy] = []

    def begin(text: str, level: str = "admin") -> Haproxy:
        (tmp_path / "shed.map").write_text("somebody-else 0\n")
        started.append(Haproxy(tmp_path, text, level))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


@pytest.fixture
def control() -> Callable[..., HaproxyControl]:
    def make(gateway: Haproxy, *, shed: bool = False, servers: tuple[str, ...] = ("v2",)) -> HaproxyControl:
        shedding = {"shed_map": f"{gateway.folder}/shed.map", "shed_key": "ranker"} if shed else {}
        return HaproxyControl(
            Settings(gateway.address, (HaproxyRoute("rank*", "triton", servers, **shedding),))
        )

    return make
