"""1000 models on 10 targets at 1 Hz with the screen open: ``python -m bench scale --seconds 60``.

Real HTTP from a process of its own. An hour of history is fed first, faster than it passes; then the console watches, and a
key is pressed every half second: from the press until every message that came of it is done, the paint of it included.
"""

import argparse
import asyncio
import tempfile
import time
from itertools import cycle

import numpy as np

from bench._city import served
from bench._resident import resident
from console import wiring
from console.domain.counters import Counters
from console.domain.families import GROWING, ROWS
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.sample import Sample
from console.domain.triton import TritonReading
from console.engine.engine import Engine
from console.engine.store import Store
from screens.app import ConsoleApp

SIZE = (120, 40)
HOUR_S = 3600
_SETTLE_S = 10.0
_KEY_S = 0.5
_KEYS = ("j", "j", "2", "1", "k", "s", "s", "6", "1", "7", "1")


def main(arguments: list[str]) -> None:
    """Watch for so many seconds, and print CPU, memory and key to paint."""
    parser = argparse.ArgumentParser(prog="bench scale")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--targets", type=int, default=10)
    parser.add_argument("--models", type=int, default=1000)
    options = parser.parse_args(arguments)
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
    async with app.run_test(size=SIZE) as pilot:
        while app.watching.shown is None:  # noqa: ASYNC110 - the app tells nobody outside
            await asyncio.sleep(0.1)
        await asyncio.sleep(_SETTLE_S)
        print(f"memory with an hour of history  {resident() / 2**20:7.0f} MB", flush=True)
        keys, took = cycle(_KEYS), []
        began, cpu = time.monotonic(), time.process_time()
        while time.monotonic() - began < seconds:
            pressed = time.perf_counter()
            await pilot.press(next(keys))
            took.append(time.perf_counter() - pressed)
            await asyncio.sleep(_KEY_S)
        share = (time.process_time() - cpu) / (time.monotonic() - began)
        sequence = app.watching.shown.sequence if app.watching.shown else 0
    half, most = np.percentile(np.array(took) * 1e3, (50, 99))
    print(f"CPU, keys included              {share:7.1%} of a core, {sequence} pictures")
    print(f"key to paint                    {half:7.1f} ms median, {most:.1f} ms p99 of {len(took)}")
    print(f"memory after the watch          {resident() / 2**20:7.0f} MB")


def _feed(store: Store, targets: tuple[Target, ...], models: int) -> None:
    """An hour of every target's counters up to now."""
    keys = tuple(ModelVersion(f"model_{number:04d}", "1") for number in range(models))
    values = np.random.default_rng(0).uniform(1, 1e6, (ROWS, models))
    rate = np.zeros((ROWS, 1))
    rate[:GROWING] = 50.0
    at, mono = time.time() - HOUR_S, time.monotonic() - HOUR_S
    for second in range(HOUR_S):
        counters = Counters(keys, values + rate * second)
        for target in targets:
            reading = TritonReading(live=True, ready=True, counters=counters, counters_at=mono + second)
            sample = Sample(
                f"triton:{target.name}", target.name, at + second, mono + second, 0.0, 1.0, reading, None
            )
            store.take(sample)
        store.advance(at + second, mono + second)
