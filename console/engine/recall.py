"""Back-fill: what was before the watch began, fed into the store that is to watch."""

import asyncio
from asyncio import to_thread
from collections.abc import Callable, Collection, Sequence
from threading import Event
from time import perf_counter
from typing import NamedTuple

from console.domain.fleet import Fleet
from console.domain.recording import Recalled, RecordingError
from console.domain.text import visible
from console.engine._refill import RECALL_S, Refill, recollected, refilling
from console.engine.store import Store
from console.ports import Past, Recording

OPEN_S = 8.0
"""So long a past may take to open."""
FILL_S = 3.0
"""So long the filling may take; of a large fleet less history is remembered then."""
# So many frames, about so far apart, tell how long the others will take.
_TRIED, _APART_S = 8, 10.0

Failing = Callable[[str, RecordingError], None]


class Remembered(NamedTuple):
    """A store that knows what was before, ready for its first tick, and what of it that is."""

    store: Store
    recalled: Recalled


class Wanted(NamedTuple):
    """Whose past is looked for, before which moment (epoch and monotonic seconds).

    Of the sources that have no target, ``polled`` are kept, all where it is None.
    """

    fleet: Fleet
    at: float
    mono: float
    polled: Collection[str] | None = None


async def recall(wanted: Wanted, pasts: Sequence[Past], failing: Failing) -> Remembered | None:
    """A store filled from the first of the pasts that has something of the last hour; never raises.

    ``failing`` is told by name which past could not be read, and why.
    """
    for past in pasts:
        try:
            found = await _from(past, wanted)
        except RecordingError as error:
            failing(past.name, error)
        except Exception as error:  # noqa: BLE001 - a console without its past is a console still
            said = f"{type(error).__name__}: {visible(str(error), 200)}"
            failing(past.name, RecordingError(said, "this is a defect of the console: please report it"))
        else:
            if found is not None:
                return found
    return None


async def _from(past: Past, wanted: Wanted) -> Remembered | None:
    try:
        async with asyncio.timeout(OPEN_S):
            recording = await past.open(wanted.at - RECALL_S)
    except TimeoutError as error:
        raise RecordingError(f"not opened within {OPEN_S:g} s", "the watch begins without it") from error
    if recording is None:
        return None
    stop = Event()
    try:
        return await to_thread(_filled, past.name, recording, wanted, stop)
    finally:
        stop.set()


def _filled(name: str, recording: Recording, wanted: Wanted, stop: Event) -> Remembered | None:
    try:
        since = max(wanted.at - RECALL_S, recording.since)
        while True:
            store = Store(wanted.fleet)
            refill = Refill(store, wanted.fleet, (wanted.at, wanted.mono), wanted.polled)
            fitting = _fill(refill, recording, since, wanted.at, stop)
            if fitting is None:
                break
            since = fitting
        stretch = refill.stretch
        if stretch is None or stop.is_set():
            return None
        recollected(store, recording, stretch, wanted.at)
        return Remembered(store, Recalled(name, stretch.since, stretch.until))
    finally:
        recording.close()


def _fill(refill: Refill, recording: Recording, since: float, until: float, stop: Event) -> float | None:
    """Fill with all from then on; if there is no time for that, say from when on there is, and fill no further."""
    began = perf_counter()
    for done in refilling(refill, recording, since, until):
        if stop.is_set():
            return None
        if done == _TRIED:
            fitting = FILL_S * done / (perf_counter() - began) * _APART_S
            later = until - max(fitting, 2 * _TRIED * _APART_S)
            if later > since + _APART_S:
                return later
    return None
