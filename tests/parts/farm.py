"""Many servers' metrics from one process: expositions by a formula of time, and a real Prometheus that scrapes them."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.parts.daemon import Daemon, free_port
from tests.parts.missing import missing
from tests.parts.prometheus import READY_S, query

_QUANTILES = {"0.5": 0.5, "0.9": 0.8, "0.95": 0.9, "0.99": 1.0, "0.999": 1.2}
_BOUNDS = (10.0, 50.0, 100.0, 500.0)


class Load(NamedTuple):
    """What one version does: requests per second, how many of them fail, ms each on average, its p99 (None: no summary).

    ``slow`` is the share of first responses over 100 ms, where it has a histogram of them.
    """

    model: str
    version: str = "1"
    rate: float = 10.0
    failing: float = 0.0
    ms: float = 20.0
    p99_ms: float | None = 40.0
    slow: float | None = None


@dataclass
class Server:
    """One server: its labels as Prometheus has them, ``instance`` among them, and its loads; ``up`` may be changed."""

    labels: Mapping[str, str]
    loads: Sequence[Load]
    gpus: Mapping[str, float] = field(default_factory=dict)
    up: bool = True
    began: float = field(default_factory=lambda: time.time() - 3600)

    def text(self, now: float) -> str:
        """Its metrics at a time (epoch seconds)."""
        return "".join(
            f"{name}{{{_joined(labels)}}} {value!r}\n" for name, labels, value in self._series(now)
        )

    def _series(self, now: float) -> Iterator[tuple[str, Mapping[str, str], float]]:
        for load in self.loads:
            for name, more, value in _of(load, now - self.began):
                yield name, {"model": load.model, "version": load.version, **more}, value
        yield "nv_cpu_utilization", {}, 0.25
        for uuid, share in self.gpus.items():
            yield "nv_gpu_utilization", {"gpu_uuid": uuid}, share
            yield "nv_gpu_memory_used_bytes", {"gpu_uuid": uuid}, 4e9
            yield "nv_gpu_memory_total_bytes", {"gpu_uuid": uuid}, 16e9


def _of(load: Load, seconds: float) -> Iterator[tuple[str, Mapping[str, str], float]]:
    served = (load.rate - load.failing) * seconds
    yield "nv_inference_request_success", {}, served
    for reason in ("REJECTED", "CANCELED", "BACKEND", "OTHER"):
        yield (
            "nv_inference_request_failure",
            {"reason": reason},
            load.failing * seconds * (reason == "BACKEND"),
        )
    yield "nv_inference_count", {}, 2 * served
    yield "nv_inference_exec_count", {}, served
    for part, share in (
        ("request", 1.0),
        ("queue", 0.2),
        ("compute_input", 0.1),
        ("compute_infer", 0.6),
        ("compute_output", 0.1),
    ):
        yield f"nv_inference_{part}_duration_us", {}, served * load.ms * 1000 * share
    yield "nv_inference_pending_request_count", {}, 3.0
    if load.p99_ms is not None:
        yield "nv_inference_request_summary_us_count", {}, served
        for quantile, share in _QUANTILES.items():
            yield "nv_inference_request_summary_us", {"quantile": quantile}, load.p99_ms * 1000 * share
    if load.slow is not None:
        for bound in (*map(str, _BOUNDS), "+Inf"):
            within = 1.0 if bound in {"500.0", "+Inf"} else (1 - load.slow)
            yield "nv_inference_first_response_histogram_ms_bucket", {"le": bound}, served * within


def _joined(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())


class Farm:
    """A Prometheus that scrapes these servers every ``interval``; ready once it has seen each twice."""

    def __init__(
        self, folder: Path, servers: Sequence[Server], interval: str = "1s", job: str = "triton"
    ) -> None:
        binary = shutil.which("prometheus")
        if binary is None:
            missing("prometheus is not installed (on Debian: apt-get install prometheus)")
        self.servers = list(servers)
        self._http = _Http(("127.0.0.1", 0), _handler(lambda: self.servers))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        self._found = folder / "targets.json"
        self._job = job
        self.discover()
        config = folder / "prometheus.yml"
        config.write_text(_config(self._found, interval, job))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"),
        ]
        self._daemon = Daemon(command, folder / "prometheus.log")
        seen = f"count(count_over_time(nv_inference_request_success[5m]) >= 2) == {_versions(self.servers)}"
        self._daemon.wait(lambda: query(self.url, seen) != [], READY_S)

    @property
    def port(self) -> int:
        """Where the servers' metrics are, by their number: ``/0/metrics`` …"""
        return int(self._http.server_address[1])

    def discover(self) -> None:
        """Tell Prometheus which servers there are now."""
        groups = [
            {
                "targets": [f"127.0.0.1:{self.port}"],
                "labels": {"__metrics_path__": f"/{number}/metrics", **server.labels},
            }
            for number, server in enumerate(self.servers)
        ]
        draft = self._found.with_suffix(".new")
        draft.write_text(json.dumps(groups))
        draft.replace(self._found)

    def query(self, expression: str) -> list[object]:
        """The rows of an instant query; empty where there is no answer."""
        return query(self.url, expression)

    def stop(self) -> None:
        """End it at once."""
        self._daemon.kill()
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A Prometheus that is killed breaks off what it reads."""


def farm(count: int, loads: Callable[[int], Sequence[Load]], **labels: Callable[[int], str]) -> list[Server]:
    """So many servers, each called after its number, with these loads and further labels by number."""
    return [
        Server(
            {
                "instance": f"10.0.{number // 250}.{number % 250}:8002",
                "pod": f"triton-{number}",
                **{name: of(number) for name, of in labels.items()},
            },
            loads(number),
        )
        for number in range(count)
    ]


def _versions(servers: Sequence[Server]) -> int:
    return sum(len(server.loads) for server in servers if server.up)


def _config(found: Path, interval: str, job: str) -> str:
    return (
        f"global:\n  scrape_interval: {interval}\n  scrape_timeout: {interval}\n"
        f"scrape_configs:\n  - job_name: {job}\n    file_sd_configs:\n"
        f"      - files: ['{found}']\n        refresh_interval: 1s\n"
    )


def _handler(servers: Callable[[], Sequence[Server]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(self.path.split("/")[1])
            server = servers()[number]
            body = server.text(time.time()).encode() if server.up else b""
            self.send_response(200 if server.up else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
