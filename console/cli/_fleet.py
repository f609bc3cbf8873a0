"""From parsed arguments to the fleet."""

import argparse
import socket

from console import settings
from console.cli._errors import CliError
from console.domain.fleet import Fleet

UNREACHABLE = 2
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
    options.secrets = fleet.secrets
    return fleet


def guessed(options: argparse.Namespace) -> bool:
    """Whether the fleet is a guess, because nobody named a target."""
    return settings.guesses(settings_options(options))


def refuse_guess(options: argparse.Namespace) -> None:
    """Raise CliError where nobody named a target and the local server, which is the guess then, does not answer."""
    if guessed(options) and not _answers("localhost", 8000):
        raise CliError(
            "no Triton at localhost:8000, and no other target is known",
            NEXT_STEPS,
            id="unreachable",
            code=UNREACHABLE,
        )


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def coloured(options: argparse.Namespace) -> bool:
    """Whether colour is wanted at all."""
    return not (options.no_color or settings.terminal().no_color)
