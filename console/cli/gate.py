"""``gate``: may a candidate take the place of its baseline?"""

import argparse
import sys
from collections.abc import Callable

from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed
from console.cli._gate_values import add_limits, by_hand, limits_of, naming_sides, read_inputs
from console.cli._hide import hidden
from console.cli._paint import columns, print_lines
from console.cli._parser import add_targets
from console.domain.gate import Gate, GateVerdict

NAME = "gate"
HELP = "compare a candidate with its baseline: 0 pass, 1 fail, 2 not enough data"

_CODES = {GateVerdict.PASS: 0, GateVerdict.FAIL: 1, GateVerdict.NOT_ENOUGH_DATA: 2}
_ERASE = "\r\x1b[K"
_SIDE = "version (7), target (canary or its URL), or VERSION@TARGET"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two sides, what passes, and what may be sent."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    add_targets(parser)
    parser.add_argument("--baseline", metavar="A", required=True, help=f"what serves well: a {_SIDE}")
    parser.add_argument("--candidate", metavar="B", required=True, help="what shall take its place, likewise")
    parser.add_argument(
        "--observe",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="watch for so long, less where that is enough (default: 30)",
    )
    parser.add_argument(
        "--probe",
        metavar="N",
        type=int,
        default=0,
        help="send N inferences to each, one at a time and in turns, and measure them; this is load",
    )
    parser.add_argument(
        "--input",
        metavar="FILE",
        action="append",
        default=[],
        help="a v2 inference as JSON, or a list of them, to send to both; repeatable; default: the probes of the"
        " settings, else made up from the model's metadata",
    )
    add_limits(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Watch, send, judge, print, and tell the verdict by the exit code."""
    limits, given = limits_of(options), read_inputs(options.input)
    naming_sides(options)
    fleet = fleet_of(options)
    from console.cli._gate_run import Wish, gated  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.cli._loop import run_async  # noqa: PLC0415

    wish = Wish(
        options.model,
        options.baseline,
        options.candidate,
        seconds=options.observe,
        probe=options.probe,
        limits=limits,
        by_hand=by_hand(options),
        given=given,
    )
    try:
        found = hidden(run_async(gated(fleet, wish, _progress())), options.secrets)
    except CliError as error:
        if error.id == "unreachable" and guessed(options):
            raise CliError(str(error), NEXT_STEPS, id=error.id, code=error.code) from None
        raise
    finally:
        if sys.stderr.isatty():
            print(_ERASE, end="", file=sys.stderr, flush=True)
    _show(options, found)
    return _CODES[found.verdict]


def _show(options: argparse.Namespace, found: Gate) -> None:
    if options.json:
        from console.view.gate_json import gate_object  # noqa: PLC0415 - text needs another view

        print_json(dict(gate_object(found)))
    else:
        from console.view.gate import gate_lines  # noqa: PLC0415 - JSON needs another view

        print_lines(gate_lines(found, columns()), colour=coloured(options))


def _progress() -> Callable[[str], None]:
    """Says on a terminal what goes on."""

    def tell(text: str) -> None:
        if sys.stderr.isatty():
            print(f"{_ERASE}{text}", end="", file=sys.stderr, flush=True)

    return tell
