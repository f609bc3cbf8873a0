"""The parser that every command shares: global options before or after the command word."""

import argparse
from collections.abc import Iterable, Sequence
from typing import NoReturn

from console import __version__
from console.cli._errors import CliError

PROGRAM = "triton-console"
_WITH_VALUE = ("--config", "--fleet", "--refresh", "--header")


class Parser(argparse.ArgumentParser):
    """Raises CliError where argparse would print its usage and exit with 2."""

    def error(self, message: str) -> NoReturn:
        """End with one line that names the help."""
        raise CliError(message, f"{self.prog} --help lists what it takes")


def parser_of(name: str, about: str, epilog: str = "") -> Parser:
    """A parser with the global options."""
    parser = Parser(
        prog=PROGRAM if name == "watch" else f"{PROGRAM} {name}",
        description=about,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        # A command's own option goes before a global one: verify --version is a model's.
        conflict_handler="resolve",
    )
    group = parser.add_argument_group("global options")
    group.add_argument("--config", metavar="FILE", help="settings file (default: ./triton-console.toml)")
    group.add_argument("--fleet", metavar="NAME", help="which fleet of the settings")
    group.add_argument("--read-only", action="store_true", help="change nothing, and ask nothing that could")
    group.add_argument("--refresh", metavar="SECONDS", type=float, help="time between polls (default: 1)")
    group.add_argument(
        "--header", metavar="'K: V'", action="append", default=[], help="send a header; repeatable"
    )
    group.add_argument("--no-color", action="store_true", help="no colour; NO_COLOR does the same")
    group.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser


def add_targets(parser: argparse.ArgumentParser) -> None:
    """The positional TARGETs of a command."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a Triton server: http://HOST:8000[,metrics=URL][,grpc=HOST:PORT][,name=NAME]",
    )


def add_memory(parser: argparse.ArgumentParser) -> None:
    """What the console keeps of the watch, and where it finds what was before."""
    parser.add_argument("--no-record", action="store_true", help="the flight recorder keeps nothing of this")
    parser.add_argument(
        "--past", metavar="FILE", help="fill the charts from this recording; default: the flight recorder"
    )


def add_from(parser: argparse.ArgumentParser) -> None:
    """A recording to look at in the place of servers."""
    parser.add_argument(
        "--from",
        dest="recording",
        metavar="FILE[@TIME]",
        help="look at a recording, a bundle or an incident, and ask no server",
    )
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="its moment: 10:41:07 (UTC), an ISO date, +00:12:31; alone: of the flight recorder",
    )


def from_recording(options: argparse.Namespace) -> bool:
    """Whether a recording is looked at; raises CliError where servers are named beside it."""
    if options.recording is None and options.at is None:
        return False
    if options.targets:
        raise CliError("a recording asks no server", f"leave {options.targets[0]} away, or --from and --at")
    return True


def first_word(argv: Sequence[str]) -> int | None:
    """Position of the first argument that is no option and no option's value."""
    skip = False
    for position, word in enumerate(argv):
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif word == "--":
            return None
        elif not word.startswith("-"):
            return position
    return None


def listing(commands: Iterable[tuple[str, str]]) -> str:
    """The commands and what they do, for the end of the help."""
    found = list(commands)
    wide = max(len(name) for name, _ in found) + 2
    rows = [f"  {name:<{wide}}{about}" for name, about in found]
    return "\n".join(["commands:", *rows, "", f"{PROGRAM} COMMAND --help says more."])
