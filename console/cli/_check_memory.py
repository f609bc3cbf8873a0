"""Checks of what the console remembers: the flight recorder's folder, and incidents that are open."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from console.cli._check import Check, counted, fail, ok, warn
from console.cli._record_progress import bounds_text, size_text
from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.recording import RecordingError
from console.domain.text import visible
from console.storage._files import advice, make_folder
from console.storage.flight import flight_folder, flights
from console.storage.incidents import IncidentFiles
from console.storage.recording import open_recording
from console.view.format import age

FLIGHT, INCIDENTS = "flight_recorder", "incidents"

# Somebody may have forgotten to close it, and nothing since it began is dropped.
_LONG_S = 86400.0


def memory_checks(fleet: Fleet) -> Iterator[Check]:
    """Both; nothing is changed but that a missing folder is made."""
    now = time.time()
    yield _flight(fleet, now)
    yield _incidents(fleet, now)


def _flight(fleet: Fleet, now: float) -> Check:
    if not fleet.flight.on:
        return ok(FLIGHT, "switched off in the settings: nothing is kept of a watch")
    folder = flight_folder(Path(fleet.state), fleet.name)
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return fail(
            FLIGHT, f"{folder} cannot be written to: {advice(error)}", "until then nothing of a watch is kept"
        )
    return ok(
        FLIGHT,
        f"{folder}: {_held(flights(Path(fleet.state), fleet.name), now)}; keeps {bounds_text(fleet.flight)}",
    )


def _held(paths: Sequence[Path], now: float) -> str:
    if not paths:
        return "writable, nothing recorded yet"
    size = 0
    for path in paths:
        with suppress(OSError):
            size += path.stat().st_size
    oldest = _oldest(paths)
    back = "" if oldest is None else f", back to {age(now - oldest)} ago"
    return f"{counted(len(paths), 'recording')}, {size_text(size)}{back}"


def _oldest(paths: Sequence[Path]) -> float | None:
    """Time of the first frame that can be read (epoch seconds)."""
    for path in paths:
        with suppress(RecordingError):
            recording = open_recording(path)
            try:
                return recording.since
            finally:
                recording.close()
    return None


def _incidents(fleet: Fleet, now: float) -> Check:
    try:
        known = IncidentFiles(Path(fleet.state), fleet).all()
    except OSError as error:
        return fail(
            INCIDENTS, f"their file cannot be read: {advice(error)}", "until then nobody sees an incident"
        )
    standing = [incident for incident in known if incident.closed is None]
    if not standing:
        return ok(INCIDENTS, f"none is open, {len(known)} closed" if known else "none so far")
    said = ", ".join(_open(incident, now) for incident in standing[:3])
    if any(now - incident.opened > _LONG_S for incident in standing):
        return warn(INCIDENTS, said, "close it (I on its timeline) if it is over: all since then is kept")
    return ok(INCIDENTS, said)


def _open(incident: Incident, now: float) -> str:
    return f"{incident.id} is open for {age(now - incident.opened)}, by {visible(incident.by, 60)}"
