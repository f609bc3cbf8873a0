"""The fleet's incidents, looked at every second, so that one of another console shows here."""

import asyncio

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.incident import IncidentReading
from console.ports import Incidents

NAME = "incidents"


class IncidentSource:
    """Looks at the incidents' file; one that cannot be read is a failure, never *no incident*."""

    name = NAME
    target: str | None = None
    every = 1.0
    timeout = 5.0

    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents

    async def poll(self) -> IncidentReading:
        """The incidents now."""
        try:
            return IncidentReading(await asyncio.to_thread(self._incidents.all))
        except OSError as error:
            said = f"incidents: {error}"
            raise SourceError(Failure(FailureKind.FORBIDDEN, NAME, said)) from error

    async def close(self) -> None:
        """Nothing is kept open."""
