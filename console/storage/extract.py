"""A stretch of a recording as a recording of its own."""

from pathlib import Path
from typing import Protocol, TypeVar

from console.ports import Recording

T = TypeVar("T")


class Change(Protocol):
    """What becomes of each Session, Frame, Marker and Walk on the way, such as the same without host names."""

    def __call__(self, value: T, /) -> T:
        """The value to write in place of that one."""
        ...


def extract(
    recording: Recording,
    since: float,
    until: float,
    path: Path,
    *,
    change: Change | None = None,
) -> int:
    """Write the frames of a stretch (epoch seconds), its markers and walks, to a new file; how many frames those are.

    The file has mode 0600 and appears whole or not at all. Raises OSError.
    """
    raise NotImplementedError
