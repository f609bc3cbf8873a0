"""Probes against a server that answers what the test says."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.clock import SystemClock
from console.domain.fleet import Fleet, Probe, Target, Tls
from console.domain.probe import ProbeOutcome, ProbeReading
from console.sources.probe import sources
from console.transport.http import Http
from console.transport.kit import Kit

REQUEST = {"inputs": [{"name": "INPUT0", "shape": [1], "datatype": "FP32", "data": [1.0]}]}


class Model:
    """One model's answer, and what was asked of it."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = {"model_version": "3", "outputs": [{"name": "OUTPUT0", "data": [2.0]}]}
        self.asked: list[tuple[str, object]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, await request.json()))
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return web.Response(status=self.status, text=body)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    found = Model()
    application = web.Application()
    application.router.add_post("/{path:.*}", found.answer)
    async with TestServer(application) as server:
        found.url = str(server.make_url(""))  # type: ignore[attr-defined]
        yield found


async def probe(model: Model, **changes: object) -> ProbeReading:
    http = Http({}, Tls())
    asked = Probe("ranker", REQUEST, expect={"OUTPUT0": [2.0]}, **changes)  # type: ignore[arg-type]
    target = Target("a", model.url, "")  # type: ignore[attr-defined]
    (source,) = sources(Fleet("t", (target,), probes=(asked,)), Kit(SystemClock(), http))
    try:
        reading = await source.poll()
    finally:
        await http.close()
    assert isinstance(reading, ProbeReading)
    return reading


async def test_the_expected_answer_is_well(model: Model) -> None:
    reading = await probe(model)

    assert (reading.outcome, reading.version, reading.detail) == (ProbeOutcome.OK, "3", "")
    assert model.asked == [("/v2/models/ranker/infer", REQUEST)]
    assert reading.took_ms > 0


async def test_a_wrong_answer_is_named_with_its_first_difference(model: Model) -> None:
    model.body = {"outputs": [{"name": "OUTPUT0", "data": [2.5]}]}

    reading = await probe(model)

    assert (reading.outcome, reading.detail) == (ProbeOutcome.WRONG, "OUTPUT0[0]: 2.5, expected 2.0")


async def test_the_servers_own_words_for_an_error(model: Model) -> None:
    model.status, model.body = 500, {"error": "Stub process 'flaky_0_0' is not healthy."}

    reading = await probe(model)

    assert reading.outcome is ProbeOutcome.ERROR
    assert "Stub process 'flaky_0_0' is not healthy." in reading.detail


async def test_a_target_that_does_not_serve_the_model_is_not_at_fault(model: Model) -> None:
    model.status, model.body = 404, {"error": "Request for unknown model: 'ranker' is not found"}

    assert (await probe(model)).outcome is ProbeOutcome.NOT_SERVED


@pytest.mark.parametrize("body", ["", "<html>", "[" * 100_000, '{"outputs": 3}'])
async def test_an_answer_that_is_no_inference_is_an_error_not_a_crash(model: Model, body: str) -> None:
    model.body = body

    assert (await probe(model)).outcome in {ProbeOutcome.ERROR, ProbeOutcome.WRONG}


async def test_one_version_is_asked_by_its_number(model: Model) -> None:
    await probe(model, version="2")

    assert model.asked[0][0] == "/v2/models/ranker/versions/2/infer"


async def test_nobody_there(model: Model) -> None:
    model.url = "http://127.0.0.1:9"  # type: ignore[attr-defined]

    assert (await probe(model)).outcome is ProbeOutcome.UNREACHABLE
