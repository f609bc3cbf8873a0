"""Which parts of a window are read frame by frame: those around what went wrong; the rest in steps of some seconds."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from console.domain.marker import Marker, MarkerKind
from console.domain.report import Stretch

# So much around a marker is read in full, and what lies between two of them if it is not longer than the gap.
_AROUND_S, _GAP_S = 120.0, 300.0
# More than this in full takes too long: counters lose nothing by steps.
_MOST_S = 3600.0
# Longer than from one whole frame to the next.
_END_S = 15.0
_WRONG = frozenset(
    (
        MarkerKind.ALERT,
        MarkerKind.ACTION,
        MarkerKind.FAILURE,
        MarkerKind.DOWN,
        MarkerKind.RESTART,
        MarkerKind.PROBE,
    )
)


class Part(NamedTuple):
    """A part of the window, up to a moment (epoch seconds), and whether it is read in steps."""

    until: float
    sparse: bool


def parts(markers: Iterable[Marker], window: Stretch, ends: float) -> tuple[Part, ...]:
    """The window's parts in the order of time; they have no gaps. The recording ``ends`` then (epoch seconds).

    The last frames are read in any case: they say where the counters stood.
    """
    last = min(window.until, ends)
    full = _full(markers, window)
    if sum(until - since for since, until in full) > _MOST_S:
        full = []
    if not full or full[-1][1] < last:
        full = [*full, (max(last - _END_S, full[-1][1] if full else window.since), window.until)]
    found: list[Part] = []
    for since, until in full:
        if since > (found[-1].until if found else window.since):
            found.append(Part(since, sparse=True))
        found.append(Part(until, sparse=False))
    return tuple(found)


def _full(markers: Iterable[Marker], window: Stretch) -> Sequence[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for at in sorted(marker.at for marker in markers if marker.kind in _WRONG):
        since, until = max(at - _AROUND_S, window.since), min(at + _AROUND_S, window.until)
        if found and since - found[-1][1] <= _GAP_S:
            found[-1] = found[-1][0], until
        elif since < until:
            found.append((since, until))
    return found
