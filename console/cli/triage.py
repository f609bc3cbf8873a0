"""``triage``: from a model that misbehaves to the cause, on evidence."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._hide import hidden
from console.cli._paint import columns, print_lines
from console.cli._parser import add_from, add_targets, from_recording
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triage import NONE, UNKNOWN, Answer, Walk

NAME = "triage"
HELP = "walk a runbook from a model that misbehaves to the cause: 0 verdict, 1 none, 2 no data"

VERDICT, NOTHING, NO_DATA = 0, 1, 2
_MOST_SECONDS = 3600
_ERASE = "\r\x1b[K"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, which runbook, how long to look."""
    parser.add_argument("model", metavar="MODEL", nargs="?", help="the model, or MODEL/VERSION")
    add_targets(parser)
    parser.add_argument(
        "--runbook", metavar="ID", default="", help="walk this one; default: the one that fits best"
    )
    parser.add_argument(
        "--observe", metavar="SECONDS", type=float, default=10.0, help="watch for so long first (default: 10)"
    )
    add_from(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--list", action="store_true", help="list the runbooks; asks no server")


def run(options: argparse.Namespace) -> int:
    """Look, walk, print, and tell by the exit code whether there is a cause."""
    if options.list:
        return _listed(options)
    if from_recording(options):
        return _looked_back(options)
    if not options.model:
        raise CliError("which model?", "triton-console triage MODEL [TARGET …]; status lists them")
    if not 1 <= options.observe <= _MOST_SECONDS:
        raise CliError(f"--observe must be 1 to {_MOST_SECONDS} seconds")
    fleet = fleet_of(options)
    return _told(options, hidden(_walked(options, fleet), options.secrets), fleet)


def _looked_back(options: argparse.Namespace) -> int:
    """The same of a moment of a recording; no server is asked."""
    from console.cli._past import place_lines, place_object, told_problems  # noqa: PLC0415 - as below
    from console.cli._triage_past import looked_back  # noqa: PLC0415 - numpy, once the arguments are good

    walk, place = looked_back(options)
    if options.json:
        return _told(options, walk, place.fleet, {"recording": place_object(place)})
    print_lines(place_lines(place, columns()), colour=coloured(options))
    code = _told(options, walk, place.fleet)
    told_problems(place)
    return code


def _told(
    options: argparse.Namespace, walk: Walk, fleet: Fleet, more: Mapping[str, Any] | None = None
) -> int:
    if options.json:
        from console.view.triage_json import walk_object  # noqa: PLC0415 - text needs another view

        print_json({**walk_object(walk, fleet), **(more or {})})
    else:
        from console.view.triage import walk_lines  # noqa: PLC0415 - JSON needs another view

        print_lines(walk_lines(walk, fleet, columns()), colour=coloured(options))
    return _code(walk)


def _walked(options: argparse.Namespace, fleet: Fleet) -> Walk:
    from console.cli._triage_look import looked  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    try:
        return looked(fleet, options.model, options.runbook, options.observe, _progress(options.observe))
    except CliError as error:
        if error.id == "unreachable" and guessed(options):
            raise CliError(str(error), NEXT_STEPS, id=error.id, code=error.code) from None
        raise
    finally:
        if sys.stderr.isatty():
            print(_ERASE, end="", file=sys.stderr, flush=True)


def _progress(seconds: float) -> Callable[[Snapshot], None]:
    """Says on a terminal how far the look is."""

    def tell(snapshot: Snapshot) -> None:
        if sys.stderr.isatty():
            gone = f"watching for {seconds:.0f} s: {min(snapshot.elapsed_s, seconds):.0f} s"
            up = f"{snapshot.up} of {len(snapshot.targets)} targets answer"
            print(f"{_ERASE}{gone}, {up}", end="", file=sys.stderr, flush=True)

    return tell


def _code(walk: Walk) -> int:
    """No data is when it cannot even be told whether anything is wrong."""
    if walk.verdict == UNKNOWN and walk.path[0].answer is Answer.UNKNOWN:
        return NO_DATA
    return NOTHING if walk.verdict == NONE else VERDICT


def _listed(options: argparse.Namespace) -> int:
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.view.triage_json import library_object  # noqa: PLC0415 - text needs another view
    from console.view.triage_library import library_lines  # noqa: PLC0415 - JSON needs another view

    library = wiring.library(fleet_of(options))
    if options.json:
        print_json(library_object(library))
        return VERDICT
    print_lines(library_lines(library, columns()), colour=coloured(options))
    for problem in library.problems:
        print(f"triton-console: left out: {visible(problem, 500)}", file=sys.stderr)
    return VERDICT
