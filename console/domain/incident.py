"""An incident: opened by a freeze or by hand, closed by hand; its window is kept whole."""

import re
from typing import NamedTuple

from console.domain.fleet import Fleet
from console.domain.marker import Marker, MarkerKind
from console.domain.text import visible

WINDOW_S = 1800.0
"""What is kept from before an incident was opened, in seconds."""

_WHO, _SAID = 60, 600
# Who logs in at a URL, and what is asked of it: neither says which server it is, and both may be secret.
_LOGIN, _QUERY = re.compile(r"(?<=//)[^/?#]*@"), re.compile(r"[?#].*", re.DOTALL)


class Incident(NamedTuple):
    """Times are epoch seconds; ``closed`` is None while it is open. ``plan`` is the id of the freeze that opened it.

    ``targets`` are the ``addresses`` that the console watched which opened it.
    """

    id: str
    opened: float
    by: str
    why: str = ""
    plan: str = ""
    closed: float | None = None
    closed_by: str = ""
    targets: tuple[str, ...] = ()

    @property
    def since(self) -> float:
        """Where its window begins."""
        return self.opened - WINDOW_S

    def concerns(self, fleet: Fleet) -> bool:
        """Whether it is about a target of this fleet: those of the command line all share one file."""
        # As with plans: what is found may be gone by now.
        return fleet.unfolding or not self.targets or not set(addresses(fleet)).isdisjoint(self.targets)


def bundle_name(incident: str) -> str:
    """Where the bundle of an incident is within the state folder."""
    return f"incidents/{incident}.tcinc"


class IncidentReading(NamedTuple):
    """The fleet's incidents as one look at their file found them, oldest first."""

    incidents: tuple[Incident, ...]


def address(url: str) -> str:
    """A target's URL as incidents keep it: without login and query."""
    return _QUERY.sub("", _LOGIN.sub("", url))


def addresses(fleet: Fleet) -> tuple[str, ...]:
    """Those of a fleet's targets."""
    return tuple(address(target.url) for target in fleet.targets)


def current(incidents: tuple[Incident, ...]) -> Incident | None:
    """The newest incident that is open, None where all are closed."""
    return next((each for each in reversed(incidents) if each.closed is None), None)


def markers_of(incident: Incident) -> tuple[Marker, ...]:
    """That it was opened, and that it was closed, each at its time."""
    freeze = f" with the freeze {visible(incident.plan, _WHO)}" if incident.plan else ""
    why = f": {incident.why}" if incident.why else ""
    said = f"opened by {visible(incident.by, _WHO) or 'somebody'}{freeze}{why}"
    opened = Marker(incident.opened, MarkerKind.INCIDENT, incident.id, visible(said, _SAID))
    if incident.closed is None:
        return (opened,)
    seconds = incident.closed - incident.opened
    after = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    said = f"closed by {visible(incident.closed_by, _WHO) or 'somebody'} after {after}"
    return opened, Marker(incident.closed, MarkerKind.INCIDENT, incident.id, visible(said, _SAID))
