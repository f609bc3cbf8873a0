"""Triton's HTTP endpoints on a simulated target."""

import json
import re
from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.fleet import Target
from console.drill.sim.repository import State, index
from console.drill.sim.server import Server
from console.drill.web.infer import infer
from console.drill.web.lookup import find
from console.drill.web.metadata import EXTENSIONS, LOGGING, TRACING, model_metadata, version_of
from console.drill.web.reply import JSON, TEXT, answer, not_allowed, not_found, refuse, reply
from console.drill.web.repository import load, unload
from console.drill.web.restrict import Restriction
from console.drill.web.statistics import model_stats, statistics

_MODEL = re.compile(r"/v2/models/([^/]+)(?:/versions/([0-9]+))?(?:/(infer|ready|config|stats))?")
_CONTROL = re.compile(r"/v2/repository/models/([^/]+)/(load|unload)")


class Api:
    """Answers for one target; the process behind it may change."""

    def __init__(self, pace: Pace, target: Target) -> None:
        self._pace = pace
        self._target = target
        self._restriction = Restriction(target.spec.restricted)

    @property
    def server(self) -> Server:
        """The process; raises ConnectionError while there is none."""
        if self._target.server is None:
            raise ConnectionError("the process is down")
        return self._target.server

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request to the HTTP port."""
        self._pace.catch_up()
        if self._target.server is None:
            if request.transport is not None:
                request.transport.abort()
            return reply(503)
        path = request.raw_path.partition("?")[0]
        return await self._route(request, path)

    async def _route(self, request: web.Request, path: str) -> web.Response:
        if path in {"/v2/health/live", "/v2/health/ready"}:
            return self._restricted(request, "health", TEXT) or self._health(request, path)
        if path == "/v2":
            return self._restricted(request, "metadata") or self._metadata(request)
        if path == "/v2/repository/index":
            return self._restricted(request, "model-repository") or await self._index(request)
        control = _CONTROL.fullmatch(path)
        if control:
            return self._restricted(request, "model-repository") or await self._control(
                request, *control.groups()
            )
        if path == "/v2/models/stats":
            return self._restricted(request, "statistics") or self._statistics(request, None, None)
        model = _MODEL.fullmatch(path)
        if model:
            return await self._model(request, *model.groups())
        return self._fixed(request, path)

    def _restricted(self, request: web.Request, group: str, kind: str = JSON) -> web.Response | None:
        text = self._restriction.refusal(group, request.headers)
        return refuse(403, text, kind) if text else None

    def _health(self, request: web.Request, path: str) -> web.Response:
        if request.method != "GET":
            return not_allowed()
        fine = path.endswith("live") or self.server.ready
        return reply(200 if fine else 400, kind=TEXT)

    def _metadata(self, request: web.Request) -> web.Response:
        if request.method != "GET":
            return not_allowed()
        return answer({"name": "triton", "version": version_of(self.server.spec), "extensions": EXTENSIONS})

    def _fixed(self, request: web.Request, path: str) -> web.Response:
        fixed = {"/v2/trace/setting": TRACING, "/v2/logging": LOGGING}
        if path not in fixed:
            return not_found()
        return answer(fixed[path]) if request.method == "GET" else not_allowed()

    async def _index(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            return not_allowed(JSON)
        try:
            wanted = await json_body(request)
        except ValueError as error:
            return refuse(500, str(error))
        return answer(index(self.server.models, ready_only=bool(wanted.get("ready"))))

    async def _control(self, request: web.Request, name: str, verb: str) -> web.Response:
        if request.method != "POST":
            return not_allowed(JSON)
        try:
            body = await json_body(request)
        except ValueError as error:
            return refuse(500, str(error))
        act = load if verb == "load" else unload
        return await act(self._pace, self._target, name, body)

    async def _model(
        self, request: web.Request, name: str, version: str | None, verb: str | None
    ) -> web.Response:
        number = None if version is None else int(version)
        group = {"ready": "health", "config": "model-config", "stats": "statistics", "infer": "inference"}
        refused = self._restricted(request, group.get(verb or "", "metadata"))
        if refused:
            return refused
        if verb == "infer":
            if request.method != "POST":
                return not_allowed()
            return await infer(self._pace, self._target, request, name, number)
        if request.method != "GET":
            return not_allowed()
        if verb == "ready":
            return self._model_ready(name, number)
        if verb == "stats":
            return self._statistics(request, name, number)
        slot = find(self.server, name, number)
        if isinstance(slot, web.Response):
            return slot
        if verb == "config":
            return answer(slot.config)
        return answer(model_metadata(self.server.models[name], slot, number))

    def _model_ready(self, name: str, version: int | None) -> web.Response:
        model = self.server.models.get(name)
        if model is not None and model.serving(version) is not None:
            return reply(200, kind=TEXT)
        return refuse(400, "Model version not ready", TEXT)

    def _statistics(self, request: web.Request, name: str | None, version: int | None) -> web.Response:
        if request.method != "GET":
            return not_allowed()
        models = self.server.models
        if name is not None:
            if name not in models or not models[name].ready:
                return refuse(400, f"requested model '{name}' is not available")
            if version is not None and models[name].serving(version) is None:
                return refuse(400, f"requested model version is not available for model '{name}'")
        rows = [
            statistics(model.name, number, slot.runtime.tally, self._pace.wall_ms)
            for key, model in sorted(models.items())
            if name in {None, key}
            for number, slot in sorted(model.slots.items())
            if version in {None, number} and slot.state is State.READY and slot.runtime is not None
        ]
        return answer(model_stats(rows))


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request, empty for no body; raises ValueError with Triton's text."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise ValueError(f"failed to parse the request JSON buffer: {_rapidjson(raw)}") from error
    return value if isinstance(value, dict) else {}


def _rapidjson(raw: bytes) -> str:
    """What rapidjson says about the usual mistake: a bare word where a name should be."""
    if raw.lstrip().startswith(b"{"):
        return f"Missing a name for object member. at {raw.index(b'{') + 1}"
    return "Invalid value. at 0"
