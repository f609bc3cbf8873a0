"""What people did: the incidents of the fleet, and what the journal says."""

from collections.abc import Iterator

from console.domain.incident import Incident, IncidentReading
from console.domain.journal import JournalNews
from console.domain.marker import Marker
from console.domain.sample import Sample


class IncidentMemory:
    """The open incident; each change of it, and each plan that ended, makes a marker."""

    def __init__(self) -> None:
        self.open: Incident | None = None

    def take(self, sample: Sample, reading: IncidentReading) -> Iterator[Marker]:
        """One look at the fleet's incidents."""
        raise NotImplementedError

    def take_journal(self, sample: Sample, news: JournalNews) -> Iterator[Marker]:
        """What the journal has that it had not before."""
        raise NotImplementedError
