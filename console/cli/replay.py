"""``replay``: opens the console on what was recorded."""

import argparse
from dataclasses import replace

from console.cli._errors import CliError
from console.domain.recording import SPEEDS

NAME = "replay"
HELP = "open the console on a recording, with pause, step, speed and seek; it changes nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to play, from where, how fast."""
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        default="",
        help="a recording, an incident's bundle or its id; default: what the flight recorder kept of the fleet",
    )
    parser.add_argument(
        "--at", metavar="TIME", default="", help="start there: 10:41:07 (UTC), an ISO date, or +00:12:31"
    )
    parser.add_argument("--speed", metavar="X", type=float, default=1.0, help="times real time: 0.25 to 64")
    parser.add_argument("--paused", action="store_true", help="stand still at first")


def run(options: argparse.Namespace) -> int:
    """Open the recording, then the screens, and stay until they are closed."""
    if options.speed not in SPEEDS:
        raise CliError(f"--speed is one of {' '.join(f'{each:g}' for each in SPEEDS)}")
    from console.cli._recordings import moment_of, named, opened  # noqa: PLC0415 - only for good arguments
    from console.cli._replay_open import Start, player_of  # noqa: PLC0415
    from console.cli._screen import open_console, require_terminal  # noqa: PLC0415

    require_terminal()
    name = named(options.file)
    recording, fleet = opened(name.text, options)
    asked = options.at or name.moment
    start = Start(moment_of(asked, recording) if asked else None, options.speed, options.paused)
    first = replace(recording.sessions[0].fleet, read_only=True)
    return open_console(first, options, lambda: player_of(recording, fleet, start), replay=True)
