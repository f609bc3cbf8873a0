"""What a console knew at a moment of a recording: a store warmed up to it, and its picture."""

from collections.abc import Iterator
from typing import NamedTuple

from console.domain.recording import Frame
from console.domain.snapshot import Snapshot
from console.engine.store import Store
from console.ports import Recording


class Rewound(NamedTuple):
    """A store as it was at a frame, that frame and its picture; whoever plays on feeds the frames after it."""

    store: Store
    frame: Frame
    snapshot: Snapshot


def rewound(recording: Recording, at: float) -> Snapshot:
    """The picture of the last frame at or before a time (epoch seconds), or of the first frame if there is none.

    Raises RecordingError where no frame can be read.
    """
    raise NotImplementedError


def rewinding(recording: Recording, at: float) -> Iterator[Rewound | None]:
    """``rewound`` in short stretches of work: yields None after each, and what was found at the end."""
    raise NotImplementedError
