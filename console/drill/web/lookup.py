"""Finding the version that answers a request."""

from aiohttp import web

from console.drill.sim.repository import Slot
from console.drill.sim.server import Server
from console.drill.web.reply import JSON, refuse


def find(server: Server, name: str, version: int | None, kind: str = JSON) -> Slot | web.Response:
    """The version that answers, or Triton's refusal."""
    model = server.models.get(name)
    unknown = f"Request for unknown model: '{name}'"
    if model is None:
        return refuse(404, f"{unknown} is not found", kind)
    slot = model.serving(version)
    if slot is not None:
        return slot
    if version is None:
        return refuse(404, f"{unknown} has no available versions", kind)
    if version in model.slots:
        return refuse(503, f"{unknown} version {version} is not at ready state", kind)
    return refuse(404, f"{unknown} version {version} is not found", kind)
