"""The command line: one file a command, each parses, calls, prints and returns its exit code.

A command is a module without a leading underscore in this package, with ``NAME``,
``HELP``, ``add_arguments(parser)`` and ``run(options) -> int``. Only the one that was
asked for is imported.
"""

import argparse
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

# A command is called ``report``, and is a name of this package once it is loaded.
from console.cli._errors import BROKEN_PIPE, INTERRUPTED, CliError, report_settings
from console.cli._errors import report as report_error
from console.cli._parser import first_word, listing, parser_of

DEFAULT = "watch"


class Command(Protocol):
    """What a command's module offers."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it; returns the exit code."""
        ...


def main(argv: Sequence[str]) -> int:
    """Run one command line; returns the exit code, and never raises."""
    as_json = "--json" in argv
    options = argparse.Namespace()
    try:
        return _run(argv, options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody reads any more. Python would complain when it flushes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except CliError as error:
        return report_error(error, as_json=as_json, hidden=getattr(options, "secrets", ()))
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches a user
        if _interrupted(error):
            return INTERRUPTED
        return _unexpected(error, options, as_json=as_json)


def commands() -> list[str]:
    """The names of all commands, in alphabetical order."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    return sorted(name.replace("_", "-") for name in names)


def command(name: str) -> Command:
    """The module of one command; a dash in its name is an underscore in the module's."""
    return cast("Command", importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def _run(argv: Sequence[str], options: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    chosen, rest = _chosen(argv)
    parser = parser_of(chosen.NAME, chosen.HELP, _epilog(chosen, argv))
    chosen.add_arguments(parser)
    try:
        parser.parse_intermixed_args(rest, options)
    except SystemExit as done:  # --help and --version have printed what they were asked for
        return int(done.code or 0)
    return _flushed(chosen.run(options))


def _flushed(code: int) -> int:
    """Flush while a broken pipe can still be handled."""
    sys.stdout.flush()
    return code


def _chosen(argv: Sequence[str]) -> tuple[Command, list[str]]:
    position = first_word(argv)
    if position is None:
        return command(DEFAULT), list(argv)
    word = argv[position]
    if word in commands():
        return command(word), [*argv[:position], *argv[position + 1 :]]
    if not set(word) & set(".:/,"):
        _refuse_mistyped(word)
    return command(DEFAULT), list(argv)


def _refuse_mistyped(word: str) -> None:
    """A bare word may be a host, unless it looks like a command."""
    from console.settings import nearest  # noqa: PLC0415 - only bare words pay for it

    guess = nearest(word, commands())
    if guess:
        raise CliError(f"unknown command {word}{guess}", f"for a server of that name: http://{word}:8000")


def _epilog(chosen: Command, argv: Sequence[str]) -> str:
    if chosen.NAME != DEFAULT or not {"-h", "--help"} & set(argv):
        return ""
    return listing((name, command(name).HELP) for name in commands())


def _interrupted(error: BaseException | None) -> bool:
    """Whether it comes of an interrupt: C code that is imported makes an ImportError of it."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return any(isinstance(each, KeyboardInterrupt) for each in seen)


def _unexpected(error: Exception, options: argparse.Namespace, *, as_json: bool) -> int:
    from console.settings import SettingsError  # noqa: PLC0415 - a version needs no settings

    if isinstance(error, SettingsError):
        return report_settings(error.problems, as_json=as_json)
    from console.cli._crash import crashed  # noqa: PLC0415 - hopefully never

    return report_error(crashed(error, getattr(options, "secrets", ())), as_json=as_json)
