"""What is known of each target's host, and of the way to it."""

from console.domain.around import LinkReading, LinkRow
from console.domain.sample import Sample
from console.domain.snapshot import Points
from console.domain.triton import TritonReading


class HostMemory:
    """CPU and poll time of each target, and DNS, connect and TLS time to it."""

    def take(self, sample: Sample, reading: TritonReading) -> None:
        """Remember a target's own gauges."""

    def take_link(self, sample: Sample, reading: LinkReading) -> None:
        """Remember one measurement of the way to a target."""

    def links(self, mono: float) -> tuple[LinkRow, ...]:
        """The newest way to each target."""
        return ()

    def series(self, target: str, column: str, since: float, offset: float) -> Points:
        """One column of one target; see ``History.host``."""
        return Points((), ())
