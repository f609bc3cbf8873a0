"""Index, load and unload requests."""

from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.loading import load_operation
from console.drill.sim.operations import Operation, UnloadOperation
from console.drill.sim.repository import Model, index
from console.drill.sim.server import Server
from console.drill.web.json_text import RefusalError, parse_body
from console.drill.web.reply import answer, refuse, reply

_NOT_EXPLICIT = "explicit model load / unload is not allowed if polling is enabled"


def repository_index(server: Server, raw: bytes) -> web.Response:
    """Answer ``POST /v2/repository/index``; raises RefusalError."""
    body = parse_body(raw) if raw else {}
    ready = body.get("ready", False) if isinstance(body, dict) else False
    if not isinstance(ready, bool):
        raise RefusalError(500, "attempt to access JSON non-boolean as boolean")
    return answer(index(server.models, ready_only=ready))


async def load(pace: Pace, server: Server, name: str, raw: bytes) -> web.Response:
    """Load a model; the answer comes when the load has ended. Raises RefusalError."""
    model = server.models.get(name) or Model(name, None)
    try:
        operation = load_operation(model, _parameters(parse_body(raw) if raw else {}))
    except (ValueError, TypeError) as error:
        raise RefusalError(500, str(error)) from error
    if not server.explicit:
        raise RefusalError(503, _NOT_EXPLICIT)
    return await _answered(pace, server, operation, model)


async def unload(pace: Pace, server: Server, name: str, raw: bytes) -> web.Response:
    """Unload a model; 200 at once, also for one that does not exist. Raises RefusalError."""
    try:
        parameters = _parameters(parse_body(raw) if raw else {})
    except RefusalError:
        parameters = {}
    if not server.explicit:
        raise RefusalError(503, _NOT_EXPLICIT)
    model = server.models.get(name)
    if model is None:
        return reply(200)
    dependents = parameters.get("unload_dependents") is True
    return await _answered(pace, server, UnloadOperation(model, dependents), model)


def _parameters(body: Any) -> dict[str, Any]:
    found = body.get("parameters", {}) if isinstance(body, dict) else {}
    if not isinstance(found, dict):
        raise RefusalError(500, "attempt to get members for non-object")
    return found


async def _answered(pace: Pace, server: Server, operation: Operation, model: Model) -> web.Response:
    known = model.name in server.models
    server.request(operation, model)
    await pace.wait(lambda: operation.ticket.done, lambda: operation.due)
    if not known and not model.slots:
        server.models.pop(model.name, None)
    ticket = operation.ticket
    return reply(200) if ticket.status == 200 else refuse(ticket.status, ticket.error)
