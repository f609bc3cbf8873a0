"""Recordings as people name them: a file, an incident's bundle or its id, or what the flight recorder kept."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from console.cli._errors import CliError
from console.cli._fleet import fleet_of
from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.moment import parse_moment
from console.domain.recording import RecordingError
from console.domain.text import visible
from console.ports import Recording
from console.settings import SettingsError, expanded, is_there
from console.storage.flight import opened_flights, same_fleet
from console.storage.incidents import IncidentFiles, bundle_path
from console.storage.keeping import recordings_of
from console.storage.recording import BUNDLE_ENDING, ENDING, open_recording
from console.storage.reel import Reel

NO_RECORDING = 2
LIST = "triton-console report --list names the incidents; a recording is named by its file"


class Named(NamedTuple):
    """What ``FILE@TIME`` names: the file or id, and the time, empty where there is none."""

    text: str
    moment: str = ""


def named(text: str) -> Named:
    """The parts of ``FILE[@TIME]``; a file that is there counts with all of its name."""
    name, at, moment = text.rpartition("@")
    if not at or not name or is_there(expanded(text)):
        return Named(text)
    return Named(name, moment)


def file_of(text: str) -> Path | None:
    """The file that is named, be it there or not; None for an incident's id and for nothing."""
    path = expanded(text)
    is_file = bool(text) and (is_there(path) or "/" in text or path.suffix in (ENDING, BUNDLE_ENDING))
    return path if is_file else None


def settings_beside(options: argparse.Namespace, *, needed: bool) -> Fleet:
    """The fleet that the settings name; where it is not ``needed`` and nobody asked for it, their problems do not count."""
    options.secrets = ()
    if needed or options.config or options.fleet:
        return fleet_of(options)
    with suppress(SettingsError):
        return fleet_of(options)
    return Fleet()


def opened(text: str, options: argparse.Namespace) -> tuple[Recording, Fleet]:
    """The recording that is named (empty: the flight recorder's), and the fleet of the settings around it.

    Raises CliError, one line, where there is nothing to be opened.
    """
    path = file_of(text)
    fleet = settings_beside(options, needed=path is None)
    try:
        if path is not None:
            return open_recording(path), fleet
        return (_incident(text, fleet) if text else _flight(fleet)), fleet
    except RecordingError as error:
        raise _cannot(str(error), error.hint) from error
    except OSError as error:
        raise _cannot(f"{visible(text)}: {error.strerror or error}", LIST) from error


def incident_of(text: str, fleet: Fleet) -> Incident:
    """The incident of that id, of an id that begins so, or the fleet's newest; raises CliError."""
    known = IncidentFiles(Path(fleet.state), fleet).all()
    if not text:
        mine = [each for each in known if each.concerns(fleet)] or list(known)
        if mine:
            return mine[-1]
        said = f"no incident of the fleet {visible(fleet.name, 80)} was opened yet"
        raise CliError(said, "name a recording: triton-console report FILE", id="incident", code=NO_RECORDING)
    matching = [each for each in known if each.id == text] or [
        each for each in known if each.id.startswith(text)
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = ", ".join(visible(each.id, 40) for each in matching[:5])
        raise CliError(f"{visible(text, 40)} begins the ids of several incidents: {ids}", "write more of it")
    said = f"the fleet {visible(fleet.name, 80)} has no incident {visible(text, 80)}"
    raise CliError(said, f"{LIST}; another fleet's: --fleet NAME", id="incident", code=NO_RECORDING)


def moment_of(text: str, recording: Recording) -> float:
    """The moment of the recording that is named (epoch seconds); raises CliError."""
    try:
        return parse_moment(text, recording.since, recording.until, recording.until)
    except ValueError as error:
        raise CliError(str(error)) from error


def _incident(text: str, fleet: Fleet) -> Recording:
    """The window of an incident: its bundle, else what the flight recorder still has of it."""
    incident = incident_of(text, fleet)
    bundle = bundle_path(Path(fleet.state), incident.id)
    return open_recording(bundle) if bundle.is_file() else _window(incident, fleet)


def _window(incident: Incident, fleet: Fleet) -> Recording:
    kept, _ = recordings_of(incident, Path(fleet.state), fleet.name)
    if not kept:
        said = f"nothing of the incident {incident.id} was recorded"
        raise _cannot(said, f"what else is known: triton-console report {incident.id}")
    return Reel(kept)


def _flight(fleet: Fleet) -> Recording:
    """All that the newest flight and those before it saw of the same targets: fleets of the command line share a name."""
    found = list(opened_flights(Path(fleet.state), fleet.name))
    if not found:
        said = f"the flight recorder has nothing of {visible(fleet.name, 80)}"
        raise _cannot(said, "name a recording: triton-console replay FILE")
    newest = max(found, key=lambda each: each.until)
    kept = [each for each in found if same_fleet(each, newest)]
    for each in found:
        if each not in kept:
            each.close()
    return Reel(kept)


def _cannot(message: str, hint: str) -> CliError:
    return CliError(message, hint, id="recording", code=NO_RECORDING)
