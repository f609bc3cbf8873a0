"""The gateway's admin interface as Envoy has it: runtime, configuration, statistics; what is set acts on the traffic."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.fleet import Fleet
from console.drill.sim.layer import STANDBY, shed_key, weight_keys
from console.drill.web.envoy import PREFIX, clusters, exposition
from console.drill.web.reply import TEXT, compact, reply

LAYER = "console"
_FAULT = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"
_USAGE = (
    "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\nuse an empty value to remove an override"
)

Query = Mapping[str, str]


def split_names(model: str) -> tuple[str, str]:
    """The clusters of a model's route: the fleet, and the standby region."""
    return model, f"{model}{STANDBY}"


class Admin:
    """Answers any request to the admin port."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._answers: dict[str, tuple[str, Callable[[Fleet, Query], web.Response]]] = {
            "/stats/prometheus": ("GET", _prometheus),
            "/stats": ("GET", _stats),
            "/runtime": ("GET", _runtime),
            "/runtime_modify": ("POST", _modify),
            "/config_dump": ("GET", _config_dump),
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        self._pace.catch_up()
        parts = urlsplit(request.raw_path)
        if parts.path not in self._answers:
            return reply(404, "invalid path. admin commands are:\n" + "\n".join(self._answers), TEXT)
        method, answer = self._answers[parts.path]
        if request.method != method:
            return reply(405, f"Method {request.method} not allowed, {method} required.", TEXT)
        return answer(self._pace.fleet, dict(parse_qsl(parts.query, keep_blank_values=True)))


def _prometheus(fleet: Fleet, _: Query) -> web.Response:
    return reply(200, exposition(fleet), f"{TEXT}; version=0.0.4; charset=utf-8")


def _stats(fleet: Fleet, query: Query) -> web.Response:
    try:
        wanted = re.compile(query.get("filter", ""))
    except re.error:
        return reply(400, "Invalid re2 regex", TEXT)
    rows = [(name, value) for name, value in _counters(fleet) if wanted.search(name)]
    if query.get("format") != "json":
        return reply(200, "".join(f"{name}: {value}\n" for name, value in rows), TEXT)
    return reply(200, compact({"stats": [{"name": name, "value": value} for name, value in rows]}))


def _counters(fleet: Fleet) -> Iterator[tuple[str, int]]:
    for cluster in clusters(fleet):
        name = f"cluster.{cluster.name}"
        yield f"{name}.upstream_rq_total", cluster.tried
        yield f"{name}.upstream_rq_retry", cluster.retried
        yield f"{name}.upstream_rq_timeout", cluster.timed_out
        yield f"{name}.membership_healthy", cluster.hosts
    routes = fleet.routes.values()
    yield f"http.{PREFIX}.downstream_rq_total", sum(sum(route.client_codes.values()) for route in routes)
    yield f"http.{PREFIX}.fault.aborts_injected", sum(route.shed for route in routes)


def _runtime(fleet: Fleet, _: Query) -> web.Response:
    entries = {key: {"layer_values": [text], "final_value": text} for key, text in fleet.layer.values.items()}
    return reply(200, compact({"layers": [LAYER], "entries": entries}))


def _modify(fleet: Fleet, query: Query) -> web.Response:
    if not query:
        return reply(400, _USAGE, TEXT)
    fleet.layer.modify(query)
    return reply(200, "OK\n", TEXT)


def _config_dump(fleet: Fleet, query: Query) -> web.Response:
    resource = query.get("resource", "")
    if resource == "dynamic_route_configs":
        return reply(200, "{}")
    if resource == "static_route_configs":
        return reply(200, compact({"configs": [_routes(fleet)]}))
    bootstrap = {"layered_runtime": {"layers": [{"name": LAYER, "admin_layer": {}}]}}
    configs: list[dict[str, Any]] = [{"bootstrap": bootstrap}]
    if "mask" not in query:
        configs.append({"static_route_configs": [_routes(fleet)]})
    return reply(200, compact({"configs": configs}))


def _routes(fleet: Fleet) -> dict[str, Any]:
    hosts = [{"name": "all", "domains": ["*"], "routes": [_route(model) for model in fleet.routes]}]
    return {"route_config": {"name": PREFIX, "virtual_hosts": hosts}}


def _route(model: str) -> dict[str, Any]:
    fleet, standby = split_names(model)
    weights = [{"name": fleet, "weight": 100}, {"name": standby, "weight": 0}]
    fault = {
        "@type": _FAULT,
        "abort": {"http_status": 429, "percentage": {"numerator": 0}},
        "abort_percent_runtime": shed_key(model),
    }
    return {
        "match": {"prefix": f"/v2/models/{model}/"},
        "route": {"weighted_clusters": {"clusters": weights, "runtime_key_prefix": weight_keys(model)}},
        "typed_per_filter_config": {"envoy.filters.http.fault": fault},
    }
