"""A moment of a recording that a command looks at, and how it is told."""

import argparse
import sys
from typing import Any, NamedTuple

from console.cli._recordings import moment_of, named, opened
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.ports import Recording
from console.view.format import timecode
from console.view.journal import when
from console.view.status import moment
from console.view.styled import EMPTY, Line, Span
from console.view.wrap import wrapped

_MOST_PROBLEMS = 5


class Look(NamedTuple):
    """A recording that was opened, the moment that was asked for (epoch seconds), and the fleet of the settings."""

    recording: Recording
    at: float | None
    settings: Fleet


class Place(NamedTuple):
    """Where a picture is from: the recording and its stretch, the moment (epoch seconds), and why that one.

    ``fleet`` is the one that was watched; ``problems`` are what of the recording could not be read so far.
    """

    path: str
    since: float
    until: float
    at: float
    why: str
    fleet: Fleet
    problems: tuple[str, ...]


def look_at(options: argparse.Namespace) -> Look:
    """What ``--from`` and ``--at`` name; raises CliError."""
    name = named(options.recording or "")
    recording, fleet = opened(name.text, options)
    asked = options.at or name.moment
    return Look(recording, moment_of(asked, recording) if asked else None, fleet)


def place_of(recording: Recording, snapshot: Snapshot, why: str) -> Place:
    """The place of a picture of the recording."""
    problems = tuple(recording.problems)
    return Place(recording.path, recording.since, recording.until, snapshot.at, why, snapshot.fleet, problems)


def place_lines(place: Place, cells: int) -> list[Line]:
    """The moment in a sentence, and an empty line."""
    code = timecode(place.at - place.since)
    said = f"at {when(place.at)}, +{code} of {visible(place.path, 200)}: {visible(place.why, 400)}"
    return [*wrapped((Span(said, "dim"),), cells), EMPTY]


def place_object(place: Place) -> dict[str, Any]:
    """The same for scripts; ``offset_s`` counts from the start of the recording."""
    return {
        "path": place.path,
        "since": moment(place.since),
        "until": moment(place.until),
        "offset_s": round(place.at - place.since, 3),
        "why": place.why,
        "problems": list(place.problems),
    }


def told_problems(place: Place) -> None:
    """Say on stderr what of the recording cannot be read."""
    for problem in place.problems[:_MOST_PROBLEMS]:
        print(f"triton-console: {visible(problem, 500)}", file=sys.stderr)
    left = len(place.problems) - _MOST_PROBLEMS
    if left > 0:
        print(f"triton-console: and {left} more of that", file=sys.stderr)
