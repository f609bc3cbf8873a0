"""Inference over JSON: a place in the simulated queue and a computed answer."""

from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.repository import Model, Slot
from console.drill.sim.request import Outcome, Request
from console.drill.sim.server import Server
from console.drill.web.compute import compute
from console.drill.web.infer_body import InferBody, read_infer_body
from console.drill.web.reply import answer, refuse

# What each backend says when it finds no memory for an execution.
_RAISED = {
    "python": (
        "Failed to process the request(s) for model '{instance}', message: RuntimeError: CUDA out of memory."
        " Tried to allocate 512.00 MiB.\n\nAt:\n  /models/{model}/{version}/model.py(58): execute\n"
    ),
    "onnxruntime": (
        "onnx runtime error 1: Non-zero status code returned while running MatMul node. Status Message:"
        " Failed to allocate memory for requested buffer of size 536870912"
    ),
    "tensorrt": "Failed to enqueue for inference: CUDA out of memory, instance '{instance}'",
}


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
    return _answer(waiter, asked.instance)


def _answer(waiter: _Waiter, number: int) -> web.Response:
    model, slot = waiter.model, waiter.slot
    version = next(version for version, other in model.slots.items() if other is slot)
    if waiter.outcome is Outcome.OK:
        return answer(_result(waiter, version))
    groups = slot.config["instance_group"]
    instance = f"{groups[0]['name'] if groups else model.name}_{number}"
    if waiter.outcome is Outcome.DEAD:
        return refuse(500, f"Stub process '{instance}' is not healthy.")
    if waiter.outcome is Outcome.REJECTED:
        return refuse(503, "Request timeout expired")
    if waiter.outcome is Outcome.FULL:
        return refuse(503, f"[request id: {waiter.body.id or '<id_unknown>'}] Exceeds maximum queue size")
    text = _RAISED.get(slot.config["backend"], _RAISED["python"])
    return refuse(500, text.format(instance=instance, model=model.name, version=version))


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
