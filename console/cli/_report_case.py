"""What a report is about, as people name it: an incident, its bundle, or any recording."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from console import __version__
from console.cli._errors import CliError
from console.cli._recordings import LIST, file_of, incident_of, settings_beside
from console.domain.bundle import Bundle
from console.domain.fleet import Fleet
from console.domain.incident import Incident, markers_of
from console.domain.journal import Record
from console.domain.moment import parse_moment
from console.domain.recording import RecordingError
from console.domain.report import Stretch
from console.engine.inquest import Case, wrong
from console.ports import Recording
from console.storage._files import advice
from console.storage.bundle import read_bundle
from console.storage.incidents import IncidentFiles, bundle_path
from console.storage.journal import FileJournal, journal_path
from console.storage.keeping import gathered
from console.storage.recording import BUNDLE_ENDING, open_recording

NO_DATA = 2
_WHOLE = "half an hour before the incident was opened, until it was closed"


class Subject(NamedTuple):
    """What is reported on: the recording (None where nothing was recorded), the case, and the fleet of the settings.

    ``opens`` is what ``replay`` takes to open the recording.
    """

    recording: Recording | None
    case: Case
    fleet: Fleet
    opens: str = ""


@contextmanager
def subject_of(options: argparse.Namespace) -> Iterator[Subject]:
    """What the options name; closed afterwards. Raises CliError."""
    path = file_of(options.incident)
    fleet = settings_beside(options, needed=path is None)
    try:
        if path is None:
            with _of_incident(incident_of(options.incident, fleet), fleet, options) as found:
                yield found
        elif path.suffix == BUNDLE_ENDING:
            with _of_bundle(path, fleet, options) as found:
                yield found
        else:
            with _of_recording(path, fleet, options) as found:
                yield found
    except RecordingError as error:
        raise CliError(str(error), error.hint or LIST, id="recording", code=NO_DATA) from error
    except OSError as error:
        raise CliError(f"it cannot be read: {advice(error)}", LIST, id="recording", code=NO_DATA) from error


@contextmanager
def _of_incident(incident: Incident, fleet: Fleet, options: argparse.Namespace) -> Iterator[Subject]:
    """Its bundle, made first where it is closed and has none; while it is open, what is kept by now."""
    state = Path(fleet.state)
    bundle = bundle_path(state, incident.id)
    if incident.closed is not None and not bundle.is_file():
        _make(incident, fleet)
    if bundle.is_file():
        with _of_bundle(bundle, fleet, options) as found:
            yield found
        return
    with gathered(incident, state, fleet) as given:
        window = _window(options, _whole(incident, time.time()), given.recording)
        case = Case(
            window=window,
            written=time.time(),
            console=__version__,
            incident=incident,
            records=given.records,
            releases=given.releases,
            markers=markers_of(incident),
            missing=given.missing,
        )
        yield Subject(given.recording, case, fleet, incident.id)


@contextmanager
def _of_bundle(path: Path, fleet: Fleet, options: argparse.Namespace) -> Iterator[Subject]:
    bundle = read_bundle(path)
    recording, missing = _recorded(path, bundle)
    try:
        manifest = bundle.manifest
        whole = Stretch(manifest.since, manifest.until, _WHOLE)
        case = Case(
            window=_window(options, whole, recording),
            written=time.time(),
            console=__version__,
            incident=manifest.incident,
            records=(*bundle.records, *_later(path, manifest.incident, fleet)),
            releases=bundle.releases,
            markers=markers_of(manifest.incident),
            missing=missing,
        )
        named = fleet if recording is not None else Fleet(name=manifest.fleet)
        yield Subject(recording, case, named, str(path))
    finally:
        if recording is not None:
            recording.close()


@contextmanager
def _of_recording(path: Path, fleet: Fleet, options: argparse.Namespace) -> Iterator[Subject]:
    recording = open_recording(path)
    try:
        window = _window(options, wrong(recording), recording)
        yield Subject(recording, Case(window, time.time(), __version__), fleet, str(path))
    finally:
        recording.close()


def _recorded(path: Path, bundle: Bundle) -> tuple[Recording | None, tuple[str, ...]]:
    """The window within a bundle, and what of the bundle is missing or damaged."""
    missing = (*bundle.manifest.missing, *bundle.problems)
    try:
        recording = open_recording(path)
        # Where the recording does not reach is told by its gaps.
        return recording, tuple(said for said in missing if not said.endswith("were not recorded"))
    except RecordingError as error:
        return None, missing or (str(error),)


def _later(path: Path, incident: Incident, fleet: Fleet) -> Sequence[Record]:
    """What the journal says since the bundle was written, where the bundle is the fleet's own."""
    state = Path(fleet.state)
    if path != bundle_path(state, incident.id):
        return ()
    return FileJournal(journal_path(state, fleet.name)).read().records


def _make(incident: Incident, fleet: Fleet) -> None:
    """The bundle of a closed incident; where it cannot be made the report goes on without."""
    try:
        IncidentFiles(Path(fleet.state), fleet).bundle(incident)
    except OSError as error:
        print(f"triton-console: the bundle of {incident.id} cannot be made: {advice(error)}", file=sys.stderr)


def _whole(incident: Incident, now: float) -> Stretch:
    if incident.closed is None:
        return Stretch(
            incident.since, now, "half an hour before the incident was opened, until now: it is open"
        )
    return Stretch(incident.since, incident.closed, _WHOLE)


def _window(options: argparse.Namespace, whole: Stretch, recording: Recording | None) -> Stretch:
    """The window, narrowed or widened as asked within what was recorded; raises CliError."""
    if not (options.since or options.until):
        return whole
    reach = (recording.since, recording.until) if recording is not None else whole[:2]
    try:
        since = parse_moment(options.since, *reach, whole.until) if options.since else whole.since
        until = parse_moment(options.until, *reach, whole.until) if options.until else whole.until
    except ValueError as error:
        raise CliError(str(error)) from error
    if until <= since:
        raise CliError("--to must be later than --from")
    return Stretch(since, until, "as asked for")
