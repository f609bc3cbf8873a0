"""A load or unload as an operator could type it."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping

from console.domain.fleet import Fleet, Target
from console.domain.states import Json

_PREFIX = "triton-grpc-protocol-"
_SERVICE = "inference.GRPCInferenceService"


def typed(fleet: Fleet, target: Target, change: Mapping[str, Json]) -> str:
    """The whole call: ``curl``, or ``grpcurl`` where the load travels so; secrets are shell variables."""
    return _grpcurl(fleet, target, change) if change["grpc"] else _curl(fleet, target, change)


def _curl(fleet: Fleet, target: Target, change: Mapping[str, Json]) -> str:
    parameters: dict[str, Json] = {}
    if change.get("config") is not None:
        parameters["config"] = change["config"]
    if change.get("dependents"):
        parameters["unload_dependents"] = True
    words = ["curl", "-fsS", *_trust(fleet, target, "--cacert", "-k"), "-X", "POST"]
    words += _headers(fleet.headers, "")
    words += ["-H", "'Content-Type: application/json'", "-d", _body({"parameters": parameters})]
    return " ".join(
        [*words, shlex.quote(f"{target.url}/v2/repository/models/{change['model']}/{change['op']}")]
    )


def _grpcurl(fleet: Fleet, target: Target, change: Mapping[str, Json]) -> str:
    loads = change["op"] == "load"
    body: dict[str, Json] = {"model_name": change["model"]}
    if change.get("config") is not None:
        body["parameters"] = {"config": {"string_param": change["config"]}}
    if change.get("dependents"):
        body["parameters"] = {"unload_dependents": {"bool_param": True}}
    secure = target.url.startswith("https:")
    trust = _trust(fleet, target, "-cacert", "-insecure") if secure else ["-plaintext"]
    words = ["grpcurl", *trust, "-proto", "grpc_service.proto", *_headers(fleet.headers, _PREFIX)]
    words += ["-d", _body(body), shlex.quote(str(change["grpc"]))]
    return " ".join([*words, f"{_SERVICE}/{'RepositoryModelLoad' if loads else 'RepositoryModelUnload'}"])


def _body(body: Mapping[str, Json]) -> str:
    return shlex.quote(json.dumps(body))


def _trust(fleet: Fleet, target: Target, authority: str, unverified: str) -> list[str]:
    if not target.url.startswith("https:"):
        return []
    if not fleet.tls.verify:
        return [unverified]
    return [authority, shlex.quote(fleet.tls.ca)] if fleet.tls.ca else []


def _headers(names: Iterable[str], prefix: str) -> list[str]:
    words: list[str] = []
    for name in names:
        words += ["-H", f'{shlex.quote(f"{prefix}{name}: ")}"${_variable(name)}"']
    return words


def _variable(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "_", name).upper()
    return f"_{plain}" if plain[:1].isdigit() else plain
