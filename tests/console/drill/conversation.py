"""Requests that are put to the drill and to the real Triton alike, and what of the answers must agree."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from tests.parts import models

# Paths of the two repositories, and what differs from run to run.
_PLACE = re.compile(r"[^\s\"]*/(\w+)/(\d+)/model\.py")
_TIMES = re.compile(r'"(ns|last_inference)":\d+')
_MEASURED = re.compile(
    r"^(\S+?(?:_us|_us_sum|_per_model|_per_model_sum|utilization|used_bytes|total_bytes)(?:\{.*\})?) \S+$",
    re.MULTILINE,
)


class Ask(NamedTuple):
    """One request."""

    method: str
    path: str
    body: str | None = None


class Answer(NamedTuple):
    """What must agree."""

    status: int
    kind: str
    body: str


def get(path: str) -> Ask:
    return Ask("GET", path)


def model(path: str) -> Ask:
    return Ask("GET", f"/v2/models/{path}")


def infer(name: str, *values: float, batched: bool = False, **more: Any) -> Ask:
    body = models.request(*values, batched=batched) | more
    return Ask("POST", f"/v2/models/{name}/infer", json.dumps(body))


def infer_raw(body: str) -> Ask:
    return Ask("POST", "/v2/models/fast/infer", body)


def load(name: str, config: Mapping[str, Any] | str | None = None, **parameters: Any) -> Ask:
    if config is not None:
        parameters["config"] = config if isinstance(config, str) else json.dumps(config)
    body = {"parameters": parameters} if parameters else {}
    return Ask("POST", f"/v2/repository/models/{name}/load", json.dumps(body))


def unload(name: str, **parameters: Any) -> Ask:
    return Ask("POST", f"/v2/repository/models/{name}/unload", json.dumps({"parameters": parameters}))


INDEX = Ask("POST", "/v2/repository/index")
READY = get("/v2/health/ready")


async def put(base: str, ask: Ask, headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request on a connection of its own: a load over HTTP holds up the others of its thread."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(
            ask.method, URL(base + ask.path, encoded=True), data=ask.body, headers=headers
        ) as response,
    ):
        text = _TIMES.sub(r'"\1":0', _PLACE.sub(r"/models/\1/\2/model.py", await response.text()))
        return Answer(response.status, response.headers.get("Content-Type", ""), text)


async def series(url: str) -> set[str]:
    """The lines of a metrics text, measured values blanked and counts kept."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return set(_MEASURED.sub(r"\1 #", await response.text()).splitlines())
