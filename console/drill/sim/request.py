"""A request on its way through a simulated server."""

from enum import IntEnum
from typing import Any, Protocol


class Outcome(IntEnum):
    """How a request ended. ``FULL`` is in no counter of Triton; ``RAISED`` and ``DEAD`` are its BACKEND failures."""

    OK = 0
    RAISED = 1
    DEAD = 2
    REJECTED = 3
    FULL = 4
    LOST = 5


class Owner(Protocol):
    """Who sent a request and wants to know how it ended."""

    def answered(self, request: "Request", at: float, outcome: Outcome) -> None:
        """The request ended at that second."""
        ...


class Request:
    """``items`` inferences that travel together; ``arrived`` is when the server got them (s).

    ``context`` is the owner's own note. ``begun`` and ``ends`` are set when an instance
    takes the request, ``failure`` is the text of what went wrong there.
    """

    __slots__ = ("arrived", "begun", "context", "ends", "failure", "items", "owner", "timeout_s")

    def __init__(
        self, arrived: float, items: int, owner: Owner, context: Any = None, timeout_s: float = 0.0
    ) -> None:
        self.arrived = arrived
        self.items = items
        self.owner = owner
        self.context = context
        self.timeout_s = timeout_s
        self.begun = 0.0
        self.ends = 0.0
        self.failure = ""
