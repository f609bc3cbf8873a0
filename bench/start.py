"""Starting: the command line without a screen, each in a fresh process."""

import statistics
import subprocess
import sys
import time

from bench.parse import Figure

RUNS = 5


def figures() -> list[Figure]:
    """(name, our seconds, the peer's, note)."""
    version = _wall("-m", "console", "--version")
    status = _wall("-m", "console", "status", "http://127.0.0.1:9", "--json", "--for", "0.2") - 0.2
    python = _wall("-c", "pass")
    return [
        ("start, --version", version, python, "wall seconds; the peer is a bare Python"),
        ("start, status --json", status, python, "wall seconds beyond --for, one target"),
    ]


def _wall(*arguments: str) -> float:
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
        took.append(time.perf_counter() - start)
    return statistics.median(took)
