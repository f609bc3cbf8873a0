"""``status``: one picture of the fleet, as text or JSON."""

import argparse
import sys

from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._observe import observe
from console.cli._paint import columns, print_lines
from console.cli._parser import add_targets
from console.domain.snapshot import Snapshot

NAME = "status"
HELP = "show one picture of the fleet and exit: 0 healthy, 1 alerts, 2 nothing reachable"

HEALTHY, ALERTS, UNREACHABLE = 0, 1, 2
_MOST_SECONDS = 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets, and how to look."""
    add_targets(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument(
        "--for", dest="seconds", metavar="SECONDS", type=float, default=2.0, help="time between its two polls"
    )


def run(options: argparse.Namespace) -> int:
    """Look, print, and tell the health by the exit code."""
    if not 0.1 <= options.seconds <= _MOST_SECONDS:
        raise CliError(f"--for must be 0.1 to {_MOST_SECONDS} seconds")
    snapshot = observe(fleet_of(options), options.seconds)
    if options.json:
        from console.view.status import status  # noqa: PLC0415 - text needs another view

        print_json(status(snapshot))
    else:
        from console.view.status_text import status_lines  # noqa: PLC0415 - JSON needs another view

        print_lines(status_lines(snapshot, columns()), colour=coloured(options))
    if guessed(options) and not snapshot.up:
        print(f"triton-console: no Triton at localhost:8000  → {NEXT_STEPS}", file=sys.stderr)
    return _health(snapshot)


def _health(snapshot: Snapshot) -> int:
    if not snapshot.up:
        return UNREACHABLE
    return ALERTS if snapshot.unsilenced else HEALTHY
