"""What every acting command shares: its options, and what is refused before anything is asked."""

import argparse
import math
import sys

from console.cli._codes import REFUSED
from console.cli._errors import CliError
from console.cli._fleet import NEXT_STEPS, fleet_of, guessed
from console.cli._parser import add_targets
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet

LONGEST_EFFECT_S = 3600.0
_ON_SERVERS = (ActionKind.ROLLBACK, ActionKind.LOAD, ActionKind.UNLOAD, ActionKind.TUNE, ActionKind.REDUCE)


def add_acting(parser: argparse.ArgumentParser, *, targets: bool = True) -> None:
    """The options of a command that changes something, and the positional TARGETs unless it has its own."""
    if targets:
        add_targets(parser)
    group = parser.add_argument_group("acting")
    group.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    group.add_argument("--yes", action="store_true", help="run the plan without asking")
    group.add_argument("--reason", metavar="TEXT", default="", help="why, for the journal")
    group.add_argument(
        "--effect",
        metavar="SECONDS",
        type=float,
        default=0.0,
        help="wait so long after it and measure what it did to latency, queue and errors (default: not)",
    )
    group.add_argument("--json", action="store_true", help="one JSON object instead of text")


def act(options: argparse.Namespace, action: Action, fleet: Fleet | None = None) -> int:
    """Plan the action, show it, run it when it is confirmed; returns the exit code."""
    check_acting(options)
    fleet = fleet_of(options) if fleet is None else fleet
    refuse_read_only(fleet)
    from console.cli._act_run import acted  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.cli._loop import run_async  # noqa: PLC0415

    unknown = action.kind in _ON_SERVERS and guessed(options)
    return run_async(acted(options, fleet, action, NEXT_STEPS if unknown else ""))


def check_acting(options: argparse.Namespace) -> None:
    """Raise CliError for options that contradict each other, and where nobody can be asked."""
    if options.dry_run and options.yes:
        raise CliError("--dry-run changes nothing and --yes runs the plan: pass one of them")
    if not (math.isfinite(options.effect) and 0 <= options.effect <= LONGEST_EFFECT_S):
        raise CliError(f"--effect must be 0 to {LONGEST_EFFECT_S:.0f} seconds")
    if not (options.dry_run or options.yes or can_ask(as_json=options.json)):
        raise CliError(
            "this asks before it changes anything, and there is no terminal to ask on",
            "--dry-run shows the plan, --yes runs it",
            id="no_terminal",
            code=REFUSED,
        )


def can_ask(*, as_json: bool) -> bool:
    """Whether somebody can read a question and type an answer; with JSON on stdout it is asked on stderr."""
    return sys.stdin.isatty() and (sys.stderr if as_json else sys.stdout).isatty()


def refuse_read_only(fleet: Fleet) -> None:
    """Raise CliError where nothing may be changed."""
    if fleet.read_only:
        raise CliError(
            "this console is read-only",
            "leave --read-only away, or set read_only = false for the fleet",
            id="read_only",
            code=REFUSED,
        )
