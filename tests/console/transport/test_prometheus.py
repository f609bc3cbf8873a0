"""A Prometheus that is odd, slow, rude or somebody else: every failure is a sentence, and no credential goes astray."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.domain.fleet import Fleet, Target, Tls
from console.domain.secret import Secret
from console.domain.triage import Asked
from console.transport import prometheus as module
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus import queries_of
from tests.parts import hostile
from tests.parts.clock import HandClock

HEADERS = {"admin-key": Secret("hush")}


async def asked(url: str, query: str = "up", **fleet: Any) -> Asked:
    http = Http(HEADERS, Tls())
    try:
        made = queries_of(Fleet(prometheus=url, headers=HEADERS, **fleet), Kit(HandClock(), http))
        assert made is not None
        return await made.ask(query)
    finally:
        await http.close()


def vector(*rows: tuple[dict[str, Any], Any]) -> bytes:
    result = [{"metric": metric, "value": [1.0, value]} for metric, value in rows]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def saying(body: bytes, status: str = "200 OK") -> hostile.Behaviour:
    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        hostile.answer(writer, body, status)

    return behaviour


def test_without_the_setting_there_is_nobody_to_ask() -> None:
    assert queries_of(Fleet(), Kit(HandClock(), Http({}, Tls()))) is None


@pytest.mark.parametrize(
    "behaviour",
    [
        *(hostile.reset, hostile.garbage, hostile.nonsense, hostile.error500, hostile.redirect()),
        *(hostile.flood_sized, hostile.flood_chunked, hostile.cut(saying(vector(({}, "1"))), 20)),
        *(saying(b"[]"), saying(b"null"), saying(b'{"status": "success"}'), saying(b"[" * 100_000)),
        saying(b'{"status": "success", "data": {"resultType": "vector", "result": 7}}'),
        saying(b'{"status": "success", "data": {"resultType": "vector", "result": [7, {}, {"value": "x"}]}}'),
        saying(b'{"status": "error", "error": {"deep": 1}}', "400 Bad Request"),
    ],
)
async def test_whatever_is_answered_is_a_problem_in_words(behaviour: hostile.Behaviour) -> None:
    async with hostile.serving(behaviour) as url:
        found = await asked(url)

    assert found.values == {}
    assert len(found.problem) > 10


async def test_one_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)
    async with hostile.serving(hostile.hang) as url:
        assert "no answer within 0.05 s" in (await asked(url)).problem


async def test_a_refusal_is_told_in_its_own_words_made_harmless() -> None:
    body = json.dumps({"status": "error", "errorType": "bad_data", "error": "1:5: parse\x1b[31m error" * 99})
    async with hostile.serving(saying(body.encode(), "400 Bad Request")) as url:
        found = await asked(url)

    assert found.problem.startswith("Prometheus refuses the query: 1:5: parse\\e[31m error")
    assert len(found.problem) <= 300


async def test_odd_labels_are_literal_and_no_series_hides_another() -> None:
    long = "m" * 500
    rows = vector(
        *(({"model": "\x1b[31mred"}, "1"), ({"model": f"{long}1"}, "2"), ({"model": f"{long}2"}, "3")),
        *(({}, "NaN"), ({"model": "x"}, "+Inf"), ({"model": "y"}, "many")),
    )
    async with hostile.serving(saying(rows)) as url:
        found = await asked(url)

    assert sorted(found.values.values()) == [1, 2, 3]
    assert found.values["model=\\e[31mred"] == 1


async def test_of_very_many_series_the_greatest_and_the_least_are_kept() -> None:
    rows = vector(*(({"pod": f"p{n}"}, str((n * 7919) % 5000)) for n in range(5000)))
    async with hostile.serving(saying(rows)) as url:
        found = await asked(url)

    assert (min(found.values.values()), max(found.values.values())) == (0, 4999)
    assert len(found.values) <= 100


async def seen_headers(*, shared: bool, status: int = 200) -> tuple[str | None, Asked]:
    """What a Prometheus is sent that does, or does not, share its address with a target."""
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("admin-key"))
        return web.Response(status=status, body=vector(({}, "1")))

    app = web.Application()
    app.router.add_get("/prom/api/v1/query", answer)
    server = TestServer(app)
    await server.start_server()
    base = str(server.make_url("/")).rstrip("/")
    target = Target("t", base if shared else "http://127.0.0.1:9", "http://127.0.0.1:9/metrics")
    found = await asked(f"{base}/prom", targets=(target,))
    await server.close()
    return seen[0], found


async def test_the_credentials_of_triton_go_to_nobody_else() -> None:
    assert await seen_headers(shared=False) == (None, Asked({"": 1}, HandClock().now()))


async def test_a_gateway_that_is_both_gets_the_credentials_that_it_has_anyway() -> None:
    assert (await seen_headers(shared=True))[0] == "hush"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_prometheus_that_wants_a_credential_is_not_called_broken(status: int) -> None:
    _, found = await seen_headers(shared=False, status=status)

    assert "it wants a credential, and is sent none" in found.problem


@pytest.mark.parametrize(
    ("status", "body", "wanted", "never"),
    [
        ("429 Too Many Requests", b"slow down", "refuses the query: slow down", "did not answer as"),
        ("503 Service Unavailable", b"<html>upstream</html>", "HTTP 503", "did not answer as"),
        ("404 Not Found", b"<html>nginx</html>", "is a prefix missing?", "\n"),
        ("200 OK", b"<html>Grafana</html>", "give its base URL", "\n"),
    ],
)
async def test_who_answers_in_prometheus_place_is_understood(
    status: str, body: bytes, wanted: str, never: str
) -> None:
    async with hostile.serving(saying(body, status)) as url:
        found = await asked(url)

    assert wanted in found.problem
    assert never not in found.problem
    assert found.problem.count("did not answer as") <= 1
