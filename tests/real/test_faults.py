"""Faults put into a real Triton under traffic: triage must name each from what the server shows.

Time passes here as it does for an operator, so every verdict is waited for.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from console import wiring
from console.domain.fleet import Fleet, Target
from console.domain.surfaces import Envoy as EnvoyGateway
from console.domain.surfaces import EnvoyRoute
from console.domain.triage import Walk
from console.engine.engine import Engine
from tests.parts import models
from tests.parts.envoy import Envoy, by_file, routes, split
from tests.parts.load import Stream, under_load
from tests.parts.models import Model
from tests.parts.triton import SUMMARIES, TritonServer

# A machine that stalls in the wrong moment is no fault of the console; one that is wrong twice is.
pytestmark = pytest.mark.flaky(reruns=1)

BASELINE_S, LIMIT_S = 24.0, 90.0
_BUSY = 0.7
_CPU = 'backend: "python"\ninstance_group [{ kind: KIND_CPU count: 1 }]\n'
_SLEEPING = models.MODELS["slow"].code or ""
_WORKING = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        sum(number * number for number in range(600_000))
        values = pb_utils.get_input_tensor_by_name(request, "INPUT0").as_numpy()
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT0", values)])
"""


def sleeping(seconds: float) -> str:
    """The code of a model that takes so long."""
    return _SLEEPING.replace(f"sleep({models.SLOW_SECONDS})", f"sleep({seconds})")


MODELS = {
    "score": Model(_CPU, sleeping(0.01)),
    "worker": Model(_CPU, _WORKING),
    "flaky": models.MODELS["flaky"],
    "fast": models.MODELS["fast"],
    "idle": models.MODELS["fast"],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TritonServer]:
    for name, model in MODELS.items():
        model.write(tmp_path / "repository" / name)
    with TritonServer.start(tmp_path / "repository", "explicit", list(MODELS), [SUMMARIES]) as server:
        yield server


def fleet(server: TritonServer, tmp_path: Path, **changes: object) -> Fleet:
    target = Target("triton-0", server.url, server.metrics_url, server.grpc)
    return Fleet("test", (target,), state=str(tmp_path / "state"), **changes)  # type: ignore[arg-type]


