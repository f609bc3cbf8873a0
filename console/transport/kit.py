"""What every source is built from."""

from dataclasses import dataclass

from console.ports import Clock
from console.transport.http import Http


@dataclass(frozen=True, slots=True)
class Kit:
    """The clock and the HTTP session that a fleet's sources share."""

    clock: Clock
    http: Http
