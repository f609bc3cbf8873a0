"""``record``: watches a fleet without a screen and keeps all of it in a file."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from console.cli._errors import CliError
from console.cli._fleet import fleet_of, refuse_guess
from console.cli._parser import add_targets
from console.cli._record_values import size, stretch
from console.domain.fleet import Fleet, FlightRecorder
from console.settings import expanded

NAME = "record"
HELP = "watch a fleet without a screen and keep it in a file: 0 recorded until told to end, 2 it cannot be"

RECORDED = 0
_KEEP_S, _KEEP_BYTES = 86400.0, 2**30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to watch, where to, how much and how long."""
    add_targets(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="the recording; one that is there is continued (default: the flight recorder's folder)",
    )
    parser.add_argument(
        "--keep", type=stretch, metavar="DURATION", help="drop what is older (default: 24h with --out)"
    )
    parser.add_argument(
        "--max-size",
        type=size,
        metavar="SIZE",
        help="drop the oldest over this size (default: 1GB with --out)",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=stretch,
        metavar="SECONDS",
        help="end after so long; default: when told to",
    )


def run(options: argparse.Namespace) -> int:
    """Record until a signal comes, or the time is over."""
    fleet = fleet_of(options)
    refuse_guess(options)
    from console.cli._record_run import recorded  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    kept = replace(fleet, flight=_bounds(options, fleet))
    recorded(kept, _out(options), options.seconds, sys.stderr)
    return RECORDED


def _out(options: argparse.Namespace) -> Path | None:
    if options.out is None:
        return None
    path = expanded(options.out)
    if path.is_dir():
        raise CliError(f"{options.out} is a folder", f"name a file in it: --out {path / 'fleet.tcrec'}")
    return path.absolute()


def _bounds(options: argparse.Namespace, fleet: Fleet) -> FlightRecorder:
    """What is asked for; else what the flight recorder keeps, or the most that a file of its own does."""
    usual = FlightRecorder(seconds=_KEEP_S, bytes=_KEEP_BYTES) if options.out else fleet.flight
    return FlightRecorder(
        seconds=usual.seconds if options.keep is None else options.keep,
        bytes=usual.bytes if options.max_size is None else options.max_size,
    )
