"""``incident``: opens and closes an incident without a screen, or says which one is open."""

import argparse
import time

from console.cli._errors import CliError, print_json
from console.cli._fleet import coloured, fleet_of
from console.cli._paint import columns, print_lines
from console.domain.fleet import Fleet
from console.domain.incident import Incident, bundle_name, current
from console.domain.text import visible
from console.view.shell import report_command

NAME = "incident"
HELP = "open or close an incident, or say which one is open: 0 as asked, 1 none is open; asks no server"

DONE, NONE_OPEN = 0, 1
_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and why."""
    parser.add_argument("what", nargs="?", choices=("open", "close"), help="default: say which one is open")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is opened")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Open, close or look, and say how the incident stands then."""
    from console import settings, wiring  # noqa: PLC0415 - numpy, once the arguments are good

    fleet = fleet_of(options)
    incidents = wiring.incidents(fleet)
    who = settings.operator()
    try:
        if options.what == "open":
            found: Incident | None = incidents.open(who, options.reason)
        elif options.what == "close":
            found = incidents.close(who)
        else:
            found = current(tuple(each for each in incidents.all() if each.concerns(fleet)))
    except OSError as error:
        raise CliError(
            str(error), "triton-console doctor looks at the state folder", id="file", code=_FAILED
        ) from error
    _told(options, found, fleet)
    return DONE if found is not None else NONE_OPEN


def _told(options: argparse.Namespace, found: Incident | None, fleet: Fleet) -> None:
    from console.view.incidents import incident_table  # noqa: PLC0415 - see above

    if options.json:
        print_json({"incident": _object(found, fleet.state) if found is not None else None})
    elif found is None:
        print(f"no incident of {visible(fleet.name, 60)} is open")
    else:
        print_lines(incident_table((found,), {}, time.time(), columns()), colour=coloured(options))
        if found.closed is not None:
            print(report_command(found.id, fleet.state))


def _object(incident: Incident, state: str) -> dict[str, object]:
    from console.view.report_json import incident_object  # noqa: PLC0415 - see above

    bundle = None if incident.closed is None else f"{state}/{bundle_name(incident.id)}"
    return {**incident_object(incident), "bundle": bundle}
