"""A console that stays open: ``python -m bench soak --minutes 30``.

A drill in a process of its own, the screen without a terminal, the recorder on, and a key every few seconds, so that every
page is drawn again and again. The memory of the process is read each minute; its slope after the first third is the verdict.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench._resident import resident
from console import wiring
from console.cli._collector import calm
from console.cli._drill_child import drill_child
from console.cli._drill_fleet import drill_fleet
from console.domain.fleet import Fleet
from screens.app import ConsoleApp

SIZE = (160, 48)
# So much an hour is within what the allocator gives and takes.
FLAT_MB = 10.0
_KEYS = (
    "1",
    "j",
    "2",
    "w",
    "3",
    "4",
    "tab",
    "escape",
    "5",
    "tab",
    "6",
    "7",
    "1",
    "s",
    "question_mark",
    "escape",
)
_KEY_S = 5.0
_MINUTE_S = 60.0
_WARM = 1 / 3


def main(arguments: list[str]) -> None:
    """Soak for so many minutes, and say whether memory stays flat; the exit code is 1 where it does not."""
    parser = argparse.ArgumentParser(prog="bench soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--scenario", default="bad-rollout")
    options = parser.parse_args(arguments)
    calm()
    with drill_child([options.scenario]) as endpoints, tempfile.TemporaryDirectory() as state:
        fleet = drill_fleet(endpoints, Fleet(), state)
        measured = asyncio.run(_soak(fleet, options.minutes))
        recorded = sum(path.stat().st_size for path in Path(state).rglob("*") if path.is_file())
    print(f"recorded {recorded / 1e6:.1f} MB")
    sys.exit(_judged(measured))


async def _soak(fleet: Fleet, minutes: float) -> list[tuple[float, float]]:
    """(minutes, bytes), one each minute or a tenth of the time where that is shorter."""
    app = ConsoleApp(fleet, lambda: wiring.build(fleet, wiring.Keeping(flight=True, recall=True)))
    measured: list[tuple[float, float]] = []
    keys = itertools.cycle(_KEYS)
    every = min(_MINUTE_S, minutes * _MINUTE_S / 10)
    async with app.run_test(size=SIZE) as pilot:
        begun, cpu = time.monotonic(), time.process_time()
        while (passed := time.monotonic() - begun) < minutes * _MINUTE_S:
            if passed >= len(measured) * every:
                measured.append((passed / 60, resident()))
                share = (time.process_time() - cpu) / max(passed, 1.0)
                print(
                    f"{passed / 60:5.1f} min  {resident() / 2**20:6.1f} MB  {share:5.1%} of a core",
                    flush=True,
                )
            await pilot.press(next(keys))
            await asyncio.sleep(min(_KEY_S, every / 2))
        measured.append(((time.monotonic() - begun) / 60, resident()))
    return measured


def _judged(measured: list[tuple[float, float]]) -> int:
    minutes, sizes = (np.array(column) for column in zip(*measured, strict=True))
    late = minutes >= minutes[-1] * _WARM
    slope = float(np.polyfit(minutes[late] / 60, sizes[late] / 2**20, 1)[0])
    flat = slope < FLAT_MB
    said = "flat" if flat else "not flat"
    print(f"{slope:+.2f} MB an hour after the first {minutes[-1] * _WARM:.0f} minutes: {said}")
    return 0 if flat else 1
