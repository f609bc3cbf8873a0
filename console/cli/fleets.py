"""``fleets``: the fleets of the settings."""

import argparse

from console import settings
from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, settings_options
from console.cli._paint import print_lines
from console.view.fleets import fleet_json, fleets_lines

NAME = "fleets"
HELP = "list the fleets of the settings, and what each is; asks no server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The form of the answer."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Read and print them; a fleet that is wrong in itself is listed as far as it can be understood."""
    found = settings.listed(settings_options(options))
    if options.json:
        print_json({"fleets": [fleet_json(fleet) for fleet in found]})
        return 0
    if not found:
        raise CliError("no settings file names a fleet", NEXT_STEPS, id="no_fleets", code=1)
    print_lines(fleets_lines(found), colour=coloured(options))
    return 0
