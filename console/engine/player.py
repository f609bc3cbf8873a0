"""Plays a recording: what the screens see as the engine in a replay."""

from collections.abc import Callable

from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine.replay_door import ReplayDoor
from console.ports import Clock, Incidents, Recording, Triage

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)

Listener = Callable[[Snapshot], None]


class Player:
    """A recording on the clock: paused, stepped, sped up and sought; its snapshots are those that were shown live.

    Its controls return at once; what they do is seen in the next snapshot's ``playback``.
    """

    def __init__(self, recording: Recording, clock: Clock, triage: Triage, who: str = "") -> None:
        self.snapshot: Snapshot | None = None
        self._recording = recording
        self._clock = clock
        self._triage = triage
        self._door = ReplayDoor(who)
        self._listeners: list[Listener] = []

    @property
    def fleet(self) -> Fleet:
        """The fleet of the session that is played, read-only."""
        raise NotImplementedError

    @property
    def player(self) -> "Player":
        """Itself: an engine that plays has one."""
        return self

    @property
    def door(self) -> ReplayDoor:
        """What was done; nothing can be."""
        return self._door

    @property
    def triage(self) -> Triage:
        """The way from a snapshot to a cause."""
        return self._triage

    @property
    def incidents(self) -> Incidents:
        """Raises RuntimeError: a replay opens and closes none."""
        raise RuntimeError("a replay has no incidents of its own")

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener`` with each new snapshot, on the loop that runs the player."""
        self._listeners.append(listener)

    def mark(self, marker: Marker) -> None:
        """Nothing: a recording is not written to."""

    def tell(self, walk: Walk) -> None:
        """Nothing: a recording is not written to."""

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002 - the name that alerts have
        """Nothing: silences are those of the recording."""

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002 - the name that alerts have
        """Nothing: silences are those of the recording."""

    def toggle(self) -> None:
        """Pause, or go on; at the end, play it from the beginning."""
        raise NotImplementedError

    def step(self, frames: int) -> None:
        """Pause, and go so many frames on, or back where negative."""
        raise NotImplementedError

    def jump(self, markers: int) -> None:
        """Go to the frame that is the first to show the next marker, or the previous one where negative."""
        raise NotImplementedError

    def faster(self) -> None:
        """Twice as fast, up to 64 times."""
        raise NotImplementedError

    def slower(self) -> None:
        """Half as fast, down to a quarter."""
        raise NotImplementedError

    def seek(self, at: float) -> None:
        """Go to the last frame at or before a time (epoch seconds), within what there is."""
        raise NotImplementedError

    async def run(self) -> None:
        """Play and publish until cancelled."""
        raise NotImplementedError

    async def close(self) -> None:
        """Release the recording."""
        self._recording.close()
