"""A real Alertmanager as a process of the tests, and what others post to it."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.parts.daemon import Daemon, free_port
from tests.parts.missing import missing

READY_S = 120.0
_CONFIG = """\
route:
  receiver: everybody
  routes:
    - matchers: [severity="page"]
      receiver: on-call
receivers:
  - name: everybody
  - name: on-call
inhibit_rules:
  - source_matchers: [alertname="NodeDown"]
    target_matchers: [alertname="TritonDown"]
    equal: [node]
"""


class Alertmanager:
    """One Alertmanager alone; alerts with ``severity=page`` go to ``on-call``, others to ``everybody``."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        if binary is None:
            missing("alertmanager is not installed (on Debian: apt-get install prometheus-alertmanager)")
        config = folder / "alertmanager.yml"
        config.write_text(_CONFIG)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(binary, f"--config.file={config}", f"--storage.path={folder / 'data'}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error"),
        ]
        self._daemon = Daemon(command, folder / "alertmanager.log")
        self._daemon.wait(self._ready, READY_S)

    def fire(self, *alerts: Mapping[str, str], ago_s: float = 60.0, **annotations: str) -> None:
        """Post alerts by their labels, as Prometheus does."""
        since = _text(-ago_s)
        self._post(
            "alerts",
            [{"labels": dict(each), "annotations": annotations, "startsAt": since} for each in alerts],
        )

    def silence(self, name: str, comment: str = "planned work", who: str = "ana") -> str:
        """Silence an alert for an hour; gives the id of the silence."""
        matcher = {"name": "alertname", "value": name, "isRegex": False, "isEqual": True}
        body = {
            "matchers": [matcher],
            "startsAt": _text(0),
            "endsAt": _text(3600),
            "createdBy": who,
            "comment": comment,
        }
        return str(self._post("silences", body)["silenceID"])

    def stop(self) -> None:
        """End it at once."""
        self._daemon.kill()

    def _ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def _post(self, what: str, body: Mapping[str, Any] | Sequence[Any]) -> Any:
        request = Request(
            f"{self.url}/api/v2/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _text(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
