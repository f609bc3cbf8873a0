"""The first paint of the console against a bare Textual app, each in a fresh process."""

import statistics
import subprocess
import sys

from bench.parse import Figure

RUNS = 7

_MEASURE = """
import os, time
start = time.perf_counter()
{make}
from textual.drivers.headless_driver import HeadlessDriver

class FirstFrame(HeadlessDriver):
    is_headless = False
    def write(self, data):
        if len(data) > 1000:
            os.write(1, str(time.perf_counter() - start).encode())
            os._exit(0)

app.driver_class = FirstFrame
app.run(size=(120, 40))
"""

_OURS = """
from console.domain.fleet import Fleet, Target
from screens.app import ConsoleApp
def never():
    raise RuntimeError
app = ConsoleApp(Fleet(targets=(Target("t", "http://t:8000", "http://t:8002/metrics"),)), never)
"""

_PEER = """
from textual.app import App
app = App()
"""


def figures() -> list[Figure]:
    """(name, our seconds, the peer's, note): from the first import to the first screen written."""
    return [("first paint, 120×40", _median(_OURS), _median(_PEER), "the peer is an empty Textual app")]


def _median(make: str) -> float:
    took = [_once(make) for _ in range(RUNS)]
    return statistics.median(took)


def _once(make: str) -> float:
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(make=make)], capture_output=True, text=True, check=True
    )
    return float(run.stdout)
