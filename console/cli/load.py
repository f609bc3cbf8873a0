"""``load``: loads a model, or loads it again over itself."""

import argparse

from console.cli._act import act, add_acting
from console.domain.action import Action, ActionKind

NAME = "load"
HELP = "load a model; it is never retried: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model."""
    parser.add_argument("--model", required=True, metavar="MODEL", help="the model to load")
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and load."""
    return act(options, Action(ActionKind.LOAD, model=options.model, reason=options.reason))
