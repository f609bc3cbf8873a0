"""Envoy's admin interface: what is read of it, and the two kinds of runtime values that are set."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp

from console.domain.envoy_config import real_number
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.plan import ControlError
from console.domain.text import visible
from console.transport.http import Http, failure_of, status_failure, whole

SECONDS = 5.0
_PART = "envoy"
_NO_LAYER = "No admin layer specified"
_WEIGHT = re.compile(r"[0-9]{0,9}")
_PERCENT = re.compile(r"(100|[0-9]{1,2})?")


class Value(NamedTuple):
    """A runtime key: what the admin layer sets, what is in force, what the layers below would put in force, and
    whether a later layer overrides all of it. Texts are empty where nothing is set.
    """

    given: str = ""
    final: str = ""
    below: str = ""
    overridden: bool = False


class EnvoyAdmin:
    """The admin interface at a base URL; every call may raise SourceError or ControlError."""

    def __init__(self, url: str, http: Http) -> None:
        self.url = url.rstrip("/")
        self._http = http

    async def admin_layer(self) -> str | None:
        """The name of the runtime layer that ``runtime_modify`` writes to; None without one."""
        dump = await self._get("/config_dump?mask=bootstrap.layered_runtime")
        for config in _list(dump, "configs"):
            for layer in _list(_dict(_dict(config, "bootstrap"), "layered_runtime"), "layers"):
                if isinstance(layer, Mapping) and "admin_layer" in layer:
                    return str(layer.get("name", ""))
        return None

    async def runtime(self, keys: Iterable[str], layer: str | None) -> dict[str, Value]:
        """The values of runtime keys; ``layer`` is the admin layer's name."""
        answer = await self._get("/runtime?format=json")
        layers = [str(name) for name in _list(answer, "layers")]
        place = layers.index(layer) if layer in layers else None
        entries = _dict(answer, "entries")
        return {key: _value(_dict(entries, key), place) for key in keys}

    async def routes(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """The route configurations in force; ``kind`` is ``static`` or ``dynamic``."""
        dump = await self._get(f"/config_dump?resource={kind}_route_configs")
        return [config for config in _list(dump, "configs") if isinstance(config, Mapping)]

    async def dump(self) -> Mapping[str, Any]:
        """The whole configuration."""
        return await self._get("/config_dump")

    async def stats(self, names: str) -> dict[str, float]:
        """Counters and gauges whose whole name matches a regular expression."""
        query = urlencode({"format": "json", "filter": f"^({names})$"})
        rows = _list(await self._get(f"/stats?{query}"), "stats")
        return {
            str(row["name"]): value
            for row in rows
            if isinstance(row, Mapping)
            and "name" in row
            and (value := real_number(row.get("value"))) is not None
        }

    async def set_weights(self, weights: Mapping[str, str]) -> None:
        """Set the runtime weights of all clusters of a split by their keys, at once; an empty text unsets one.

        Raises ControlError for one key alone, which would change everybody's share unseen, and for
        zeros only, with which Envoy answers every request 404.
        """
        if len(weights) < 2 or not all(_WEIGHT.fullmatch(value) for value in weights.values()):
            raise ControlError("the weights of a split are set together, as whole numbers")
        if all(value and not int(value) for value in weights.values()):
            raise ControlError("all weights at 0 would answer every request with 404: not sent")
        await self._modify(weights)

    async def set_percent(self, key: str, percent: str) -> None:
        """Set a runtime key to a whole percentage; an empty text unsets it. Raises ControlError."""
        if not _PERCENT.fullmatch(percent):
            raise ControlError(f"not a whole percentage: {visible(percent)}")
        await self._modify({key: percent})

    async def _modify(self, values: Mapping[str, str]) -> None:
        text = await self._ask("POST", modify_path(values))
        if text.strip() != "OK":
            raise ControlError(f"Envoy refused the runtime values: {visible(text.strip())}")

    async def _get(self, path: str) -> Mapping[str, Any]:
        text = await self._ask("GET", path)
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, Mapping):
            hint = "is this the address of Envoy's admin interface?"
            said = f"envoy: {self.url}{path} did not answer as Envoy does"
            raise SourceError(Failure(FailureKind.GARBAGE, _PART, said, hint))
        return answer

    async def _ask(self, method: str, path: str) -> str:
        try:
            async with asyncio.timeout(SECONDS):
                response = await whole(
                    self._http.session.request(method, self.url + path, allow_redirects=False)
                )
                text = (await response.read()).decode(errors="replace")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SourceError(failure_of(error, _PART, self.url)) from error
        if _NO_LAYER in text:
            raise ControlError(
                "Envoy has no admin layer in its runtime", "add an admin_layer to layered_runtime"
            )
        if response.status != 200:
            detail = response.headers.get("Location") or text
            raise SourceError(status_failure(response.status, _PART, f"{self.url}{path}", detail))
        return text


def modify_path(values: Mapping[str, str]) -> str:
    """The path of the request that sets these runtime keys."""
    return f"/runtime_modify?{urlencode(values)}"


def _value(entry: Mapping[str, Any], place: int | None) -> Value:
    layers = [str(value) for value in _list(entry, "layer_values")]
    given = layers[place] if place is not None and place < len(layers) else ""
    later = layers[place + 1 :] if place is not None else []
    below = next((value for value in reversed(layers[:place]) if value), "")
    return Value(given, str(entry.get("final_value", "")), below, any(later))


def _dict(value: Any, name: str) -> Mapping[str, Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _list(value: Any, name: str) -> Sequence[Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []
