"""From parsed arguments to the fleet."""

import argparse

from console import settings
from console.domain.fleet import Fleet

NEXT_STEPS = "name yours: triton-console http://HOST:8000; or see the console at work: triton-console drill"


def settings_options(options: argparse.Namespace) -> settings.Options:
    """What the settings take from the command line."""
    return settings.Options(
        targets=tuple(getattr(options, "targets", ())),
        config=options.config,
        fleet=options.fleet,
        read_only=options.read_only,
        refresh=options.refresh,
        headers=tuple(options.header),
    )


def fleet_of(options: argparse.Namespace) -> Fleet:
    """The fleet to watch; raises SettingsError. Its secrets are noted for whoever prints what a server said, or a traceback."""
    fleet = settings.load(settings_options(options))
    options.secrets = (*fleet.headers.values(), *fleet.freeze.headers.values())
    return fleet


def guessed(options: argparse.Namespace) -> bool:
    """Whether the fleet is a guess, because nobody named a target."""
    return settings.guesses(settings_options(options))


def coloured(options: argparse.Namespace) -> bool:
    """Whether colour is wanted at all."""
    return not (options.no_color or settings.terminal().no_color)
