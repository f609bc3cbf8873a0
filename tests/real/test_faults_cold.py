"""Faults in a real Triton, seen by the one look of the command line: while it watches, and after the fact."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli._triage_look import looked
from console.domain.fleet import Fleet, Target
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from tests.parts import models
from tests.parts.cli import Ran, console
from tests.parts.load import Stream, under_load
from tests.parts.models import Model
from tests.parts.triton import TritonServer

# A machine that stalls in the wrong moment is no fault of the console; one that is wrong twice is.
pytestmark = pytest.mark.flaky(reruns=1)

BASELINE_S, OBSERVE_S = 18.0, 60.0
_CPU = 'backend: "python"\ninstance_group [{ kind: KIND_CPU count: 1 }]\n'
_SLEEPING = models.MODELS["slow"].code or ""
_RAISING = _SLEEPING.replace("time.sleep(", "raise ValueError(")


def _sleeping(seconds: float) -> str:
    return _SLEEPING.replace(f"sleep({models.SLOW_SECONDS})", f"sleep({seconds})")


MODELS = {
    "slower": Model(_CPU, _sleeping(0.01)),
    "raising": Model(_CPU, _sleeping(0.01)),
    "pair": Model(_CPU.replace("count: 1", "count: 2"), _sleeping(0.01)),
    "calm": Model(_CPU, _sleeping(0.01)),
}


class Look:
    """One look of the command line, in a thread of its own."""

    def __init__(self, server: TritonServer, model: str, state: Path) -> None:
        target = Target("triton-0", server.url, server.metrics_url)
        fleet = Fleet("test", (target,), state=str(state / model))
        self.ready = threading.Event()
        self.walk = asyncio.create_task(asyncio.to_thread(looked, fleet, model, "", OBSERVE_S, self._tell))

    def _tell(self, snapshot: Snapshot) -> None:
        if snapshot.elapsed_s >= BASELINE_S:
            self.ready.set()

    async def result(self) -> Walk:
        return await self.walk


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TritonServer]:
    """Without summaries: means are all that it tells."""
    for name, model in MODELS.items():
        model.write(tmp_path / "repository" / name)
    with TritonServer.start(tmp_path / "repository", "explicit", list(MODELS)) as server:
        yield server


async def _load(server: TritonServer, repository: Path, model: str, code: str) -> None:
    version = repository / model / "2"
    version.mkdir()
    (version / "model.py").write_text(code)
    async with asyncio.timeout(60):
        request = await asyncio.create_subprocess_exec(
            "curl", "-sfX", "POST", f"{server.url}/v2/repository/models/{model}/load"
        )
        assert await request.wait() == 0


async def _triage(server: TritonServer, model: str) -> Ran:
    target = f"{server.url},metrics={server.metrics_url}"
    return await console("triage", model, target, "--json", "--observe", "12")


def _words(walk: Walk) -> str:
    return "\n".join(f"{s.step.id} {s.answer}: {s.reason}" for s in walk.path)


async def test_four_models_of_which_three_break(server: TritonServer, tmp_path: Path) -> None:
    async with under_load(server.url, *(Stream(name, 8) for name in MODELS)):
        looks = {name: Look(server, name, tmp_path) for name in MODELS}
        for look in looks.values():
            assert await asyncio.to_thread(look.ready.wait, 120)
        os.kill(server.stubs("pair")[0], signal.SIGKILL)
        await _load(server, tmp_path / "repository", "raising", _RAISING)
        await _load(server, tmp_path / "repository", "slower", _sleeping(0.06))
        walks = {name: await look.result() for name, look in looks.items()}
        after = {name: await _triage(server, name) for name in ("pair", "raising", "calm")}

    found = {name: walk.verdict for name, walk in walks.items()}
    wanted = {"slower": "rollout", "raising": "rollout", "pair": "dead_stub", "calm": "none"}
    assert found == wanted, "\n\n".join(_words(walk) for walk in walks.values())
    for name in ("slower", "raising"):
        action = walks[name].advice[0].action
        assert action is not None
        assert action.kind == "rollback"
        assert "v2 READY" in walks[name].path[-1].reason
    # Whoever comes later sees what fails, and not since when.
    told = {name: (ran.code, ran.json["verdict"]) for name, ran in after.items()}
    assert told == {"pair": (0, "dead_stub"), "raising": (0, "errors"), "calm": (1, "none")}


async def test_a_queue_that_was_there_before_and_a_server_that_goes(server: TritonServer) -> None:
    async with under_load(server.url, Stream("calm", 160), Stream("pair", 5)):
        await asyncio.sleep(8)
        ran = await _triage(server, "calm")
        assert (ran.code, ran.json["verdict"]) == (0, "queue"), ran.out
        assert ran.json["steps"][-1]["id"] == "queue"
        assert any("--instances" in (each["command"] or "") for each in ran.json["recommended"])
    server.kill()
    gone = await _triage(server, "calm")
    assert gone.code == 2
    assert gone.json["error"]["id"] == "unreachable"
