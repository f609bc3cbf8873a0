"""``undo``: takes back what a plan changed, the last step first."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_journal import LAST, fleet_for, known, plan_of
from console.cli._fleet import fleet_of, guessed
from console.domain.action import Action, ActionKind

NAME = "undo"
HELP = "take back what a plan changed: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which plan."""
    parser.add_argument(
        "plan", metavar="ID", help=f"the plan's id, its beginning, or {LAST}: the newest that stands"
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and undo, on the targets of the plan where nobody named others."""
    fleet = fleet_of(options)
    entry = plan_of(options.plan, known(fleet), fleet, named=not guessed(options))
    wish = Action(ActionKind.UNDO, plan=entry.id, reason=options.reason)
    return act(options, wish, fleet_for(options, [entry]))
