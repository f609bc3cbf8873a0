"""``unload``: takes a model out of its servers."""

import argparse

from console.cli._act import act, add_acting
from console.domain.action import Action, ActionKind

NAME = "unload"
HELP = "unload a model, a noisy neighbour for instance: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and what goes with it."""
    parser.add_argument("--model", required=True, metavar="MODEL", help="the model to unload")
    parser.add_argument(
        "--dependents", action="store_true", help="also the models that were loaded only through it"
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and unload."""
    wish = Action(
        ActionKind.UNLOAD, model=options.model, dependents=options.dependents, reason=options.reason
    )
    return act(options, wish)
