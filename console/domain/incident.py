"""An incident: opened by a freeze or by hand, closed by hand; its window is kept whole."""

from typing import NamedTuple

WINDOW_S = 1800.0
"""What is kept from before an incident was opened, in seconds."""


class Incident(NamedTuple):
    """Times are epoch seconds; ``closed`` is None while it is open. ``plan`` is the id of the freeze that opened it."""

    id: str
    opened: float
    by: str
    why: str = ""
    plan: str = ""
    closed: float | None = None
    closed_by: str = ""

    @property
    def since(self) -> float:
        """Where its window begins."""
        return self.opened - WINDOW_S


class IncidentReading(NamedTuple):
    """The fleet's incidents as one look at their file found them, oldest first."""

    incidents: tuple[Incident, ...]


def current(incidents: tuple[Incident, ...]) -> Incident | None:
    """The newest incident that is open, None where all are closed."""
    return next((each for each in reversed(incidents) if each.closed is None), None)
