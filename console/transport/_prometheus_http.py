"""How a Prometheus is reached: its calls, which headers it gets, and how its certificate is checked."""

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from console.domain.fleet import Fleet, Tls
from console.transport._prometheus_refusal import PART
from console.transport.http import Answer, Http, Manner, ssl_context


class PrometheusHttp:
    """One Prometheus, over the fleet's session."""

    def __init__(self, fleet: Fleet, http: Http) -> None:
        self._base = fleet.prometheus
        self.headers = prometheus_headers(fleet)
        tls = fleet.prometheus_access.tls
        self._manner = Manner(self.headers, True if tls is None else _context(tls))
        self._http = http

    def url(self, call: str) -> str:
        """The address of ``query`` or ``query_range``."""
        return f"{self._base}/api/v1/{call}"

    async def ask(self, call: str, parameters: Mapping[str, str], limit: int) -> Answer:
        """The answer to a call, of any status, at most ``limit`` bytes; raises SourceError."""
        return await self._http.ask(self.url(call), PART, limit, parameters, self._manner)


def prometheus_headers(fleet: Fleet) -> dict[str, str]:
    """What its requests carry, secrets revealed: its own headers, and the targets' where it shares its address with one."""
    shared = _origin(fleet.prometheus) in {_origin(target.url) for target in fleet.targets}
    tables = (fleet.headers if shared else {}, fleet.prometheus_access.headers)
    return {name: secret.reveal() for table in tables for name, secret in table.items()}


def _context(tls: Tls) -> ssl.SSLContext | bool:
    """Its own check, whatever the session does."""
    context = ssl_context(tls)
    return ssl.create_default_context() if context is True else context


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: who sees what is sent there."""
    split = urlsplit(url)
    return split.scheme, split.hostname, split.port or {"http": 80, "https": 443}.get(split.scheme)
