"""``status``: one picture of the fleet, as text or JSON."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from console.cli._errors import CliError, print_json, report
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._found import none_found
from console.cli._observe import observe
from console.cli._paint import columns, print_lines
from console.cli._parser import add_from, add_targets, from_recording
from console.domain.snapshot import Snapshot

NAME = "status"
HELP = "show one picture of the fleet and exit: 0 healthy, 1 alerts, 2 nothing reachable"

HEALTHY, ALERTS, UNREACHABLE = 0, 1, 2
_MOST_SECONDS = 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets, and how to look."""
    add_targets(parser)
    add_from(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=float, default=2.0, help="time between its two polls"
    )


def run(options: argparse.Namespace) -> int:
    """Look, print, and tell the health by the exit code."""
    if not 0.1 <= options.seconds <= _MOST_SECONDS:
        raise CliError(f"--for must be 0.1 to {_MOST_SECONDS} seconds")
    if from_recording(options):
        return _looked_back(options)
    snapshot = observe(fleet_of(options), options.seconds)
    _show(options, snapshot)
    missing = none_found(snapshot)
    if missing is not None:
        report(missing, as_json=False, hidden=options.secrets)
    if guessed(options) and not snapshot.up:
        print(f"triton-console: no Triton at localhost:8000  → {NEXT_STEPS}", file=sys.stderr)
    return _health(snapshot)


def _looked_back(options: argparse.Namespace) -> int:
    """The picture of a moment of a recording, its end if none is named; no server is asked."""
    from console.cli._hindsight import pictured  # noqa: PLC0415 - numpy, once the arguments are good
    from console.cli._past import look_at, place_lines, place_object, place_of, told_problems  # noqa: PLC0415

    look = look_at(options)
    try:
        at = look.recording.until if look.at is None else look.at
        snapshot = pictured(look.recording, at)
        why = "the end of the recording" if look.at is None else "as asked"
        place = place_of(look.recording, snapshot, why)
        if not options.json:
            print_lines(place_lines(place, columns()), colour=coloured(options))
        _show(options, snapshot, {"recording": place_object(place)})
    finally:
        look.recording.close()
    told_problems(place)
    return _health(snapshot)


def _show(options: argparse.Namespace, snapshot: Snapshot, more: Mapping[str, Any] | None = None) -> None:
    if options.json:
        from console.view.status import status  # noqa: PLC0415 - text needs another view

        print_json({**status(snapshot), **(more or {})})
    else:
        from console.view.status_text import status_lines  # noqa: PLC0415 - JSON needs another view

        print_lines(status_lines(snapshot, columns()), colour=coloured(options))


def _health(snapshot: Snapshot) -> int:
    if not snapshot.up:
        return UNREACHABLE
    return ALERTS if snapshot.unsilenced else HEALTHY
