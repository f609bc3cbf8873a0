"""The drill over real sockets, its time driven by hand."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from tritonclient.http.aio import InferenceServerClient

from console.drill import Drill, ScenarioError
from console.drill.scenario import scenario_named
from console.drill.spec import Crash, Event, Metrics, Scenario
from tests.parts.clock import HandClock

PROMPT = aiohttp.ClientTimeout(total=10)


def brief(name: str, *events: Event) -> Scenario:
    """A scenario with little history, and only these events if there are any."""
    scenario = scenario_named(name)
    return replace(scenario, warm_s=3.0, events=events or scenario.events)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=PROMPT) as session:
        yield session


async def text(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        assert response.status == 200
        return await response.text()


async def succeeded(session: aiohttp.ClientSession, url: str) -> int:
    """Requests of ranker that a target has counted."""
    lines = (await text(session, url)).splitlines()
    return int(
        next(
            line for line in lines if line.startswith('nv_inference_request_success{model="ranker"')
        ).split()[1]
    )


def taken(*urls: str) -> list[bool]:
    """Whether somebody listens at the ports of these addresses."""
    found = []
    for url in urls:
        with socket.socket() as probe:
            found.append(probe.connect_ex(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) == 0)
    return found


def test_an_unknown_scenario_is_refused_before_anything_starts() -> None:
    with pytest.raises(ScenarioError, match="did you mean healthy"):
        Drill("helthy")


async def test_it_says_where_it_listens_and_leaves_the_ports_free() -> None:
    drill = Drill(brief("healthy"), clock=HandClock())
    endpoints = await drill.start()
    urls = [url for _, *both in endpoints.targets for url in both] + [*endpoints.dcgm, endpoints.gateway]

    assert (len(set(urls)), taken(*urls)) == (10, [True] * 10)
    told = json.loads(json.dumps(endpoints.as_json()))
    assert told["targets"][0] == dict(zip(("name", "url", "metrics"), endpoints.targets[0], strict=True))
    assert told["objectives"]["ranker"] == {"latency_ms": 50, "quantile": 0.99, "availability": 0.999}
    await drill.stop()
    assert taken(*urls) == [False] * 10


def free_run(count: int) -> int:
    """The first of consecutive free ports, below the range that the system gives to outgoing connections."""
    while True:
        first = random.randrange(12000, 32000)
        if not any(taken(*(f"http://127.0.0.1:{first + number}" for number in range(count)))):
            return first


async def test_ports_follow_each_other_and_a_taken_one_is_an_error() -> None:
    port = free_run(10)
    async with Drill(brief("healthy"), port=port, clock=HandClock()) as drill:
        with pytest.raises(OSError, match="in use"):
            await Drill(brief("healthy"), port=port, clock=HandClock()).start()
        assert drill.endpoints.targets[1][1:] == (
            f"http://127.0.0.1:{port + 2}",
            f"http://127.0.0.1:{port + 3}/metrics",
        )
        assert drill.endpoints.gateway.startswith(f"http://127.0.0.1:{port + 9}/")


async def test_time_is_the_clocks_times_the_speed(session: aiohttp.ClientSession) -> None:
    clock = HandClock()
    async with Drill(brief("healthy"), speed=4.0, clock=clock) as drill:
        url = drill.endpoints.targets[0][2]
        before = await succeeded(session, url)
        assert await succeeded(session, url) == before
        await clock.advance(5.0)
        assert await succeeded(session, url) - before == pytest.approx(20 * 110, rel=0.12)


async def test_tritons_own_client_works_with_it() -> None:
    async with Drill(brief("healthy")) as drill:
        client = InferenceServerClient(drill.endpoints.targets[0][1].removeprefix("http://"))
        try:
            assert await client.is_server_live()
            assert await client.is_server_ready()
            assert await client.is_model_ready("search")
            assert (await client.get_server_metadata())["version"] == "2.51.0"
            assert (await client.get_model_metadata("ranker"))["platform"] == "tensorrt"
            assert (await client.get_model_config("ocr"))["backend"] == "python"
            assert len((await client.get_inference_statistics())["model_stats"]) == 6
            await client.unload_model("tokenizer")
            states = {row["name"]: row["state"] for row in await client.get_model_repository_index()}
            assert (states["tokenizer"], states["search"]) == ("UNLOADING", "UNAVAILABLE")
            await client.load_model("search")
            assert await client.is_model_ready("tokenizer")
        finally:
            await client.close()


async def test_probes_are_answered_as_expected(session: aiohttp.ClientSession) -> None:
    async with Drill(brief("healthy")) as drill:
        url = drill.endpoints.targets[1][1]
        for model, probe in drill.endpoints.probes.items():
            async with session.post(f"{url}/v2/models/{model}/infer", json=probe["request"]) as response:
                answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            assert {output["name"]: output["data"] for output in answer["outputs"]} == probe["expect"]


async def test_a_load_over_http_is_answered_when_it_has_ended(session: aiohttp.ClientSession) -> None:
    clock = HandClock()
    async with Drill(brief("healthy"), clock=clock) as drill:
        url = drill.endpoints.targets[0][1]
        async with session.post(f"{url}/v2/repository/models/ocr/unload") as response:
            assert response.status == 200
        loading = asyncio.create_task(session.post(f"{url}/v2/repository/models/ocr/load"))
        server = drill.fleet.targets["triton-0"].server
        assert server is not None
        await eventually(lambda: bool(server.models["ocr"].operations))
        await clock.advance(6.5)
        assert not loading.done()
        async with session.get(f"{url}/v2/health/ready") as response:
            assert response.status == 400
        await clock.advance(1.0)
        assert (await loading).status == 200


async def test_a_process_that_dies_refuses_on_both_ports_and_comes_back_from_zero(
    session: aiohttp.ClientSession,
) -> None:
    clock = HandClock()
    async with Drill(brief("crash-loop", Crash(at=2.0, target="triton-3", down_s=8.0)), clock=clock) as drill:
        _, url, metrics = drill.endpoints.targets[3]
        await clock.advance(1.0)
        before = await succeeded(session, metrics)
        await clock.advance(3.0)
        await eventually(lambda: taken(url, metrics) == [False, False])
        with pytest.raises(aiohttp.ClientConnectionError):
            await text(session, f"{url}/v2/health/live")
        await clock.advance(8.0)
        await eventually(lambda: taken(url, metrics) == [True, True])
        assert await succeeded(session, metrics) < before


async def test_missing_metrics_leave_the_api_alone(session: aiohttp.ClientSession) -> None:
    clock = HandClock()
    event = Metrics(at=1.0, target="triton-2", listening=False)
    async with Drill(brief("metrics-missing", event), clock=clock) as drill:
        _, url, metrics = drill.endpoints.targets[2]
        await clock.advance(2.0)
        await eventually(lambda: taken(url, metrics) == [True, False])
        assert await text(session, f"{url}/v2/health/live") == ""


async def eventually(holds: Any) -> None:
    """Wait, a few seconds at most, for what the loop still has to do with its sockets."""
    async with asyncio.timeout(10):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)
