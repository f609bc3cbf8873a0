"""Gathers what is known of an incident from all that a console keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.recording import RecordingError
from console.ports import Recording
from console.storage.bundle import Given
from console.storage.flight import flights, watched
from console.storage.journal import FileJournal, journal_path
from console.storage.recording import open_recording
from console.storage.reel import Reel
from console.storage.releases import FileReleases, releases_path

_SAID = 20


@contextmanager
def gathered(incident: Incident, state: Path, fleet: Fleet) -> Iterator[Given]:
    """What the flight recorder, the journal and the releases of a fleet have of an incident."""
    opened, missing = recordings_of(incident, state, fleet.name)
    try:
        reading = FileJournal(journal_path(state, fleet.name)).read()
        releases = FileReleases(releases_path(state, fleet.name))
        missing += [f"the journal: {damage.message}" for damage in reading.damages[:_SAID]]
        missing += [f"a release: {said}" for said in releases.problems()[:_SAID]]
        yield Given(
            fleet.name,
            Reel(opened) if opened else None,
            reading.records,
            releases.all(),
            tuple(missing),
        )
    finally:
        for each in opened:
            each.close()


def recordings_of(incident: Incident, state: Path, fleet: str) -> tuple[list[Recording], list[str]]:
    """The recordings that reach into the window and watched a target of the incident; and those that cannot be read."""
    found: list[Recording] = []
    missing: list[str] = []
    until = inf if incident.closed is None else incident.closed
    for path in flights(state, fleet):
        try:
            recording = open_recording(path)
        except (RecordingError, OSError) as error:
            missing.append(f"a recording: {error}")
            continue
        within = recording.until >= incident.since and recording.since <= until
        if within and (not incident.targets or not watched(recording).isdisjoint(incident.targets)):
            found.append(recording)
        else:
            recording.close()
    return found, missing[:_SAID]
