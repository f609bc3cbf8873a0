import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BROKEN_ENGINE = """
import sys
import console.wiring

def build(fleet, keeping):
    raise RuntimeError("hunter2 went wrong")

console.wiring.build = build
from console.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Terminal:
    """A program in a terminal of 100×30 cells."""

    def __init__(self, command: list[str], home: Path) -> None:
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (30, 100))
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        self.shown = b""
        environ = {**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(home)}
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
        )

    def read_until(self, wanted: bytes, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while wanted not in self.shown:
            assert time.monotonic() < deadline, self.shown[-2000:]
            self._read()

    def end(self) -> int:
        """Read until it ends; returns its exit code."""
        while self.process.poll() is None:
            self._read()
        self._read()
        return self.process.returncode

    def _read(self) -> None:
        if select.select([self.ours], [], [], 0.1)[0]:
            self.shown += os.read(self.ours, 65536)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*command: str) -> Terminal:
        opened.append(Terminal([sys.executable, *command], tmp_path))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_terminated_console_leaves_the_terminal_as_it_was(terminal):
    console = terminal("-m", "console", "http://127.0.0.1:1")
    console.read_until(b"No target answers")
    assert termios.tcgetattr(console.theirs) != console.before
    console.process.send_signal(signal.SIGTERM)
    assert console.end() == 143
    assert termios.tcgetattr(console.theirs) == console.before
    assert console.shown.rindex(b"\x1b[?1049l") > console.shown.rindex(b"\x1b[?1049h")
    assert console.shown.rindex(b"\x1b[?25h") > console.shown.rindex(b"\x1b[?25l")


def test_a_console_that_breaks_says_so_in_one_line(terminal, tmp_path):
    console = terminal("-c", BROKEN_ENGINE, "http://127.0.0.1:1", "--header", "key: hunter2")
    assert console.end() == 70
    after = console.shown[console.shown.rindex(b"\x1b[?1049l") :]
    assert b"triton-console: an unexpected RuntimeError ended the command" in after
    assert b"Traceback" not in console.shown
    assert termios.tcgetattr(console.theirs) == console.before
    (report,) = tmp_path.rglob("crash-*.txt")
    assert "RuntimeError: ••• went wrong" in report.read_text()
