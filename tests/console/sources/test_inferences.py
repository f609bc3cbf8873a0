"""Inferences that a gate asks for, of a server that answers what the test says."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.clock import SystemClock
from console.domain.fleet import Fleet, Probe, Target, Tls
from console.domain.gate_answers import ReplyKind
from console.sources._inferences import Inferences
from console.transport.http import Http
from console.transport.kit import Kit

TENSOR = {"name": "X", "datatype": "FP32", "shape": [-1, 2]}
METADATA = {"name": "ranker", "versions": ["6"], "inputs": [TENSOR], "outputs": []}
CONFIG: dict[str, object] = {
    "name": "ranker",
    "input": [{"name": "X", "data_type": "TYPE_FP32", "dims": [2]}],
}
GOOD = {"model_version": "6", "outputs": [{"name": "Y", "datatype": "FP32", "shape": [1], "data": [2.0]}]}
BODY = b"{}"


class Server:
    """One model: ``answers`` by path; an inference is answered with ``status`` and ``body``."""

    def __init__(self) -> None:
        self.metadata, self.config = METADATA, CONFIG
        self.status, self.body = 200, json.dumps(GOOD)
        self.asked: list[str] = []

    async def get(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response(self.config if request.path.endswith("/config") else self.metadata)

    async def post(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, Target, Inferences]]:
    found, http = Server(), Http({}, Tls())
    application = web.Application()
    application.router.add_get("/{path:.*}", found.get)
    application.router.add_post("/{path:.*}", found.post)
    async with TestServer(application) as started:
        target = Target("a", str(started.make_url("")).rstrip("/"), "")
        yield found, target, Inferences(Fleet("t", (target,)), Kit(SystemClock(), http))
    await http.close()


Given = tuple[Server, Target, Inferences]


async def test_inputs_are_made_up_from_what_the_version_says(server: Given) -> None:
    model, target, inferences = server
    found = await inferences.inputs(target, "ranker", "6")
    assert [each.name for each in found] == ["zeros", "ones", "mixed values"]
    assert found[1].body["inputs"][0]["data"] == [1, 1]
    assert all("/versions/6" in path for path in model.asked)


async def test_the_probes_of_the_settings_come_before_what_is_made_up(server: Given) -> None:
    model, target, _ = server
    probes = (Probe("ranker", {"inputs": [1]}), Probe("ranker", {}, version="9"), Probe("embed", {}))
    inferences = Inferences(Fleet("t", (target,), probes=probes), Kit(SystemClock(), Http({}, Tls())))
    assert [each.body for each in await inferences.inputs(target, "ranker", "6")] == [{"inputs": [1]}]
    assert model.asked == []


async def test_what_cannot_be_made_up_is_said_with_what_to_do(server: Given) -> None:
    model, target, inferences = server
    model.config = {**CONFIG, "sequence_batching": {}}
    with pytest.raises(ValueError, match=r"keeps sequences.*--input FILE"):
        await inferences.inputs(target, "ranker", "6")
    with pytest.raises(ValueError, match="cannot be asked for this name"):
        await inferences.inputs(target, "a/b", "6")


async def test_an_answer_is_its_outputs(server: Given) -> None:
    model, target, inferences = server
    reply = await inferences.infer(target, "ranker", "6", BODY, 30.0)
    assert reply.ok
    assert (reply.outputs["Y"].datatype, reply.outputs["Y"].data) == ("FP32", [2.0])
    assert model.asked == ["/v2/models/ranker/versions/6/infer"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (500, '{"error": "boom\\nat model.py:3"}', ReplyKind.REFUSED, "HTTP 500: boom"),
        (503, "<html>", ReplyKind.REFUSED, "HTTP 503: no JSON answer"),
        (200, "[]", ReplyKind.REFUSED, "cannot be read"),
        (200, "[" * 100_000, ReplyKind.REFUSED, "cannot be read"),
        (200, '{"outputs": [{"name": "Y"}]}', ReplyKind.REFUSED, "no outputs in JSON"),
        (401, "", ReplyKind.UNREACHABLE, "credential missing"),
        (500, '{"error": "\\u001b[31mred"}', ReplyKind.REFUSED, "HTTP 500: \\e[31mred"),
    ],
)
async def test_any_other_answer_is_a_reply_in_words(
    server: Given, status: int, body: str, kind: ReplyKind, said: str
) -> None:
    model, target, inferences = server
    model.status, model.body = status, body
    reply = await inferences.infer(target, "ranker", "6", BODY, 30.0)
    assert reply.kind is kind
    assert said in reply.error
    assert "model.py" not in reply.error


async def test_a_server_that_is_gone_says_nothing_of_the_model(server: Given) -> None:
    _, _, inferences = server
    reply = await inferences.infer(Target("b", "http://127.0.0.1:1", ""), "ranker", "6", BODY, 30.0)
    assert reply.kind is ReplyKind.UNREACHABLE
    assert "refused" in reply.error
