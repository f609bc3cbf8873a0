"""Deployments that run the servers: what was rolled out, when."""

from collections.abc import Iterable

from console.domain.around import WorkloadReading
from console.domain.marker import Marker
from console.domain.sample import Sample


class WorkloadMemory:
    """The newest look at each workload; a new revision or image makes a marker."""

    def take(self, sample: Sample, reading: WorkloadReading) -> Iterable[Marker]:
        """Remember one look."""
        return ()

    def rows(self) -> tuple[WorkloadReading, ...]:
        """All workloads, by name."""
        return ()
