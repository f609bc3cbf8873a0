"""The gateway's own counters: what clients asked for, retries, timeouts, and how long the servers took."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from console.domain.around import GatewayReading
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.haproxy_stats import stat_rows
from console.domain.surfaces import Envoy, Haproxy
from console.domain.text import visible
from console.ports import Source
from console.sources import _gateway_envoy as envoy
from console.sources import _gateway_haproxy as haproxy
from console.sources import _gateway_nginx as nginx
from console.sources._exposition import Reader, Scrape, SeriesTable
from console.sources._gateway_routes import routes_of, rows_of, told
from console.sources._gateway_weights import SplitWeights
from console.transport.envoy_admin import EnvoyAdmin
from console.transport.haproxy_socket import HaproxySocket
from console.transport.kit import Kit

EVERY_AT_LEAST = 2.0
_TIMEOUT_S = 5.0
_SERIES_LIMIT = 200_000
_PART = "gateway"
_SHOW = "show stat"


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source: of the metrics in the settings, else of the gateway itself; none without either."""
    if fleet.gateway_metrics or isinstance(fleet.gateway, Envoy):
        return [MetricsSource(fleet, kit)]
    return [SocketSource(fleet, fleet.gateway)] if isinstance(fleet.gateway, Haproxy) else []


class MetricsSource:
    """Polls Prometheus text of Envoy, HAProxy or ingress-nginx, told apart by what it holds."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self.name = _PART
        self.target: str | None = None
        self.every = max(fleet.refresh, EVERY_AT_LEAST)
        self.timeout = _TIMEOUT_S
        self._http = kit.http
        self._routes = routes_of(fleet)
        self._namespace = fleet.kubernetes.namespace
        self._table = SeriesTable(_wanted, _SERIES_LIMIT)
        settings = fleet.gateway if isinstance(fleet.gateway, Envoy) else Envoy("")
        self._prefix = settings.stat_prefix
        self._weights = SplitWeights(EnvoyAdmin(settings.admin, kit.http), settings.routes)
        self._url = fleet.gateway_metrics or settings.admin + envoy.stats_path(self._routes, self._prefix)
        self._shown = _without_query(self._url)

    async def poll(self) -> GatewayReading:
        """Every route that is asked for; SourceError where the answer holds no gateway's counters, or not all."""
        scrape = await self._scrape()
        # Two hundred routes take longer than the loop that draws should wait.
        reading = await asyncio.to_thread(self._reading, scrape)
        if not reading.routes and reading.edge is None:
            raise SourceError(_garbage(f"no counters of Envoy, HAProxy or ingress-nginx at {self._shown}"))
        notes = tuple(_broken(scrape))
        reading = reading._replace(query=f"GET {self._shown}", notes=(*reading.notes, *notes))
        return await self._weighed(reading) if reading.kind == envoy.KIND else reading

    async def _scrape(self) -> Scrape:
        reader = Reader(self._table)
        try:
            await self._http.stream(self._url, _PART, reader.feed)
        except SourceError as error:
            raise SourceError(self._masked(error.failure)) from error
        scrape = reader.finish()
        if scrape.truncated:
            # Half of a sum is another sum, and would look like a restart.
            raise SourceError(_garbage(f"the answer of {self._shown} was cut"))
        return scrape

    def _masked(self, failure: Failure) -> Failure:
        """The failure without the query of the address."""
        said, hint = (text.replace(self._url, self._shown) for text in (failure.message, failure.hint))
        return failure._replace(message=said, hint=hint)

    def _reading(self, scrape: Scrape) -> GatewayReading:
        rows = list(rows_of(scrape, self._table))
        if any(haproxy.wanted(series.name) for series, _ in rows):
            reading = haproxy.haproxy_reading(haproxy.lines_of_rows(rows))
        elif any(nginx.wanted(series.name) for series, _ in rows):
            reading = nginx.nginx_reading(rows, self._namespace)
        else:
            reading = envoy.envoy_reading(rows, self._routes, self._prefix)
        return told(reading, self._routes)

    async def _weighed(self, reading: GatewayReading) -> GatewayReading:
        weights, notes = await self._weights.read(reading.revision)
        routes = tuple(each._replace(weights=weights.get(each.name, {})) for each in reading.routes)
        return reading._replace(routes=routes, notes=(*reading.notes, *notes))

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""


class SocketSource:
    """Polls HAProxy's runtime socket."""

    def __init__(self, fleet: Fleet, settings: Haproxy) -> None:
        self.name = _PART
        self.target: str | None = None
        self.every = max(fleet.refresh, EVERY_AT_LEAST)
        self.timeout = _TIMEOUT_S
        self._socket = HaproxySocket(settings.socket)
        self._routes = routes_of(fleet)

    async def poll(self) -> GatewayReading:
        """Every backend of the settings."""
        text = await self._socket.ask(_SHOW)
        try:
            lines = haproxy.lines_of_stats(stat_rows(text))
        except ValueError as error:
            said = f"{self._socket.address} does not answer as HAProxy's runtime socket"
            raise SourceError(_garbage(said)) from error
        reading = told(haproxy.haproxy_reading(lines), self._routes)
        return reading._replace(query=f"echo '{_SHOW}' | socat - {visible(self._socket.address)}")

    async def close(self) -> None:
        """Nothing to release: each question has a connection of its own."""


def _wanted(family: str) -> bool:
    return envoy.wanted(family) or haproxy.wanted(family) or nginx.wanted(family)


def _broken(scrape: Scrape) -> Iterator[str]:
    if scrape.broken_count:
        first = scrape.broken[0]
        yield (
            f"gateway: {scrape.broken_count} lines of its metrics are not readable, "
            f"the first is line {first.number}: {first.text}"
        )


def _garbage(said: str) -> Failure:
    hint = "give the address of the gateway's own metrics or its stats socket"
    return Failure(FailureKind.GARBAGE, _PART, f"{_PART}: {said}", hint)


def _without_query(url: str) -> str:
    """The address as it may be shown: a query can hold a token."""
    return visible(urlsplit(url)._replace(query="").geturl())
