"""How a Prometheus is reached: its calls, which headers it gets, and what a refusal says."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from console.domain.fleet import Fleet
from console.transport.http import Answer, Http

PART = "prometheus"
NOT_PROMETHEUS = "did not answer as Prometheus does: give its base URL, usually http://HOST:9090"


class PrometheusHttp:
    """One Prometheus. The targets' headers go along only where it shares its address with one of them."""

    def __init__(self, fleet: Fleet, http: Http) -> None:
        self._base = fleet.prometheus
        self._shared = _origin(fleet.prometheus) in {_origin(target.url) for target in fleet.targets}
        self._http = http

    def url(self, call: str) -> str:
        """The address of ``query`` or ``query_range``."""
        return f"{self._base}/api/v1/{call}"

    async def ask(self, call: str, parameters: Mapping[str, str], limit: int) -> Answer:
        """The answer to a call, of any status, at most ``limit`` bytes; raises SourceError."""
        headers = self._http.target_headers if self._shared else None
        return await self._http.ask(self.url(call), PART, limit, parameters, headers)


def refusal(status: int, said: str, url: str) -> str:
    """Why there is no result; ``said`` are Prometheus's own words, if it has any."""
    if status in {401, 403}:
        return f"HTTP {status} at {url}: it wants a credential, and is sent none"
    if said:
        return f"Prometheus refuses the query: {said}"
    return f"HTTP {status} at {url}: it {NOT_PROMETHEUS}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: who sees what is sent there."""
    split = urlsplit(url)
    return split.scheme, split.hostname, split.port or {"http": 80, "https": 443}.get(split.scheme)
