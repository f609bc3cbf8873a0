"""A fault in a real Triton that ``record`` saw before a kill -9: what the file tells afterwards, with nobody to ask.

Time passes here as it does for an operator; the recording is made once for all tests.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from console import wiring
from console.domain.fleet import Fleet, Target
from console.domain.marker import MarkerKind
from console.engine.engine import Engine
from console.engine.player import Player
from console.storage.recording import open_recording
from tests.parts import models
from tests.parts.cli import Ran, console
from tests.parts.load import Stream, under_load
from tests.parts.models import Model
from tests.parts.recorded import Record, recording
from tests.parts.triton import SUMMARIES, TritonServer
from tests.parts.watch import Watch

# A machine that stalls in the wrong moment is no fault of the console; one that is wrong twice is.
pytestmark = pytest.mark.flaky(reruns=1)

BASELINE_S, FAULT_S = 30.0, 30.0
_CPU = 'backend: "python"\ninstance_group [{ kind: KIND_CPU count: 1 }]\n'
_SLEEPING = models.MODELS["slow"].code or ""


_SETTINGS = """\
[fleets.test]
targets = ["{target}"]
[fleets.test.objectives.score]
latency_ms = 120
"""


class Made(NamedTuple):
    """The recording of a fault: the file, the server as a target, and when the slower version was asked for."""

    path: Path
    target: Target
    state: Path
    at: float


def sleeping(seconds: float) -> str:
    """The code of a model that takes so long."""
    return _SLEEPING.replace(f"sleep({models.SLOW_SECONDS})", f"sleep({seconds})")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("recorded")
    Model(_CPU, sleeping(0.01)).write(folder / "repository" / "score")
    models.MODELS["fast"].write(folder / "repository" / "fast")
    with TritonServer.start(folder / "repository", "explicit", ["score", "fast"], [SUMMARIES]) as server:
        yield asyncio.run(fault(server, folder))


async def fault(server: TritonServer, folder: Path) -> Made:
    """A slower version is loaded under traffic, and the recorder dies while it hurts."""
    path, state, settings = folder / "fault.tcrec", folder / "state", folder / "triton-console.toml"
    target = Target("triton-0", server.url, server.metrics_url, server.grpc)
    settings.write_text(_SETTINGS.format(target=target.text))
    streams = (Stream("score", 4), Stream("fast", 5))
    async with (
        recording(path, "--config", str(settings), state=state) as record,
        under_load(server.url, *streams),
    ):
        await lasting(record, BASELINE_S)
        version = folder / "repository" / "score" / "2"
        version.mkdir()
        (version / "model.py").write_text(sleeping(0.15))
        at = open_recording(path).until
        url = f"{server.url}/v2/repository/models/score/load"
        async with aiohttp.ClientSession() as session, session.post(url) as answer:
            assert answer.status == 200
        await lasting(record, FAULT_S)
        await record.kill()
    return Made(path, target, state, at)


async def lasting(record: Record, seconds: float) -> None:
    """Return when the recording is so much longer."""
    until = open_recording(record.path).until + seconds
    await record.until(lambda: open_recording(record.path).until >= until, 4 * seconds)


@asynccontextmanager
async def running(engine: Engine | Player) -> AsyncIterator[None]:
    """It runs while the block does."""
    task = asyncio.create_task(engine.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()


async def triage(made: Made, *arguments: str) -> Ran:
    return await console("triage", *arguments, "--from", str(made.path), XDG_STATE_HOME=str(made.state))


async def test_triage_names_the_rollout_and_does_so_each_time(made: Made) -> None:
    first, second = [await triage(made, "score", "--json") for _ in range(2)]

    assert (first.code, first.json["verdict"]) == (0, "rollout"), first.out + first.err
    assert first.out == second.out
    text = await triage(made, "score")
    assert "score v2 READY on triton-0" in text.out


async def test_a_model_that_nothing_befell_has_no_verdict(made: Made) -> None:
    ran = await triage(made, "fast", "--json")

    assert (ran.code, ran.json["verdict"]) == (1, "none"), ran.out + ran.err


async def test_before_the_fault_there_was_none(made: Made) -> None:
    ran = await triage(made, "score", "--at", "+00:00:25", "--json")

    assert (ran.code, ran.json["verdict"]) == (1, "none"), ran.out + ran.err


def test_the_recording_has_the_marker_and_all_but_the_last_tick(made: Made) -> None:
    found = open_recording(made.path)

    (load,) = [marker for marker in found.markers if marker.kind is MarkerKind.LOAD]
    assert (load.subject, load.target) == ("score/2", "triton-0")
    assert -2 < load.at - made.at < 30
    times = [frame.at for frame in found.frames()]
    assert times[-1] - times[0] >= BASELINE_S + FAULT_S - 2
    assert max(b - a for a, b in pairwise(times)) < 10


async def test_a_replay_shows_the_fault_with_its_marker(made: Made) -> None:
    player, watch = wiring.replay(open_recording(made.path)), Watch()
    player.subscribe(watch.take)
    player.player.seek(made.at + 20)
    async with running(player):
        snapshot = await watch.until(lambda shown: shown.at >= made.at + 15, 60)

    assert any(m.kind is MarkerKind.LOAD and m.subject == "score/2" for m in snapshot.markers)
    slow = next(row for row in snapshot.models if row.key.label == "score/2")
    assert slow.mean_ms is not None
    assert slow.mean_ms > 140


async def test_the_report_tells_it(made: Made) -> None:
    ran = await console("report", str(made.path), XDG_STATE_HOME=str(made.state))

    assert ran.code == 0, ran.err
    for said in ("`score`", "score v2 READY", "rollout", "p99 within 120 ms", "triton-console replay"):
        assert said in ran.out, ran.out
    assert "None" not in ran.out.replace("None was marked", "")
    facts = await console("report", str(made.path), "--json", XDG_STATE_HOME=str(made.state))
    assert facts.json


async def test_a_console_that_starts_afterwards_has_full_graphs_at_its_first_picture(made: Made) -> None:
    fleet = Fleet("later", (made.target,), state=str(made.state), read_only=True)
    engine, watch = wiring.build(fleet, wiring.Keeping(recall=True, past=made.path)), Watch()
    engine.subscribe(watch.take)
    async with running(engine):
        await watch.until(lambda _: True, 60)

    first = watch.snapshots[0]
    assert first.recalled is not None
    key = next(row.key for row in first.models if row.key.label == "fast/1")
    points = first.history.model(key, "rate", 3600)
    known = [at for at, value in zip(*points, strict=True) if value is not None]
    assert known[0] < made.at
    assert len(known) >= (BASELINE_S + FAULT_S) / 10 - 2
    # What merely was there already is no change.
    loads = [m for m in first.markers if m.kind is MarkerKind.LOAD]
    assert [m.subject for m in loads] == ["score/2"]
