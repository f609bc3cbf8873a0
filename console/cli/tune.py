"""``tune``: instances and queue of a model."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_values import count
from console.cli._errors import CliError
from console.domain.action import Action, ActionKind

NAME = "tune"
HELP = "change a model's instances or queue: 0 verified, 1 failed, 3 refused"

_VALUES = ("instances", "queue_delay_us", "queue_size")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and what to set."""
    parser.add_argument("--model", required=True, metavar="MODEL", help="the model to change")
    parser.add_argument("--instances", metavar="N", type=count(1), help="instances in each of its groups")
    parser.add_argument(
        "--queue-delay-us", metavar="N", type=count(0), help="how long a batch may be waited for, in µs"
    )
    parser.add_argument(
        "--queue-size",
        metavar="N",
        type=count(1),
        help="requests that may wait; the next one is answered 503",
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and change it."""
    values = {name: getattr(options, name) for name in _VALUES if getattr(options, name) is not None}
    if not values:
        raise CliError("nothing to tune: pass --instances, --queue-delay-us or --queue-size")
    return act(options, Action(ActionKind.TUNE, model=options.model, values=values, reason=options.reason))
