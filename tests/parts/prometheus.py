"""A real Prometheus as a process of the tests, and something that it scrapes."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.parts.daemon import Daemon, free_port
from tests.parts.missing import missing

READY_S = 120.0
_CONFIG = """\
global:
  scrape_interval: 500ms
scrape_configs:
  - job_name: triton
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


class Prometheus:
    """One Prometheus that scrapes ``text`` twice a second; ready once it has."""

    def __init__(self, folder: Path, text: str) -> None:
        binary = shutil.which("prometheus")
        if binary is None:
            missing("prometheus is not installed (on Debian: apt-get install prometheus)")
        self.text = text
        self._exposition = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._exposition.daemon_threads = True
        threading.Thread(target=self._exposition.serve_forever, args=(0.05,), daemon=True).start()
        config = folder / "prometheus.yml"
        config.write_text(_CONFIG.format(port=self._exposition.server_address[1]))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"),
        ]
        self._daemon = Daemon(command, folder / "prometheus.log")
        self._daemon.wait(lambda: self.query("up") != [], READY_S)

    def query(self, expression: str) -> list[Any]:
        """The rows of an instant query; empty where there is no answer."""
        return query(self.url, expression)

    def stop(self) -> None:
        """End it at once."""
        self._daemon.kill()
        self._exposition.shutdown()
        self._exposition.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def query(url: str, expression: str) -> list[Any]:
    """The rows of an instant query by the shortest way; empty where there is no answer."""
    try:
        with urlopen(f"{url}/api/v1/query?{urlencode({'query': expression})}", timeout=5) as answer:
            return list(json.load(answer)["data"]["result"])
    except (URLError, OSError, ValueError):
        return []


def _handler(of: Prometheus) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = of.text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
