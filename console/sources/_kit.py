"""What every source is built from."""

from dataclasses import dataclass

from console.ports import Clock
from console.sources._http import Http
from console.sources._exposition import SeriesTable


@dataclass(frozen=True, slots=True)
class Kit:
    """The clock, the HTTP session and the interned series keys that a fleet's sources share."""

    clock: Clock
    http: Http
    series: SeriesTable
