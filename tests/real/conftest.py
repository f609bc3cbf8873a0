"""Real servers in the other modes, each started once for all tests of this folder."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.fleet import Fleet, Target, Tls
from console.domain.secret import Secret
from console.ports import Source
from console.sources import triton as triton_source
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts import models
from tests.parts.clock import HandClock
from tests.parts.triton import TritonServer

RESTRICTED = "--http-restricted-api=model-repository,model-config,statistics:admin-key=secret"
Sources = Callable[..., Source]


def _session_server(
    factory: pytest.TempPathFactory, mode: str, names: tuple[str, ...], *flags: str
) -> TritonServer:
    repository = models.write(factory.mktemp(mode) / "repository", *names)
    return TritonServer.start(repository, mode, names if mode == "explicit" else (), flags)


@pytest.fixture(scope="session")
def triton_none(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server that loads everything at the start and nothing after."""
    with _session_server(tmp_path_factory, "none", ("fast",)) as server:
        yield server


@pytest.fixture(scope="session")
def triton_poll(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server that follows its repository."""
    with _session_server(tmp_path_factory, "poll", ("fast",), "--repository-poll-secs=1") as server:
        yield server


@pytest.fixture(scope="session")
def triton_restricted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server whose repository, configs and statistics ask for ``admin-key: secret``."""
    with _session_server(tmp_path_factory, "explicit", ("fast",), RESTRICTED) as server:
        yield server


@pytest.fixture
async def source_of() -> AsyncIterator[Sources]:
    """Makes the console's source for a server: ``source_of(server, headers={...}, read_only=True)``."""
    opened: list[Http] = []

    def make(server: TritonServer, headers: dict[str, str] | None = None, **fleet: Any) -> Source:
        http = Http({name: Secret(value) for name, value in (headers or {}).items()}, Tls())
        opened.append(http)
        target = Target("real", server.url, server.metrics_url, server.grpc)
        kit = Kit(HandClock(), http)
        return triton_source.sources(Fleet(targets=(target,), refresh=0.5, **fleet), kit)[0]

    yield make
    for http in opened:
        await http.close()


@pytest.fixture
def scratch_server(tmp_path: Path) -> Iterator[TritonServer]:
    """A server of one test's own, to be hurt: ``fast`` and ``flaky``."""
    repository = models.write(tmp_path / "repository", "fast", "flaky")
    with TritonServer.start(repository, load=("fast", "flaky")) as server:
        yield server
