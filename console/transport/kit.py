"""What every source is built from."""

from dataclasses import dataclass, field

from console.ports import Clock
from console.transport.http import Http
from console.transport.roster import Roster


@dataclass(frozen=True, slots=True)
class Kit:
    """The clock, the HTTP session and the targets of now that a fleet's sources share."""

    clock: Clock
    http: Http
    roster: Roster = field(default_factory=Roster)
