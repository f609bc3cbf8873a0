"""The client against whatever answers as a Prometheus: what is sent, what is refused and why, and every bound."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Access, Fleet, Target, Tls
from console.domain.secret import Secret
from console.transport import _promql_session
from console.transport._prometheus_series import Grid
from console.transport.promql_client import PromqlClient
from tests.parts.certificate import certificate

Answer = Callable[[web.Request], Any]
VECTOR = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {"a": "b"}, "value": [1, "2"]}]},
}


@asynccontextmanager
async def prometheus(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.StreamResponse:
        found = answer(request)
        return found if isinstance(found, web.StreamResponse) else web.json_response(found)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app, scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    try:
        yield str(server.make_url("/")).rstrip("/")
    finally:
        await server.close()


async def asked(answer: Answer, query: str = "up", **fleet: Any) -> Any:
    async with prometheus(answer) as url:
        return await ask(url, query, **fleet)


async def ask(url: str, query: str = "up", **fleet: Any) -> Any:
    client = PromqlClient(Fleet(prometheus=url, **fleet), 20.0)
    try:
        return await client.query(query)
    finally:
        await client.close()


async def refused(answer: Answer, **fleet: Any) -> Failure:
    with pytest.raises(SourceError) as caught:
        await asked(answer, **fleet)
    return caught.value.failure


def error(status: int, said: str, kind: str = "execution") -> Answer:
    return lambda _: web.json_response({"status": "error", "errorType": kind, "error": said}, status=status)


async def test_the_settings_headers_are_sent_and_those_of_the_servers_are_not() -> None:
    seen: list[dict[str, str]] = []

    def answer(request: web.Request) -> Any:
        seen.append(dict(request.headers))
        return VECTOR

    access = Access({"Authorization": Secret("Bearer t0ken"), "X-Scope-OrgID": Secret("shop")})
    await asked(answer, prometheus_access=access, headers={"admin-key": Secret("hush")}, targets=(
        Target("t", "http://127.0.0.1:1", "http://127.0.0.1:2"),
    ))  # fmt: skip

    assert seen[0]["Authorization"] == "Bearer t0ken"
    assert seen[0]["X-Scope-OrgID"] == "shop"
    assert "admin-key" not in seen[0]


async def test_what_the_environment_has_of_credentials_and_proxies_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password hush\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen: list[Any] = []

    def answer(request: web.Request) -> Any:
        seen.append(request.headers.get("Authorization"))
        return VECTOR

    await asked(answer)

    assert seen == [None]


async def test_a_long_query_goes_as_a_form() -> None:
    seen: list[tuple[str, int]] = []

    async def handle(request: web.Request) -> web.Response:
        form = await request.post()
        seen.append((request.method, len(str(form.get("query") or request.query.get("query")))))
        return web.json_response(VECTOR)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    url = str(server.make_url("/")).rstrip("/")
    await ask(url, "x" * 9000)
    await ask(url, "up")
    await server.close()

    assert seen == [("POST", 9000), ("GET", 2)]


async def test_warnings_and_answers_that_are_not_whole_are_told() -> None:
    body = {**VECTOR, "isPartial": True, "warnings": ["store eu-2 timed out"], "infos": None}

    assert (await asked(lambda _: body)).warnings == (
        "the answer is not whole: part of what keeps the series did not answer",
        "store eu-2 timed out",
    )


async def test_that_a_counter_is_not_called_total_is_not_worth_a_word() -> None:
    said = (
        'PromQL info: metric might not be a counter, name does not end in _total: "nv_inference_count" (1:5)'
    )

    assert (await asked(lambda _: {**VECTOR, "infos": [said]})).warnings == ()


@pytest.mark.parametrize(
    ("answer", "kind", "message", "hint"),
    [
        (lambda _: web.Response(status=401, text="no org id"), FailureKind.FORBIDDEN, "no org id", "X-Scope-OrgID"),
        (lambda _: web.Response(status=403), FailureKind.FORBIDDEN, "sent none", "prometheus_access.bearer"),
        (error(422, "query processing would load too many samples into memory"), FailureKind.STATUS, "too many samples", "narrow the fleet's selector"),
        (error(422, "cannot select more than -search.maxSamplesPerQuery=1 samples"), FailureKind.STATUS, "maxSamples", "narrow"),
        (error(429, "too many outstanding requests"), FailureKind.STATUS, "too many outstanding", "longer refresh"),
        (lambda _: web.Response(status=429, text="slow down"), FailureKind.STATUS, "slow down", "longer refresh"),
        (error(503, "query timed out in expression evaluation", "timeout"), FailureKind.STATUS, "timed out", "overloaded"),
        (lambda _: web.Response(status=502, text="<html>bad gateway</html>"), FailureKind.STATUS, "HTTP 502", "overloaded"),
        (lambda _: web.Response(status=503, text="<html>upstream</html>"), FailureKind.STATUS, "HTTP 503", "overloaded"),
        (lambda _: web.Response(status=404, text="404 page not found\n"), FailureKind.STATUS, "404 page", "/select/0/prometheus"),
        (error(400, "1:5: parse error: unclosed \x1b[31m", "bad_data"), FailureKind.STATUS, "parse error: unclosed \\e[31m", "Prometheus's own page"),
        (lambda _: web.Response(text="<html>welcome</html>"), FailureKind.GARBAGE, "did not answer as Prometheus", "base URL"),
        (lambda _: {"status": "success", "data": {"result": [1, [2]]}}, FailureKind.GARBAGE, "did not answer as", "base URL"),
        (lambda _: web.Response(text="[" * 100_000), FailureKind.GARBAGE, "did not answer as", "base URL"),
        (lambda _: web.Response(status=302, headers={"Location": "https://elsewhere/"}), FailureKind.REDIRECT, "redirects to https://elsewhere", "redirects are not followed"),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_with_what_to_do(
    answer: Answer, kind: FailureKind, message: str, hint: str
) -> None:
    failure = await refused(answer)

    assert failure.kind is kind
    assert message in failure.message
    assert hint in failure.hint
    assert "\n" not in failure.message


async def test_a_credential_that_is_not_taken_is_not_called_missing_and_not_shown() -> None:
    access = Access({"Authorization": Secret("Bearer t0ken")})

    failure = await refused(lambda _: web.Response(status=401), prometheus_access=access)

    assert "does not take the credential" in failure.message
    assert "t0ken" not in repr(failure)


async def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_promql_session, "BODY_LIMIT", 2**20)

    failure = await refused(lambda _: web.Response(body=b" " * (3 * 2**20)))

    assert failure.kind is FailureKind.TOO_LARGE
    assert "fewer labels" in failure.hint


async def test_an_answer_that_drips_ends_in_time() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 70_000)
            await asyncio.sleep(0.05)

    app = web.Application()
    app.router.add_get("/{tail:.*}", drip)
    server = TestServer(app)
    await server.start_server()
    client = PromqlClient(Fleet(prometheus=str(server.make_url("/")).rstrip("/")), 0.5)
    with pytest.raises(SourceError) as caught:
        await client.query("up")
    await client.close()
    await server.close()

    assert caught.value.failure.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://127.0.0.1:1", FailureKind.REFUSED),
        ("http://prometheus.invalid:9090", FailureKind.UNRESOLVED),
    ],
)
async def test_who_cannot_be_reached_is_named(url: str, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as caught:
        await ask(url)

    assert caught.value.failure.kind is kind
    assert url in caught.value.failure.message


async def test_its_certificate_is_checked_by_its_own_authorities(tmp_path: Path) -> None:
    pem, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    async with prometheus(lambda _: VECTOR, context) as url:
        with pytest.raises(SourceError) as caught:
            await ask(url)
        trusted = await ask(url, prometheus_access=Access(tls=Tls(ca=str(pem))))
        unverified = await ask(url, prometheus_access=Access(tls=Tls(verify=False)))
        with pytest.raises(SourceError) as unreadable:
            await ask(url, tls=Tls(ca=str(tmp_path / "none.pem")))

    assert caught.value.failure.kind is FailureKind.TLS
    assert len(trusted.rows) == len(unverified.rows) == 1
    assert "none.pem cannot be read" in unreadable.value.failure.message


async def test_a_range_is_asked_for_step_by_step() -> None:
    seen: list[dict[str, str]] = []

    def answer(request: web.Request) -> Any:
        seen.append(dict(request.query))
        return {"status": "success", "data": {"result": [{"metric": {}, "values": [[100, "1"], [115, "2"]]}]}}

    async with prometheus(answer) as url:
        client = PromqlClient(Fleet(prometheus=url), 20.0)
        found = await client.query_range("up", Grid(100.0, 15.0, 3))
        await client.close()

    assert found.rows[0].values == ((100, "1"), (115, "2"))
    assert {name: seen[0][name] for name in ("query", "start", "end", "step")} == {
        "query": "up",
        "start": "100",
        "end": "130",
        "step": "15",
    }
