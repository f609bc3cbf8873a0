"""``[fleets.NAME.recording]``: what the flight recorder keeps of every watch."""

from console.domain.fleet import FlightRecorder
from console.domain.toml_table import Table

_SHORTEST_S, _LONGEST_S = 600.0, 30 * 86400.0
_MEGABYTE = 2**20
_LEAST_MB, _MOST_MB = 8, 1 << 20


def recording(table: Table) -> FlightRecorder:
    """What the table says; the defaults when it is absent or empty."""
    usual = FlightRecorder()
    megabytes = table.number(
        "max_megabytes", usual.bytes / _MEGABYTE, least=_LEAST_MB, most=_MOST_MB, unit=" megabytes"
    )
    made = FlightRecorder(
        on=table.flag("flight_recorder", default=usual.on),
        seconds=table.duration("keep", usual.seconds, least=_SHORTEST_S, most=_LONGEST_S),
        bytes=int(megabytes * _MEGABYTE),
    )
    table.close()
    return made
