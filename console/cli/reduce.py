"""``reduce``: less traffic for a model, by its gateway or by admission."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_values import percent
from console.domain.action import Action, ActionKind

NAME = "reduce"
HELP = "reduce the share of traffic that a model gets: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, to how much, by what."""
    parser.add_argument("--model", required=True, metavar="MODEL", help="the model to take traffic from")
    parser.add_argument(
        "--to",
        required=True,
        metavar="PERCENT",
        type=percent,
        help="percent of its route's traffic that it keeps",
    )
    parser.add_argument(
        "--via",
        default="",
        metavar="CONTROL",
        help="what to do it with, such as haproxy; default: the first that can",
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and reduce."""
    wish = Action(
        ActionKind.REDUCE, model=options.model, percent=options.to, via=options.via, reason=options.reason
    )
    return act(options, wish)
