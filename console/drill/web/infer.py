"""Inference over JSON: a place in the simulated queue and a computed answer."""

from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.repository import Model, Slot
from console.drill.sim.request import Outcome, Request
from console.drill.sim.server import Server
from console.drill.web.compute import compute
from console.drill.web.infer_body import InferBody, read_infer_body
from console.drill.web.reply import TEXT, answer, refuse


class _Waiter:
    """Owns one request until it is answered."""

    def __init__(self, model: Model, slot: Slot, body: InferBody) -> None:
        self.model = model
        self.slot = slot
        self.body = body
        self.outcome: Outcome | None = None

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:  # noqa: ARG002 - an Owner
        self.outcome = outcome


async def infer(pace: Pace, server: Server, name: str, slot: Slot, raw: bytes) -> web.Response:
    """Answer ``POST /v2/models/NAME/infer`` for the version that serves; raises RefusalError."""
    body = read_infer_body(name, slot.config, raw)
    waiter = _Waiter(server.models[name], slot, body)
    asked = Request(pace.catch_up(exactly=True), body.items, waiter, timeout_s=body.timeout_s)
    if slot.runtime is not None:
        slot.runtime.submit(asked)
    await pace.wait(lambda: waiter.outcome is not None, lambda: asked.ends)
    return _answer(waiter, asked.failure)


def _answer(waiter: _Waiter, failure: str) -> web.Response:
    model, slot = waiter.model, waiter.slot
    version = next(version for version, other in model.slots.items() if other is slot)
    if waiter.outcome is Outcome.OK:
        return answer(_result(waiter, version))
    if waiter.outcome is Outcome.REJECTED:
        return refuse(503, "Request timeout expired", TEXT)
    if waiter.outcome is Outcome.FULL:
        return refuse(503, f"[request id: {waiter.body.id or '<id_unknown>'}] Exceeds maximum queue size")
    return refuse(500, failure, TEXT)


def _result(waiter: _Waiter, version: int) -> dict[str, Any]:
    model, slot, body = waiter.model, waiter.slot, waiter.body
    made: dict[str, Any] = {"id": body.id} if body.id else {}
    made |= {"model_name": model.name, "model_version": str(version)}
    if "ensemble_scheduling" in slot.config:
        made["parameters"] = {"sequence_id": 0, "sequence_start": False, "sequence_end": False}
    outputs = compute(slot.config, model.answer, version, body.inputs)
    return made | {
        "outputs": [output for output in outputs if not body.wanted or output["name"] in body.wanted]
    }
