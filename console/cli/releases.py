"""``releases``: the known-good releases."""

import argparse

from console.cli._errors import print_json
from console.cli._fleet import coloured, fleet_of
from console.cli._paint import columns, print_lines
from console.view.release import release_json, release_table

NAME = "releases"
HELP = "list the known-good releases, newest first; asks no server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The form of the answer."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Read and print them."""
    fleet = fleet_of(options)
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    found = wiring.releases(fleet).all()
    if options.json:
        print_json({"releases": [release_json(release) for release in reversed(found)]})
    else:
        print_lines(release_table(found, columns()), colour=coloured(options))
    return 0
