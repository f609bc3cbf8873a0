"""A real HAProxy as a process of the tests."""

import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.parts.backends import Backends
from tests.parts.daemon import Daemon, free_port, listening
from tests.parts.missing import missing

_HEAD = """\
global
  stats socket {socket} mode 600 level {level}
  stats socket ipv4@127.0.0.1:{runtime} level {level}
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 2s
"""


class Haproxy:
    """One HAProxy on the configuration of a test, in which ``{port}`` and ``{folder}`` are filled in."""

    def __init__(self, folder: Path, config: str, level: str = "admin") -> None:
        self._binary = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
        if self._binary is None:
            missing("haproxy is not installed (on Debian: apt-get install haproxy)")
        self.folder = folder
        self.port, self.runtime = free_port(), free_port()
        self.socket = folder / "haproxy.sock"
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = str(self.socket)
        head = _HEAD.format(socket=self.socket, runtime=self.runtime, level=level)
        self._config = folder / "haproxy.cfg"
        self._config.write_text(
            head + config.replace("{port}", str(self.port)).replace("{folder}", str(folder))
        )
        self._daemon = self._started()

    def _started(self, *more: str) -> Daemon:
        command = [str(self._binary), "-f", str(self._config), "-db", *more]
        daemon = Daemon(command, self.folder / "haproxy.log")
        daemon.wait(lambda: listening(self.port) and f"Pid: {daemon.pid}\n" in self.ask("show info"))
        return daemon

    def reload(self) -> None:
        """Start a new process on the same configuration and let the old one finish, as ``systemctl reload`` does."""
        old = self._daemon
        self._daemon = self._started("-sf", str(old.pid))
        old.process.wait(20)

    def stop(self) -> None:
        """End it at once."""
        self._daemon.kill()

    def ask(self, command: str) -> str:
        """The answer of the runtime socket, by the shortest way: what the console reads is compared with it."""
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(5)
            try:
                one.connect(self.address)
                one.sendall(f"{command}\n".encode())
                chunks = []
                while chunk := one.recv(65536):
                    chunks.append(chunk)
            except OSError:
                return ""
        return b"".join(chunks).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def one_backend(servers: str, algorithm: str = "roundrobin", front: str = "", back: str = "") -> str:
    """A frontend and its backend ``triton``, with more lines for either."""
    return f"""
frontend gw
  bind 127.0.0.1:{{port}}
  {front}
  default_backend triton
backend triton
  balance {algorithm}
  {back}
{servers}
"""


def servers(behind: Backends, **options: str) -> str:
    """The server lines of a backend, with options by name."""
    lines = (
        f"  server {name} 127.0.0.1:{port} {options.get(name, '')}" for name, port in behind.ports.items()
    )
    return "\n".join(lines)


def settings_of(states: str) -> list[list[str]]:
    """Name, administrative state and weights of each server in ``show servers state``: what an operator sets."""
    rows = [line.split(" ") for line in states.splitlines()[2:] if line]
    return [[row[3], row[6], row[7], row[8]] for row in rows]
