"""``watch``, the command without a word: opens the console."""

import argparse
import sys

from console import settings
from console.cli import commands
from console.cli._errors import CliError
from console.cli._fleet import fleet_of, refuse_guess, settings_options
from console.cli._parser import add_memory, add_targets

NAME = "watch"
HELP = "open the console on a fleet; this is what happens without a command"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The targets to watch, and what is kept of it."""
    add_targets(parser)
    add_memory(parser)


def run(options: argparse.Namespace) -> int:
    """Open the console and stay until it is closed."""
    _refuse_command_words(options.targets)
    several = _take_the_first(options)
    fleet = fleet_of(options)
    refuse_guess(options)
    from console.cli._screen import watch_fleet  # noqa: PLC0415 - errors above come without its imports

    return watch_fleet(fleet, options, others=True, ask=several)


def _take_the_first(options: argparse.Namespace) -> bool:
    """Whether nobody said which of several fleets is meant: on a terminal the first one opens, and the console asks.

    A script is told that it must say which.
    """
    if options.targets or options.fleet is not None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        names = [fleet.name for fleet in settings.listed(settings_options(options))]
    except settings.SettingsError:
        return False  # whoever reads the fleet tells all that is wrong
    if len(names) > 1:
        options.fleet = names[0]
    return len(names) > 1


def _refuse_command_words(targets: list[str]) -> None:
    for word in set(targets).intersection(commands()):
        others = " ".join(target for target in targets if target != word)
        raise CliError(f"{word} is a command", f"triton-console {word} {others}")
