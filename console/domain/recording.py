"""What a recording holds: the frames that a store is fed with again, and what stands beside them."""

from typing import NamedTuple

from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.sample import Sample


class Silence(NamedTuple):
    """Somebody let an alert no longer count; see ``AlertBook.silence``."""

    id: str
    subject: str
    note: str
    who: str
    until: float | None = None


class Unsilence(NamedTuple):
    """Somebody let an alert count again."""

    id: str
    subject: str


Input = Sample | Marker | Silence | Unsilence
"""Whatever goes into a store; a store is nothing but what its inputs and its ticks made of it."""


class Frame(NamedTuple):
    """One tick: when its picture was made (epoch and monotonic seconds), and what came in since the tick before, in order.

    ``session`` numbers the runs of the console that a recording holds; monotonic times of two sessions have nothing
    to do with each other. ``shown`` are the markers that its picture had and the one before had not. In the first
    frame after a seek, and in every frame of a sparse reading, ``inputs`` are the newest sample of every source, and what
    came in once (markers, silences, news of the journal) in the seconds since the frame before.
    """

    session: int
    at: float
    mono: float
    inputs: tuple[Input, ...]
    shown: tuple[Marker, ...] = ()


class Session(NamedTuple):
    """One run of the console within a recording: what it watched (no headers, no secrets, no bodies), since when."""

    fleet: Fleet
    began: float
    console: str = ""


class Bounds(NamedTuple):
    """How much a recording keeps: seconds and bytes, None is no limit."""

    seconds: float | None = None
    bytes: int | None = None


class Taping(NamedTuple):
    """The recorder's state: where to, since when (epoch seconds), how many bytes; ``problem`` is why it does not write.

    ``lost`` counts the ticks that could not be kept.
    """

    path: str
    since: float
    bytes: int = 0
    problem: str = ""
    lost: int = 0


SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""How fast a replay can go, in times real time."""


class Playback(NamedTuple):
    """Where a replay stands: of which stretch (epoch seconds), how fast; ``ended`` when there is no more.

    ``problems`` say what of the recording cannot be read; ``seeking`` while another moment is looked for.
    """

    path: str
    since: float
    until: float
    speed: float = 1.0
    paused: bool = False
    ended: bool = False
    problems: tuple[str, ...] = ()
    seeking: bool = False


class Recalled(NamedTuple):
    """History from before the watch began: from what, and the stretch (epoch seconds)."""

    source: str
    since: float
    until: float


class RecordingError(Exception):
    """A recording that cannot be opened at all: what is wrong, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
