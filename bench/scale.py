"""1000 models on 10 targets at 1 Hz with the screen open: ``python -m bench scale --seconds 60``.

Real HTTP from a process of its own. An hour of history is fed first, faster than it passes; then the console watches,
and after that the cursor is moved at odd moments: from the key to the bytes for the terminal that show it there. Every ten keys
a page is opened and left, which is counted in the CPU alone.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key

from bench._city import UP_S, served
from bench._resident import resident
from console import wiring
from console.cli._collector import calm
from console.domain.counters import Counters
from console.domain.families import DURATIONS, ROWS, SUMMARY_QUANTILES, F
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.sample import Sample
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.engine import Engine
from console.engine.store import Store
from screens.app import ConsoleApp
from screens.widgets.table import TableView

SIZE = (120, 40)
HOUR_S = 3600
_REQUEST_MS = 12.0
# So long it takes until the configs of all models were read, twenty a second of each server.
_SETTLE_S = 60.0
_KEY_S = (0.15, 0.45)
_PAGES = ("2", "3", "5", "6", "7")
_PATIENCE_S = 20.0


def main(arguments: list[str]) -> None:
    """Watch for so many seconds, and print CPU, memory and key to paint."""
    parser = argparse.ArgumentParser(prog="bench scale")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--targets", type=int, default=10)
    parser.add_argument("--models", type=int, default=1000)
    options = parser.parse_args(arguments)
    calm()
    with served(options.targets, options.models) as targets, tempfile.TemporaryDirectory() as state:
        fleet = Fleet("bench", targets, state=state)
        asyncio.run(_watched(fleet, options.models, options.seconds))


async def _watched(fleet: Fleet, models: int, seconds: float) -> None:
    made: list[Engine] = []

    def opened() -> Engine:
        made.append(wiring.build(fleet))
        _feed(made[0]._store, fleet.targets, models)  # noqa: SLF001 - an hour is fed faster than it passes
        return made[0]

    app = ConsoleApp(fleet, opened)
    app.driver_class = Terminal
    running = asyncio.create_task(app.run_async(size=SIZE))
    while app.watching.shown is None:  # noqa: ASYNC110 - the app tells nobody outside
        await asyncio.sleep(0.1)
    await asyncio.sleep(_SETTLE_S)
    begun_with, first = resident(), app.watching.shown.sequence
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    watching, pictures = _share(began, cpu), app.watching.shown.sequence - first
    began, cpu = time.monotonic(), time.process_time()
    took = np.array(await _keys(app, began + seconds)) * 1e3
    busy, ended_with = _share(began, cpu), resident()
    # While it runs, the screen is the app's.
    app.exit()
    await running
    half, most = np.percentile(took, (50, 99))
    print(
        f"CPU while it is watched         {watching:7.1%} of a core, {pictures} pictures in {seconds:.0f} s; limit 20 %"
    )
    print(f"CPU with keys and pages         {busy:7.1%} of a core")
    print(f"key to paint                    {half:7.1f} ms median of {len(took)}")
    print(f"key to paint, p99               {most:7.1f} ms; limit 50")
    print(f"key to paint, at most           {took.max():7.1f} ms")
    print(f"memory with an hour of history  {begun_with / 1e6:7.0f} MB; limit 400")
    print(f"memory after the watch          {ended_with / 1e6:7.0f} MB")


def _share(began: float, cpu: float) -> float:
    return (time.process_time() - cpu) / (time.monotonic() - began)


class Terminal(HeadlessDriver):
    """A terminal that shows nothing; ``painted`` is set by bytes that come while ``wanted`` holds."""

    painted: ClassVar[asyncio.Event] = asyncio.Event()
    wanted: ClassVar[Callable[[], bool]] = staticmethod(lambda: False)

    @property
    def is_headless(self) -> bool:
        """No: what is painted is written as for a terminal."""
        return False

    def write(self, data: str) -> None:
        """Take what is painted."""
        if data and Terminal.wanted():
            self.painted.set()


async def _keys(app: ConsoleApp, until: float) -> list[float]:
    """Move the cursor down and up; seconds from each key to the paint that shows it."""
    chance, table = random.Random(1), app.screen.query_one(TableView)
    took: list[float] = []
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(*_KEY_S))
        if len(took) % 10 == 9:
            for key in (chance.choice(_PAGES), "1"):
                _press(app, key)
                await asyncio.sleep(_KEY_S[1])
        # Rows are sorted anew with each picture, and the cursor stays with its own: the key alone gives it another one.
        row = table._key  # noqa: SLF001 - which row the cursor is on
        Terminal.wanted = staticmethod(lambda row=row: table._key != row)  # noqa: SLF001 - as above
        Terminal.painted.clear()
        pressed = time.perf_counter()
        _press(app, "up" if len(took) % 2 else "down")
        async with asyncio.timeout(_PATIENCE_S):
            await Terminal.painted.wait()
        took.append(time.perf_counter() - pressed)
    return took


def _press(app: ConsoleApp, key: str) -> None:
    event = Key(key, None)
    event.set_sender(app)
    if app._driver is not None:  # noqa: SLF001 - keys come from there
        app._driver.send_message(event)  # noqa: SLF001


def _feed(store: Store, targets: tuple[Target, ...], models: int) -> None:
    """An hour of every target's counters up to now."""
    keys = tuple(ModelVersion(f"model_{number:04d}", "1") for number in range(models))
    index = tuple(IndexEntry(key.model, "1", State.READY) for key in keys)
    rates = np.random.default_rng(0).uniform(5, 50, models)
    at, mono = time.time() - HOUR_S, time.monotonic() - HOUR_S
    for second in range(HOUR_S):
        counters = Counters(keys, _values(rates * (UP_S - HOUR_S + second), second))
        for target in targets:
            reading = TritonReading(
                live=True, ready=True, index=index, counters=counters, counters_at=mono + second
            )
            sample = Sample(
                f"triton:{target.name}", target.name, at + second, mono + second, 0.0, 1.0, reading, None
            )
            store.take(sample)
        store.advance(at + second, mono + second)
    store.interrupt()


def _values(requests: NDArray[np.float64], second: int) -> NDArray[np.float64]:
    values = np.zeros((ROWS, len(requests)))
    values[[F.SUCCESS, F.INFERENCES, F.EXECUTIONS, F.SUMMARY_COUNT]] = requests
    values[list(DURATIONS)] = requests * _REQUEST_MS
    around = np.random.default_rng(second).uniform(0.9, 1.1, len(requests))
    for quantile, row in SUMMARY_QUANTILES:
        values[row] = _REQUEST_MS * (0.5 + quantile) * around
    return values
