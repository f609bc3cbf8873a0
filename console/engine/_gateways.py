"""Gateways: counters made into rates, with their history."""

from collections.abc import Iterable

from console.domain.around import GatewayReading, RouteRow
from console.domain.marker import Marker
from console.domain.sample import Sample
from console.domain.snapshot import Points


class GatewayMemory:
    """The routes of every gateway."""

    def take(self, sample: Sample, reading: GatewayReading) -> Iterable[Marker]:
        """Remember one look; changed weights make markers."""
        return ()

    def tick(self, mono: float) -> tuple[RouteRow, ...]:
        """Keep a slot of history and return the rows."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """What the gateways do not tell."""
        return ()

    def series(self, name: str, column: str, since: float, offset: float) -> Points:
        """One column of one route; see ``History.route``."""
        return Points((), ())
