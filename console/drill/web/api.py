"""Triton's HTTP endpoints on a simulated target."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.fleet import Target
from console.drill.sim.repository import State
from console.drill.sim.server import Server
from console.drill.web.infer import infer
from console.drill.web.json_text import RefusalError, parse_body
from console.drill.web.lookup import find, version_number
from console.drill.web.metadata import EXTENSIONS, LOGGING, TRACING, model_metadata, version_of
from console.drill.web.reply import JSON, TEXT, answer, not_allowed, not_found, refuse, reply
from console.drill.web.repository import load, repository_index, unload
from console.drill.web.restrict import Restriction
from console.drill.web.statistics import model_stats, statistics


class _Asked(NamedTuple):
    """What an endpoint works with; ``name`` and ``version`` come from the path."""

    pace: Pace
    server: Server
    method: str
    body: bytes
    name: str
    version: str | None


class _Endpoint(NamedTuple):
    """One row of the table: path, methods, group for ``--http-restricted-api``, and the type of a 405."""

    path: re.Pattern[str]
    methods: str
    group: str
    answer: Callable[[_Asked], Awaitable[web.Response]]
    kind: str


class Api:
    """Answers for one target; the process behind it may change."""

    def __init__(self, pace: Pace, target: Target) -> None:
        self._pace = pace
        self._target = target
        self._restriction = Restriction(target.spec.restricted)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request to the HTTP port."""
        self._pace.catch_up()
        server = self._target.server
        if server is None:
            # The process died with the connection open.
            if request.transport is not None:
                request.transport.abort()
            return reply(503)
        path = request.raw_path.partition("?")[0]
        for endpoint in ENDPOINTS:
            found = endpoint.path.fullmatch(path)
            if found:
                return await self._answer(endpoint, found.groupdict(), request, server)
        return not_found()

    async def _answer(
        self, endpoint: _Endpoint, parts: dict[str, Any], request: web.BaseRequest, server: Server
    ) -> web.Response:
        restricted = self._restriction.refusal(endpoint.group, request.headers)
        if restricted:
            return refuse(403, restricted, TEXT)
        if request.method not in endpoint.methods:
            return not_allowed(endpoint.kind)
        body, name = await request.read(), parts.get("name") or ""
        asked = _Asked(self._pace, server, request.method, body, name, parts.get("version"))
        try:
            return await endpoint.answer(asked)
        except RefusalError as refused:
            return refuse(refused.status, refused.text)


async def _live(asked: _Asked) -> web.Response:  # noqa: ARG001 - an endpoint
    return reply(200, kind=TEXT)


async def _ready(asked: _Asked) -> web.Response:
    return reply(200 if asked.server.ready else 400, kind=TEXT)


async def _server_metadata(asked: _Asked) -> web.Response:
    version = version_of(asked.server.spec)
    return answer({"name": "triton", "version": version, "extensions": EXTENSIONS})


async def _model_metadata(asked: _Asked) -> web.Response:
    version = version_number(asked.version)
    slot = find(asked.server, asked.name, version)
    return answer(model_metadata(asked.server.models[asked.name], slot, version))


async def _config(asked: _Asked) -> web.Response:
    return answer(find(asked.server, asked.name, version_number(asked.version)).config)


async def _model_ready(asked: _Asked) -> web.Response:
    model = asked.server.models.get(asked.name)
    if model is not None and model.serving(version_number(asked.version)) is not None:
        return reply(200, kind=TEXT)
    return refuse(400, "Model version not ready", TEXT)


async def _infer(asked: _Asked) -> web.Response:
    try:
        slot = find(asked.server, asked.name, version_number(asked.version))
    except RefusalError as refused:
        return refuse(refused.status, refused.text, TEXT)
    return await infer(asked.pace, asked.server, asked.name, slot, asked.body)


async def _model_statistics(asked: _Asked) -> web.Response:
    name, version = asked.name, version_number(asked.version)
    model = asked.server.models.get(name)
    if model is None or not model.ready:
        raise RefusalError(400, f"requested model '{name}' is not available")
    if version is not None and model.serving(version) is None:
        raise RefusalError(400, f"requested model version is not available for model '{name}'")
    return _rows(asked, name, version)


async def _all_statistics(asked: _Asked) -> web.Response:
    return _rows(asked, None, None)


def _rows(asked: _Asked, name: str | None, version: int | None) -> web.Response:
    rows = [
        statistics(key, number, slot.runtime.tally, asked.pace.wall_ms)
        for key, model in sorted(asked.server.models.items())
        if name in {None, key}
        for number, slot in sorted(model.slots.items())
        if version in {None, number} and slot.state is State.READY and slot.runtime is not None
    ]
    return answer(model_stats(rows))


async def _index(asked: _Asked) -> web.Response:
    return repository_index(asked.server, asked.body)


async def _load(asked: _Asked) -> web.Response:
    return await load(asked.pace, asked.server, asked.name, asked.body)


async def _unload(asked: _Asked) -> web.Response:
    return await unload(asked.pace, asked.server, asked.name, asked.body)


async def _shared_memory(asked: _Asked) -> web.Response:  # noqa: ARG001 - an endpoint
    return answer([])


async def _logging(asked: _Asked) -> web.Response:
    if asked.method == "POST":
        parse_body(asked.body)
    return answer(LOGGING)


async def _tracing(asked: _Asked) -> web.Response:
    if asked.method == "POST":
        parse_body(asked.body)
    if asked.name and asked.name not in asked.server.models:
        raise RefusalError(400, f"Request for unknown model : {asked.name}")
    return answer(TRACING)


_NAME, _VERSION = r"(?P<name>[^/]+)", r"(?:/versions/(?P<version>[0-9]+))?"
_MODEL = f"/v2/models/{_NAME}{_VERSION}"
_CONTROL = f"/v2/repository/models/{_NAME}"

ENDPOINTS = tuple(
    _Endpoint(re.compile(path), methods, group, endpoint, kind)
    for path, methods, group, endpoint, kind in (
        ("/v2/health/live", "GET", "health", _live, TEXT),
        ("/v2/health/ready", "GET", "health", _ready, TEXT),
        ("/v2", "GET", "metadata", _server_metadata, JSON),
        ("/v2/models/stats", "GET", "statistics", _all_statistics, JSON),
        (_MODEL, "GET", "metadata", _model_metadata, JSON),
        (f"{_MODEL}/ready", "GET", "health", _model_ready, TEXT),
        (f"{_MODEL}/config", "GET", "model-config", _config, JSON),
        (f"{_MODEL}/stats", "GET", "statistics", _model_statistics, JSON),
        (f"{_MODEL}/infer", "POST", "inference", _infer, TEXT),
        ("/v2/repository/index", "POST", "model-repository", _index, JSON),
        (f"{_CONTROL}/load", "POST", "model-repository", _load, JSON),
        (f"{_CONTROL}/unload", "POST", "model-repository", _unload, JSON),
        ("/v2/(system|cuda)sharedmemory/status", "GET", "shared-memory", _shared_memory, JSON),
        ("/v2/logging", "GET, POST", "logging", _logging, JSON),
        (f"/v2/(models/{_NAME}/)?trace/setting", "GET, POST", "trace", _tracing, JSON),
    )
)
