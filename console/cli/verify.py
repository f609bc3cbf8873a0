"""``verify``: the readiness checks of a model on every target, and the clauses of its contract."""

import argparse

from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._hide import hidden
from console.cli._paint import columns, print_lines
from console.cli._parser import add_targets
from console.view.readiness import passed, readiness_json, readiness_lines

NAME = "verify"
HELP = "check that a model serves and keeps its contract: 0 passed, 1 not"

_MOST_SECONDS = 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model and version, and the form of the answer."""
    parser.add_argument("model", metavar="MODEL", help="the model to check")
    add_targets(parser)
    parser.add_argument(
        "--version", dest="wanted", default="", metavar="V", help="this version; default: any that serves"
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="SECONDS",
        type=float,
        default=2.0,
        help="how long to watch where the contract promises a latency or memory; default 2",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Check, print, and tell the result by the exit code."""
    if not 0.1 <= options.seconds <= _MOST_SECONDS:
        raise CliError(f"--for must be 0.1 to {_MOST_SECONDS} seconds")
    fleet = fleet_of(options)
    from console.cli._loop import run_async  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.cli._verify import verdicts  # noqa: PLC0415

    found = hidden(
        run_async(verdicts(fleet, options.model, options.wanted, options.seconds)), options.secrets
    )
    if options.json:
        print_json(dict(readiness_json(options.model, options.wanted, found)))
    else:
        print_lines(readiness_lines(found, columns()), colour=coloured(options))
    well = passed(found)
    if not well and guessed(options) and not options.json:
        print(f"  → {NEXT_STEPS}")
    return 0 if well else 1
