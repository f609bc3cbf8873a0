"""``good``: calls what serves now a known-good release."""

import argparse

from console.cli._act import refuse_read_only
from console.cli._errors import print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._paint import columns, print_lines
from console.cli._parser import add_targets
from console.view.release import release_json, release_lines

NAME = "good"
HELP = "keep what serves now as a known-good release, for rollback: 0 kept, 1 not, 3 read-only"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which models, and what to remember."""
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="only this model and its parts; repeatable; default: all",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="what is good about it")
    add_targets(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Capture it, with its progress in sight, and say what was kept."""
    fleet = fleet_of(options)
    refuse_read_only(fleet)
    from console.cli._good import marked  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.cli._loop import run_async  # noqa: PLC0415

    hint = NEXT_STEPS if guessed(options) else "triton-console doctor says what is wrong"
    release = run_async(marked(fleet, options.model, options.note, hint))
    if options.json:
        print_json(dict(release_json(release)))
    else:
        print_lines(release_lines(release, columns()), colour=coloured(options))
    return 0
