"""Watches and records until a signal, or until the time is over."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from console import wiring
from console.cli._errors import CliError
from console.cli._record_progress import Progress
from console.domain.fleet import Fleet
from console.domain.recording import RecordingError

CANNOT = 2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def recorded(fleet: Fleet, out: Path | None, seconds: float | None, said: TextIO) -> None:
    """Record to a file, or into the flight recorder's folder; raises CliError where that cannot be.

    ``fleet.flight`` says how much is kept.
    """
    columns = shutil.get_terminal_size().columns if said.isatty() else None
    progress = Progress(said, fleet.flight, columns)
    keeping = wiring.Keeping(flight=True, out=out, recall=True, past=out if out and out.exists() else None)
    try:
        asyncio.run(_recorded(fleet, keeping, seconds, progress))
    except RecordingError as error:
        raise CliError(str(error), error.hint, id="recording", code=CANNOT) from error


async def _recorded(fleet: Fleet, keeping: wiring.Keeping, seconds: float | None, progress: Progress) -> None:
    engine = wiring.build(fleet, keeping)
    if engine.taping is not None and engine.taping.problem:
        await engine.close()
        raise RecordingError(f"{engine.taping.path}: {engine.taping.problem}", "or name a file: --out FILE")
    engine.subscribe(progress.take)
    told = asyncio.Event()
    with _ended_by_signals(told.set):
        watching = asyncio.create_task(engine.run())
        waiting = asyncio.create_task(told.wait())
        try:
            await asyncio.wait({watching, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            watching.cancel()
            ended = await asyncio.gather(watching, return_exceptions=True)
            await engine.close()
            progress.end(engine.taping)
    for error in ended:
        if isinstance(error, Exception):
            raise error


@contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """The first signal ends the recording in order; the second ends the process, should a disk not answer."""
    loop = asyncio.get_running_loop()

    def told() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        end()

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
