"""Calls a release good by itself, after the fleet has kept its promises for long enough."""

from collections.abc import Callable
from contextlib import suppress

from console.domain.journal import JournalError
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.engine.door import Door
from console.ports import Clock

LOOK_S = 30.0

Serving = frozenset[tuple[str, str, str]]


class Quiet:
    """Watches for ``seconds`` without an alert and without a change of what serves."""

    def __init__(self, door: Door, seconds: float, clock: Clock) -> None:
        self._door = door
        self._seconds = seconds
        self._clock = clock
        self._since: float | None = None
        self._serving: Serving = frozenset()
        self._marked: Serving = frozenset()

    async def run(self, see: Callable[[], Snapshot | None]) -> None:
        """Look until cancelled."""
        while True:
            await self._clock.sleep(LOOK_S)
            snapshot = see()
            if snapshot is not None and self._quiet(snapshot):
                # A full disk must not end the watch: the next look tries again.
                with suppress(JournalError, OSError):
                    note = f"no alert for {self._seconds / 60:.0f} min"
                    await self._door.mark_good((), note, lambda *_: None)
                    self._marked = self._serving

    def _quiet(self, snapshot: Snapshot) -> bool:
        serving = _serving(snapshot)
        now = self._clock.monotonic()
        if snapshot.alerts or not serving or serving != self._serving or snapshot.up < len(snapshot.targets):
            self._serving, self._since = serving, None if snapshot.alerts else now
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds and serving != self._marked


def _serving(snapshot: Snapshot) -> Serving:
    ready = [row.key for row in snapshot.models if row.state is State.READY]
    configs = {key.model: snapshot.history.config(key.model) for key in ready}
    return frozenset(
        (key.model, key.version, ",".join(sorted(config.digest for config in configs[key.model].values())))
        for key in ready
    )
