"""Inference over JSON: checks as Triton makes them, a place in the simulated queue, a computed answer."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.fleet import Target
from console.drill.sim.repository import Model, Slot
from console.drill.sim.request import Outcome, Request
from console.drill.web.compute import compute
from console.drill.web.lookup import find
from console.drill.web.metadata import datatype
from console.drill.web.reply import TEXT, answer, refuse, reply


class _Waiter:
    """Owns one request until it is answered."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:  # noqa: ARG002 - an Owner
        self.outcome = outcome


async def infer(
    pace: Pace, target: Target, request: web.Request, name: str, version: int | None
) -> web.Response:
    """Answer ``POST /v2/models/NAME/infer``."""
    server = target.server
    if server is None:
        return reply(503)
    slot = find(server, name, version, TEXT)
    if isinstance(slot, web.Response):
        return slot
    model = server.models[name]
    try:
        body = json.loads(await request.read())
        items, timeout_s = _checked(model, slot, body)
    except (ValueError, KeyError, TypeError) as error:
        return refuse(400, str(error), TEXT)
    waiter = _Waiter()
    asked = Request(pace.catch_up(exactly=True), items, waiter, timeout_s=timeout_s)
    if slot.runtime is not None:
        slot.runtime.submit(asked)
    await pace.wait(lambda: waiter.outcome is not None)
    return _answer(model, slot, body, waiter.outcome)


def _answer(model: Model, slot: Slot, body: Mapping[str, Any], outcome: Outcome | None) -> web.Response:
    instance = f"{model.name}_0_0"
    if outcome is Outcome.OK:
        version = next(number for number, other in model.slots.items() if other is slot)
        return answer(_result(model, slot, version, body))
    if outcome is Outcome.DEAD:
        return refuse(500, f"Stub process '{instance}' is not healthy.", TEXT)
    if outcome is Outcome.REJECTED:
        return refuse(503, "Request timeout expired", TEXT)
    if outcome is Outcome.FULL:
        return refuse(503, "[request id: <id_unknown>] Exceeds maximum queue size", TEXT)
    return refuse(500, f"Failed to process the request(s) for model '{instance}'", TEXT)


def _result(model: Model, slot: Slot, version: int, body: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": body["id"]} if body.get("id") else {}
    made |= {"model_name": model.name, "model_version": str(version)}
    if "ensemble_scheduling" in slot.config:
        made["parameters"] = {"sequence_id": 0, "sequence_start": False, "sequence_end": False}
    return made | {"outputs": compute(slot.config, model.answer, version, body)}


def _checked(model: Model, slot: Slot, body: Mapping[str, Any]) -> tuple[int, float]:
    """Items and queue timeout (s) of a request; raises ValueError with Triton's text."""
    config = slot.config
    wanted = {tensor["name"]: tensor for tensor in config["input"]}
    given = {tensor["name"]: tensor for tensor in body.get("inputs", ())}
    for name in given:
        if wanted and name not in wanted:
            raise ValueError(f"unexpected inference input '{name}' for model '{model.name}'")
    if set(given) != set(wanted):
        raise ValueError(_missing(model.name, list(wanted), list(given)))
    items = 1
    for name, tensor in given.items():
        _check_tensor(model.name, config, wanted[name], tensor)
        if config["max_batch_size"] > 0:
            items = int(tensor["shape"][0])
    return items, float((body.get("parameters") or {}).get("timeout", 0)) * 1e-6


def _missing(model: str, wanted: list[str], given: list[str]) -> str:
    shown = ",".join(f"'{name}'" for name in given)
    lacking = ",".join(f"'{name}'" for name in wanted if name not in given)
    return (
        f"[request id: <id_unknown>] expected {len(wanted)} inputs but got {len(given)} inputs for model '{model}'."
        f" Got input(s) [{shown}], but missing required input(s) [{lacking}]. Please provide all required input(s)."
    )


def _check_tensor(
    model: str, config: Mapping[str, Any], wanted: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    name, shape = wanted["name"], list(given["shape"])
    kind = datatype(wanted["data_type"])
    if given["datatype"] != kind:
        raise ValueError(
            f"[request id: <id_unknown>] inference input '{name}' data-type is '{given['datatype']}',"
            f" but model '{model}' expects '{kind}'"
        )
    batched = config["max_batch_size"] > 0
    if batched and shape and shape[0] > config["max_batch_size"]:
        raise ValueError(
            f"[request id: <id_unknown>] inference request batch-size must be <= {config['max_batch_size']}"
            f" for '{model}'"
        )
    dims = [-1, *wanted["dims"]] if batched else list(wanted["dims"])
    fits = len(dims) == len(shape) and all(want in {-1, got} for want, got in zip(dims, shape, strict=True))
    if not fits:
        raise ValueError(
            f"[request id: <id_unknown>] unexpected shape for input '{name}' for model '{model}'."
            f" Expected [{','.join(map(str, dims))}], got [{','.join(map(str, shape))}]. "
        )
