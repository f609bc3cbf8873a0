"""``releases``: the known-good releases."""

import argparse
import sys

from console.cli._errors import print_json
from console.cli._fleet import coloured, fleet_of
from console.cli._paint import columns, print_lines
from console.domain.text import visible
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

    known = wiring.releases(fleet)
    found, problems = known.all(), [visible(said, 300) for said in known.problems()]
    if options.json:
        releases = [release_json(release) for release in reversed(found)]
        print_json({"releases": releases, "problems": problems})
    else:
        print_lines(release_table(found, columns()), colour=coloured(options))
        for said in problems:
            print(f"triton-console: left out: {said}", file=sys.stderr)
    return 0
