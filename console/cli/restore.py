"""``restore``: gives back the traffic that ``reduce`` took."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_journal import fleet_for, known
from console.cli._fleet import fleet_of
from console.domain.action import Action, ActionKind

NAME = "restore"
HELP = "give back the traffic that reduce took: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model; all of them without."""
    parser.add_argument(
        "--model", default="", metavar="MODEL", help="only this model's; default: all that was reduced"
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and restore, on the targets of the reductions where nobody named others."""
    reduced = [
        entry
        for entry in known(fleet_of(options))
        if entry.standing
        and entry.plan.action.kind is ActionKind.REDUCE
        and options.model in {"", entry.plan.action.model}
    ]
    wish = Action(ActionKind.RESTORE, model=options.model, reason=options.reason)
    return act(options, wish, fleet_for(options, reduced))
