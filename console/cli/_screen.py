"""Opening the console, and leaving the terminal as it was however the console ends."""

import argparse
import asyncio
import io
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli._collector import calm
from console.cli._crash import crashed
from console.cli._errors import CliError
from console.cli._fleet import coloured
from console.cli._fleets import OpenFleets
from console.domain.fleet import Fleet
from console.settings import expanded, is_file

if TYPE_CHECKING:
    from console.engine.engine import Engine
    from screens.engine import Engine as Opened
    from screens.engine import Fleets

# Back to the main screen; cursor on; mouse, focus and paste reports off; plain text.
_RESTORE = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[0m"
_ENDING = (signal.SIGTERM, signal.SIGHUP)


def require_terminal() -> None:
    """Raise CliError where nothing can be drawn."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliError(
            "the console needs a terminal",
            "for one picture without: triton-console status",
            id="no_terminal",
        )


def open_console(  # noqa: PLR0913 - what a console is opened with; all but three have a default
    fleet: Fleet,
    options: argparse.Namespace,
    open_engine: Callable[[], "Opened"],
    *,
    replay: bool = False,
    fleets: "Fleets | None" = None,
    ask: bool = False,
) -> int:
    """Run the console on what ``open_engine`` gives, until it is closed; returns its exit code.

    In a ``replay`` it has the keys of one. ``open_engine`` is called in a thread, after the first paint. ``fleets`` are
    those that can be changed to, and ``ask`` asks for one of them at once.
    """
    require_terminal()
    calm()
    from screens.app import ConsoleApp  # noqa: PLC0415 - only an opened console knows Textual

    colour = coloured(options)
    app = ConsoleApp(fleet, open_engine, color=colour, replay=replay, fleets=fleets, ask=ask)
    # Textual prints its tracebacks, with the values of all locals, to this stderr at its end.
    with _terminal_restored(), _ended_by_signals(app.exit), redirect_stderr(io.StringIO()):
        app.run()
    error = app._exception  # noqa: SLF001 - Textual tells it in no other way
    if error is not None:
        raise crashed(getattr(error, "error", error), (*fleet.secrets, *getattr(options, "secrets", ())))
    return app.return_code or 0


def watch_fleet(fleet: Fleet, options: argparse.Namespace, *, others: bool = False, ask: bool = False) -> int:
    """Run the console on a fleet, with its memory, until it is closed; returns its exit code.

    ``others`` lets it change to the other fleets of the settings, ``ask`` asks for one at once.
    """
    past = expanded(options.past) if options.past else None
    if past is not None and not is_file(past):
        raise CliError(
            f"--past {options.past}: there is no such file", "triton-console record --out FILE makes one"
        )
    kept = fleet.flight.on and not options.no_record
    fleets = OpenFleets(options, fleet, others=others)
    return open_console(
        fleet, options, lambda: _engine(fleet, flight=kept, past=past), fleets=fleets, ask=ask
    )


def _engine(fleet: Fleet, *, flight: bool, past: Path | None) -> "Engine":
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, after the first paint

    return wiring.build(fleet, wiring.Keeping(flight=flight, recall=True, past=past))


@contextmanager
def _terminal_restored() -> Iterator[None]:
    """What the console should have restored itself, for the case that it could not."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        yield
    finally:
        # A terminal that was closed meanwhile needs nothing, and says so with an error.
        with suppress(termios.error, OSError):
            if termios.tcgetattr(descriptor) != before:
                termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
                sys.stdout.write(_RESTORE)
                sys.stdout.flush()


@contextmanager
def _ended_by_signals(leave: Callable[..., object]) -> Iterator[None]:
    """Close the console in order when the process is asked to end."""

    def ended(number: int, _: object) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            sys.exit(128 + number)
        loop.call_soon_threadsafe(lambda: leave(return_code=128 + number))

    before = {number: signal.signal(number, ended) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
