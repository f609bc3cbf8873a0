"""Finding the version that answers a request."""

from console.drill.sim.repository import Slot
from console.drill.sim.server import Server
from console.drill.web.json_text import RefusalError

_STOL_LIMIT = 2**63


def version_number(text: str | None) -> int | None:
    """The version in a path; raises RefusalError for one that C++ cannot read."""
    if text is None:
        return None
    if int(text) >= _STOL_LIMIT:
        raise RefusalError(
            400,
            f"failed to get model version from specified version string '{text}' (details: stol),"
            " version should be an integral value > 0",
        )
    return int(text)


def find(server: Server, name: str, version: int | None) -> Slot:
    """The version that answers; raises RefusalError."""
    model = server.models.get(name)
    unknown = f"Request for unknown model: '{name}'"
    if model is None or not model.slots:
        raise RefusalError(404, f"{unknown} is not found")
    slot = model.serving(version)
    if slot is not None:
        return slot
    if version is None:
        raise RefusalError(404, f"{unknown} has no available versions")
    if version in model.slots:
        raise RefusalError(503, f"{unknown} version {version} is not at ready state")
    raise RefusalError(404, f"{unknown} version {version} is not found")
