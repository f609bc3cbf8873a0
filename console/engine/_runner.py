"""Which process runs a plan, and whether it still lives."""

import os
import socket
from pathlib import Path

from console.domain.journal import Runner

_START_FIELD = 19


def this_runner() -> Runner:
    """This process."""
    return Runner(socket.gethostname(), os.getpid(), _started(os.getpid()) or 0.0)


def lives(runner: Runner) -> bool | None:
    """Whether the process still lives; None where it cannot be seen from here."""
    if runner.host != socket.gethostname():
        return None
    try:
        os.kill(runner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    started = _started(runner.pid)
    return started is None or started == runner.started


def _started(pid: int) -> float | None:
    """The process's start in ticks since boot, which tells a pid used twice apart; None where /proc is not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets and may hold anything.
    return float(stat.rpartition(")")[2].split()[_START_FIELD])
