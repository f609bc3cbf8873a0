"""Fixtures of the whole suite: real servers, each started once and only when a test asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from tests.parts import models
from tests.parts.triton import SUMMARIES, TritonServer

# The gate tries the same cases each time; whoever runs the tests elsewhere tries others.
settings.register_profile("gate", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("gate")

# What waits for servers, a drill's among them, or for a screen's own pace, on a machine that others share: what fails
# twice is broken.
WAITING = ("real", "screens", "siege", "console/cli", "console/engine", "console/triage", "console/view")
TRIED_AGAIN = tuple(Path(__file__).parent / folder for folder in WAITING)

EVERYDAY = ("fast", "slow", "multi", "badinit", "flaky")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try the tests of these folders again where they fail; the closing line counts how many were."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in TRIED_AGAIN):
            item.add_marker(pytest.mark.flaky(reruns=1))


class StartTriton(Protocol):
    """Starts a server that ends with the test; without ``names`` its repository has the everyday models."""

    def __call__(
        self, *names: str, mode: str = "explicit", flags: tuple[str, ...] = (SUMMARIES,)
    ) -> TritonServer: ...


def _start(folder: Path, names: tuple[str, ...], mode: str, flags: tuple[str, ...]) -> TritonServer:
    repository = models.write(folder / "repository", *names)
    return TritonServer.start(repository, mode, names if mode == "explicit" else (), flags)


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A Triton in explicit mode with summaries; tests must leave it as they found it."""
    with _start(tmp_path_factory.mktemp("triton"), EVERYDAY, "explicit", (SUMMARIES,)) as server:
        yield server


@pytest.fixture(scope="session")
def triton_plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A Triton as it comes: explicit mode, no summaries, one fast model and one that batches."""
    with _start(tmp_path_factory.mktemp("plain"), ("fast", "slow"), "explicit", ()) as server:
        yield server


@pytest.fixture
def start_triton(tmp_path: Path) -> Iterator[StartTriton]:
    """Start further servers for one test."""
    started: list[TritonServer] = []

    def start(*names: str, mode: str = "explicit", flags: tuple[str, ...] = (SUMMARIES,)) -> TritonServer:
        server = _start(tmp_path / str(len(started)), names or EVERYDAY, mode, flags)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()
