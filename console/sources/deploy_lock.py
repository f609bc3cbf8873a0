"""The deploy lock, looked at every few seconds, so that a freeze of another console shows here."""

from console.domain.fleet import Fleet
from console.domain.lock import SOURCE, LockReading
from console.ports import Source
from console.transport.deploy_lock import LockPlace, place_of
from console.transport.kit import Kit

_FILE_S, _URL_S = 2.0, 5.0
_TIMEOUT_S = 4.0


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source; none without a place for the lock."""
    place = place_of(fleet, kit.http)
    return [LockSource(place)] if place else []


class LockSource:
    """Looks at the lock; one that cannot be read or understood is a failure, never *not frozen*."""

    def __init__(self, place: LockPlace) -> None:
        self.name = SOURCE
        self.target: str | None = None
        self.every = _URL_S if place.where.startswith(("http://", "https://")) else _FILE_S
        self.timeout = _TIMEOUT_S
        self._place = place

    async def poll(self) -> LockReading:
        """The lock now."""
        return LockReading((await self._place.see()).lock)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""
