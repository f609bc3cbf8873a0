"""A real Triton server as a process of the tests."""

import atexit
import ctypes
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.parts.triton_env import triton_env

SUMMARIES = "--metrics-config=summary_latencies=true"
_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG
_libc = ctypes.CDLL(None)


class TritonServer:
    """One running server; ``url``, ``metrics_url`` and ``grpc`` (host:port) say where it answers.

    Start it from the main thread: the kernel ends it with the thread that started it, whatever happens to the tests.
    """

    def __init__(self, command: Sequence[str], ports: tuple[int, int, int], log: Path) -> None:
        http, grpc, metrics = ports
        self.url = f"http://127.0.0.1:{http}"
        self.grpc = f"127.0.0.1:{grpc}"
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self._log = log
        self._shm = f"triton_console_{os.getpid()}_{http}_"
        self._command = [*command, f"--backend-config=python,shm-region-prefix-name={self._shm}"]
        self.process = self._launch()

    @classmethod
    def start(
        cls,
        repository: Path,
        mode: str = "explicit",
        load: Sequence[str] = (),
        flags: Sequence[str] = (),
        seconds: float = 60,
    ) -> Self:
        """Start on a repository and return once all three ports answer, at most ``seconds`` later.

        ``mode`` is ``explicit``, ``none`` or ``poll``; ``load`` names the models that explicit mode starts with.
        A model that fails to load does not end the server. The log is written beside the repository.
        """
        env = triton_env()
        env.compile(repository)
        ports = _free_ports()
        command = [
            str(env.home / "bin" / "tritonserver"),
            f"--model-repository={repository}",
            f"--model-control-mode={mode}",
            f"--backend-directory={env.home / 'backends'}",
            f"--cache-directory={env.home / 'caches'}",
            "--exit-on-error=false",
            *(f"--{name}-address=127.0.0.1" for name in ("http", "grpc", "metrics")),
            *(f"--{name}-port={port}" for name, port in zip(("http", "grpc", "metrics"), ports, strict=True)),
            *(f"--load-model={name}" for name in load),
            *flags,
        ]
        server = cls(command, ports, repository.parent / f"triton-{ports[0]}.log")
        try:
            server.wait_live(seconds)
        except BaseException:
            server.kill()
            raise
        return server

    def _launch(self) -> subprocess.Popen[bytes]:
        atexit.register(self.kill)
        with self._log.open("ab") as out:
            return subprocess.Popen(
                self._command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=triton_env().environ(),
                cwd=self._log.parent,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - the child runs one system call before exec
            )

    @property
    def log(self) -> str:
        """What the server has printed."""
        return self._log.read_text(errors="replace")

    @property
    def target(self) -> str:
        """The server as the command line takes it."""
        return f"{self.url},metrics={self.metrics_url},grpc={self.grpc}"

    @property
    def pid(self) -> int:
        """The server's process id; its stubs are children of it."""
        return self.process.pid

    def wait_live(self, seconds: float) -> None:
        """Return once HTTP and metrics answer; raises RuntimeError with the end of the log."""
        deadline = time.monotonic() + seconds
        urls = [f"{self.url}/v2/health/live", self.metrics_url]
        while urls:
            if _answers(urls[0]):
                urls.pop(0)
            elif self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Triton is not live after {seconds:.0f} s:\n{self.log[-3000:]}")
            else:
                time.sleep(0.02)

    def stubs(self, model: str) -> list[int]:
        """Process ids of the Python stubs that serve a model."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if self._shm in words and "python_backend_stub" in words and f"/{model}/" in words:
                found.append(int(entry.name))
        return sorted(found)

    def kill_stubs(self, model: str) -> None:
        """Kill a model's stubs: it stays READY and every inference fails."""
        for pid in self.stubs(model):
            os.kill(pid, signal.SIGKILL)

    def suspend(self) -> None:
        """SIGSTOP, and wait until every thread has stopped: connections are taken and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)
        threads = Path(f"/proc/{self.pid}/task")
        while any(_state(thread) not in "TZ" for thread in threads.iterdir()):
            time.sleep(0.001)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self, seconds: float = 30) -> None:
        """End it as an operator would, by SIGTERM, which takes some seconds; then as ``kill``."""
        self.process.terminate()
        self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End the server and its stubs at once, and remove the shared memory that they leave behind."""
        atexit.unregister(self.kill)
        if self.process.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()
        for left in Path("/dev/shm").glob(f"{self._shm}*"):
            left.unlink(missing_ok=True)

    def restart(self, seconds: float = 60) -> None:
        """Kill it and start it again at the same addresses, as an orchestrator does after a crash."""
        self.kill()
        self.process = self._launch()
        self.wait_live(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _die_with_parent() -> None:
    _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "Z"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_ports() -> tuple[int, int, int]:
    """Three free ports below the range that the system gives to outgoing connections."""
    found: list[int] = []
    while len(found) < 3:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found[0], found[1], found[2]