@contextlib.contextmanager
def burning() -> Iterator[None]:
    """Other processes take every core."""
    code = [sys.executable, "-c", "while True: pass"]
    # In sessions of their own: the kernel shares the CPU by session first.
    count = 6 * (os.cpu_count() or 1)
    processes = [subprocess.Popen(code, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for each in processes:
            each.kill()
            each.wait()


@contextlib.asynccontextmanager
async def watched(fleet: Fleet) -> AsyncIterator[Engine]:
    engine = wiring.build(fleet)
    task = asyncio.create_task(engine.run())
    try:
        yield engine
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()


async def load(server: TritonServer, model: str) -> int:
    """Load it as a pipeline does; the status."""
    url = f"{server.url}/v2/repository/models/{model}/load"
    async with aiohttp.ClientSession() as session, session.post(url) as answer:
        return answer.status


async def look(engine: Engine, model: str) -> Walk:
    assert engine.snapshot is not None
    return await engine.triage.look(engine.snapshot, model)


async def verdict(engine: Engine, model: str, wanted: str) -> Walk:
    """The walk as soon as it says so; fails with the last one in words."""
    walk = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            while walk is None or walk.verdict != wanted:
                await asyncio.sleep(1.0)
                walk = await look(engine, model)
    assert walk is not None
    assert walk.verdict == wanted, "\n".join(f"{s.step.id} {s.answer}: {s.reason}" for s in walk.path)
    return walk


async def test_a_slower_version_loaded_under_traffic(server: TritonServer, tmp_path: Path) -> None:
    async with watched(fleet(server, tmp_path)) as engine, under_load(server.url, Stream("score", 12)):
        await asyncio.sleep(BASELINE_S)
        await verdict(engine, "score", "none")
        version = tmp_path / "repository" / "score" / "2"
        version.mkdir()
        (version / "model.py").write_text(sleeping(0.05))
        assert await load(server, "score") == 200

        walk = await verdict(engine, "score", "rollout")
        assert "score v2 READY on triton-0" in walk.path[-1].reason
        assert walk.advice[0].action is not None
        assert (walk.advice[0].action.kind, walk.advice[0].action.version) == ("rollback", "1")
        moved = next(f for f in walk.path[-1].findings if f.verdict == "rollout")
        loaded = [m.at for m in engine.snapshot.markers if m.kind == "load"]  # type: ignore[union-attr]
        assert moved.at == pytest.approx(loaded[0], abs=1.5)


async def test_more_requests_than_one_instance_serves(server: TritonServer, tmp_path: Path) -> None:
    async with watched(fleet(server, tmp_path)) as engine, under_load(server.url, Stream("score", 30)):
        await asyncio.sleep(BASELINE_S)
        async with under_load(server.url, Stream("score", 120)):
            walk = await verdict(engine, "score", "queue")
    # Without dynamic batching there is no queue to be made shorter: that key is not offered.
    assert next(each for each in walk.advice if each.action).mitigation.id == "capacity"


async def test_a_process_beside_it_that_burns_the_cpu(server: TritonServer, tmp_path: Path) -> None:
    async with watched(fleet(server, tmp_path)) as engine, under_load(server.url, Stream("worker", 12)):
        await asyncio.sleep(BASELINE_S)
        if _cpu(engine) > _BUSY:
            pytest.skip("the machine's CPU is taken already: more of that changes nothing")
        usual = _mean_ms(engine)
        with burning():
            try:
                walk = await verdict(engine, "worker", "external")
            except AssertionError:
                if _mean_ms(engine) < 2 * usual:
                    pytest.skip("this kernel keeps the others from the server: nothing got slower")
                raise
    assert any(f.check == "node_cpu" and f.answer == "yes" for f in walk.path[-1].findings)


def _mean_ms(engine: Engine) -> float:
    """What an inference of the worker takes by now."""
    assert engine.snapshot is not None
    return next(row.mean_ms or 0.0 for row in engine.snapshot.models if row.model == "worker")


def _cpu(engine: Engine) -> float:
    """How busy the machine was since the watch began, as Triton sees it; the median."""
    assert engine.snapshot is not None
    seen = engine.snapshot.history.host("triton-0", "cpu_utilization", BASELINE_S).values
    return statistics.median(value for value in seen if value is not None)


async def test_a_dead_stub_a_load_that_fails_and_a_quiet_model(server: TritonServer, tmp_path: Path) -> None:
    streams = (Stream("flaky", 10), Stream("fast", 10), Stream("idle", 0.1))
    async with watched(fleet(server, tmp_path)) as engine, under_load(server.url, *streams):
        await asyncio.sleep(BASELINE_S)
        server.kill_stubs("flaky")
        version = tmp_path / "repository" / "fast" / "2"
        version.mkdir()
        (version / "model.py").write_text("import a_package_that_is_not_there\n")
        assert await load(server, "fast") == 400

        assert (await verdict(engine, "flaky", "dead_stub")).runbook.id == "model-unavailable"
        assert (await verdict(engine, "fast", "python_import")).runbook.id == "load-failure"
        await verdict(engine, "idle", "none")


async def test_a_gateway_that_repeats(server: TritonServer, tmp_path: Path) -> None:
    file = tmp_path / "rds" / "routes.json"
    file.parent.mkdir()
    _route(file, {})
    port = int(server.url.rpartition(":")[2])
    with Envoy(tmp_path, {"score": port}, routed=by_file(file)) as envoy:
        gateway = EnvoyGateway(envoy.admin, "gw", (EnvoyRoute("score", ("score",)),))
        whole = fleet(server, tmp_path, gateway=gateway)
        async with watched(whole) as engine, under_load(envoy.url, Stream("score", 12)):
            await asyncio.sleep(BASELINE_S)
            await verdict(engine, "score", "none")
            _route(file, {"retry_on": "5xx", "num_retries": 3, "per_try_timeout": "0.008s"})
            walk = await verdict(engine, "score", "external")
    assert any(f.check == "gateway_retries" and f.answer == "yes" for f in walk.path[-1].findings)


def _route(file: Path, policy: dict[str, object]) -> None:
    """The route's file, replaced at once as a deployment does."""
    found = routes(split({"score": 100}))
    if policy:
        found["virtual_hosts"][0]["routes"][0]["route"]["retry_policy"] = policy
    typed = {"@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", **found}
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"version_info": str(len(policy)), "resources": [typed]}))
    new.replace(file)
