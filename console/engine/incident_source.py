"""The fleet's incidents, looked at every second, so that one of another console shows here."""

import asyncio

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.incident import Incident, IncidentReading
from console.domain.text import visible
from console.ports import Incidents

NAME = "incidents"


class IncidentSource:
    """Looks at the incidents' file; one that cannot be read is a failure, never *no incident*."""

    name = NAME
    target: str | None = None
    every = 1.0
    timeout = 5.0

    def __init__(self, incidents: Incidents, fleet: Fleet) -> None:
        self._incidents = incidents
        self._fleet = fleet
        self._found: tuple[Incident, ...] = ()
        self._reading = IncidentReading(())

    async def poll(self) -> IncidentReading:
        """The incidents now, as far as they are about targets of this fleet."""
        try:
            found = await asyncio.to_thread(self._incidents.all)
        except OSError as error:
            said = f"incidents: {visible(str(error), 400)}"
            raise SourceError(Failure(FailureKind.FORBIDDEN, NAME, said)) from error
        # Of a fleet with many targets and incidents it takes long to say which concern it, and few looks find news.
        if found != self._found:
            self._found = found
            self._reading = IncidentReading(tuple(each for each in found if each.concerns(self._fleet)))
        return self._reading

    async def close(self) -> None:
        """Nothing is kept open."""
