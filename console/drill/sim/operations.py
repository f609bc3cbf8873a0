"""What a load and an unload have in common, and the unload."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from console.drill.sim.repository import Model

if TYPE_CHECKING:
    from console.drill.sim.server import Server


@dataclass(slots=True)
class Ticket:
    """The answer to a load or unload, once there is one: HTTP status, text of its error, and the cause in it."""

    status: int = 0
    error: str = ""
    cause: str = ""

    @property
    def done(self) -> bool:
        """True when the request can be answered."""
        return self.status != 0

    def close(self, status: int = 200, error: str = "") -> None:
        """Answer."""
        self.status, self.error = status, error


class Operation(Protocol):
    """A load or unload in a model's queue; ``due`` is the second at which it can end, as far as that is known."""

    model: Model
    ticket: Ticket
    due: float

    def advance(self, server: "Server", now: float) -> bool:
        """Go on as far as time allows; True when the next operation may begin."""
        ...


@dataclass(slots=True)
class UnloadOperation:
    """Unload of a model, and with ``dependents`` of the parts that only the ensemble brought in."""

    model: Model
    dependents: bool = False
    ticket: Ticket = field(default_factory=Ticket)
    due: float = 0.0

    def advance(self, server: "Server", now: float) -> bool:
        """Take the versions out of service at once; they are gone when their requests are."""
        parts = self.model.parts if self.dependents else []
        retire(server, self.model, now)
        for other in server.models.values():
            if any(name == self.model.name for name, _ in other.parts):
                retire(server, other, now)
        for name, _ in parts:
            part = server.models.get(name)
            if part and not part.explicit:
                retire(server, part, now)
        self.ticket.close()
        return True


def retire(server: "Server", model: Model, now: float) -> None:
    """Stop serving every version of a model."""
    model.config, model.stamp, model.explicit = None, None, False
    for version in model.ready:
        server.drain(model, version, now)
