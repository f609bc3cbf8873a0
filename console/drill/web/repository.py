"""Load and unload requests."""

from typing import Any

from aiohttp import web

from console.drill.pace import Pace
from console.drill.sim.fleet import Target
from console.drill.sim.loading import Operation, UnloadOperation, load_operation
from console.drill.sim.repository import Model
from console.drill.sim.server import Server
from console.drill.web.reply import refuse, reply

_NOT_EXPLICIT = "explicit model load / unload is not allowed if polling is enabled"


async def load(pace: Pace, target: Target, name: str, body: dict[str, Any]) -> web.Response:
    """Load a model; the answer comes when the load has ended."""
    server = target.server
    if server is None:
        return reply(503)
    model = server.models.get(name) or Model(name, None)
    try:
        operation = load_operation(model, body.get("parameters") or {})
    except (ValueError, TypeError) as error:
        return refuse(500, str(error))
    if not server.explicit:
        return refuse(503, _NOT_EXPLICIT)
    return await _answered(pace, server, operation, model)


async def unload(pace: Pace, target: Target, name: str, body: dict[str, Any]) -> web.Response:
    """Unload a model; 200 at once, also for one that does not exist."""
    server = target.server
    if server is None:
        return reply(503)
    if not server.explicit:
        return refuse(503, _NOT_EXPLICIT)
    model = server.models.get(name)
    if model is None:
        return reply(200)
    dependents = bool((body.get("parameters") or {}).get("unload_dependents"))
    return await _answered(pace, server, UnloadOperation(model, dependents), model)


async def _answered(pace: Pace, server: Server, operation: Operation, model: Model) -> web.Response:
    known = model.name in server.models
    server.request(operation, model)
    await pace.wait(lambda: operation.ticket.done)
    if not known and not model.slots:
        server.models.pop(model.name, None)
    ticket = operation.ticket
    return reply(200) if ticket.status == 200 else refuse(ticket.status, ticket.error)
