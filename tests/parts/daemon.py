"""A gateway's process in the tests: its log, its ports, and its end, whatever happens to the tests."""

import atexit
import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG
_libc = ctypes.CDLL(None)
_given: set[int] = set()


class Daemon:
    """One process with its log beside its configuration."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._log = log
        atexit.register(self.kill)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the child runs one system call before exec
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def wait(self, ready: Callable[[], bool], seconds: float = 20) -> None:
        """Return once it is ready; raises RuntimeError with the end of its log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"not ready:\n{self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once."""
        atexit.unregister(self.kill)
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port that is free and was not given before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def listening(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent() -> None:
    _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
