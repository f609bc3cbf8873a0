"""``unfreeze``: restores exactly what a freeze changed."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_journal import fleet_for, known
from console.cli._fleet import fleet_of
from console.domain.action import Action, ActionKind

NAME = "unfreeze"
HELP = "end a freeze and restore what it changed: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets, and how to act."""
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and unfreeze, on the targets of the freeze where nobody named others."""
    frozen = [e for e in known(fleet_of(options)) if e.plan.action.kind is ActionKind.FREEZE and e.standing]
    return act(options, Action(ActionKind.UNFREEZE, reason=options.reason), fleet_for(options, frozen[-1:]))
