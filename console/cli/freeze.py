"""``freeze``: stops deploys, and answers pipelines that ask whether they may go on."""

import argparse

from console.cli._act import act, add_acting
from console.cli._act_values import duration
from console.cli._errors import CliError
from console.cli._fleet import fleet_of
from console.domain.action import Action, ActionKind

NAME = "freeze"
HELP = (
    "freeze deploys, --check asks whether they are: 0 verified or not frozen, 1 failed, 3 refused or frozen"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For how long, and how to act."""
    parser.add_argument(
        "--for",
        dest="expires_s",
        type=duration,
        metavar="DURATION",
        help="it ends by itself then, such as 2h or 90m; default: what the settings say, else 4h",
    )
    parser.add_argument(
        "--check", action="store_true", help="only ask: exit 3 while frozen, 1 if nobody can tell"
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Answer, or plan and freeze."""
    if not options.check:
        wish = Action(ActionKind.FREEZE, expires_s=options.expires_s, reason=options.reason)
        return act(options, wish)
    if options.dry_run or options.yes or options.expires_s:
        raise CliError("--check changes nothing: leave --dry-run, --yes and --for away")
    fleet = fleet_of(options)
    from console.cli._freeze_check import answer  # noqa: PLC0415 - HTTP, once the arguments are good

    return answer(fleet, as_json=options.json)
