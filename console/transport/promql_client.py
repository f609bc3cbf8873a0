"""A fleet's Prometheus asked through prometheus-api-client: in threads, since that one waits."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from threading import Lock, Thread
from typing import Any, TypeVar

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.transport._prometheus_answer import Row, Rows
from console.transport._prometheus_http import prometheus_headers
from console.transport._prometheus_refusal import BASE_URL, NOT_PROMETHEUS, PART
from console.transport._prometheus_series import Grid

__all__ = ["AT_ONCE", "SECONDS", "PromqlClient", "Row", "Rows"]

T = TypeVar("T")
SECONDS = 20.0
AT_ONCE = 4
"""So many queries whoever has several asks at the same time."""
_LEAST_S = 0.05


class PromqlClient:
    """Asks ``fleet.prometheus`` as ``fleet.prometheus_access`` says; each call takes at most ``seconds`` and raises SourceError.

    It opens nothing before its first call.
    """

    def __init__(self, fleet: Fleet, seconds: float = SECONDS) -> None:
        self.url = fleet.prometheus
        self._fleet = fleet
        self._seconds = seconds
        self._connecting = Lock()
        self._connection: Any = None

    async def query(self, text: str, at: float | None = None, seconds: float | None = None) -> Rows:
        """The newest values of an expression, or those at a time of Prometheus's own (epoch seconds)."""
        moment = {} if at is None else {"time": f"{at:.3f}"}

        def ask(connection: Any, limit: float) -> Rows:
            found: Rows = connection.custom_query(
                text, {**moment, "timeout": f"{limit * 1000:.0f}ms"}, timeout=limit
            )
            return found

        return await self._call(ask, seconds)

    async def query_range(self, text: str, grid: Grid, seconds: float | None = None) -> Rows:
        """The values of an expression at each step of a grid; its steps begin at whole seconds."""
        start, end = (datetime.fromtimestamp(at, UTC) for at in (grid.start, grid.times[-1]))

        def ask(connection: Any, limit: float) -> Rows:
            further = {"timeout": f"{limit * 1000:.0f}ms"}
            found: Rows = connection.custom_query_range(
                text, start, end, f"{grid.step:g}", further, timeout=limit
            )
            return found

        return await self._call(ask, seconds)

    async def targets(self) -> list[Mapping[str, Any]]:
        """What this Prometheus scrapes, as its API tells; SourceError also where a store has no such list."""

        def ask(connection: Any, limit: float) -> list[Mapping[str, Any]]:
            address = f"{self.url}/api/v1/targets"
            return list(
                _data(_get(connection, address, limit, {"state": "active"}), dict).get("activeTargets") or ()
            )

        return await self._call(ask, None)

    async def build(self) -> Mapping[str, str]:
        """What answers: ``version`` and whatever else it says of itself."""

        def ask(connection: Any, limit: float) -> Mapping[str, str]:
            told = _data(_get(connection, f"{self.url}/api/v1/status/buildinfo", limit, {}), dict)
            return {str(name): str(value) for name, value in told.items()}

        return await self._call(ask, None)

    async def close(self) -> None:
        """Let go of the connections; a call that is under way ends by itself."""
        if self._connection is not None:
            self._connection.close()

    async def _call(self, ask: Callable[[Any, float], T], seconds: float | None) -> T:
        limit = max(_LEAST_S, self._seconds if seconds is None else seconds)
        return await in_thread(partial(self._asked, ask, limit))

    def _asked(self, ask: Callable[[Any, float], T], limit: float) -> T:
        with self._connecting:
            if self._connection is None:
                self._connection = self._connect()
        return ask(self._connection, limit)

    def _connect(self) -> Any:
        """Imported where it is needed, in a thread: that takes a fifth of a second."""
        from prometheus_api_client import PrometheusConnect  # noqa: PLC0415 - see above
        from urllib3 import Retry  # noqa: PLC0415

        from console.transport._promql_session import BoundedSession  # noqa: PLC0415

        tls = self._fleet.prometheus_access.tls or self._fleet.tls
        if tls.ca:
            _check_authorities(tls.ca)
        never = Retry(0, redirect=False, raise_on_redirect=False, raise_on_status=False)
        session = BoundedSession(tls)
        return PrometheusConnect(
            self.url,
            prometheus_headers(self._fleet),
            disable_ssl=not tls.verify,
            retry=never,
            session=session,
        )


async def in_thread(call: Callable[[], T]) -> T:
    """What a call that waits gives, from a thread that holds up nobody's end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(how: Callable[[Any], None], told: Any) -> None:
        if not done.done():
            how(told)

    def run() -> None:
        # Where nobody waits any more the loop may be closed.
        with suppress(RuntimeError):
            try:
                found = call()
            except Exception as error:  # noqa: BLE001 - whoever waits is to have it
                loop.call_soon_threadsafe(tell, done.set_exception, error)
            else:
                loop.call_soon_threadsafe(tell, done.set_result, found)

    Thread(target=run, name="promql", daemon=True).start()
    return await done


def _check_authorities(path: str) -> None:
    """A file that holds no authorities would fail in words that nobody understands."""
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        said = f"{PART}: the authorities in {path} cannot be read"
        hint = "prometheus_access.tls.ca, or tls.ca, is to name a PEM file"
        raise SourceError(Failure(FailureKind.TLS, PART, said, hint)) from error


def _get(connection: Any, url: str, limit: float, params: Mapping[str, str]) -> Any:
    """Calls that prometheus-api-client has not, or gives no time to."""
    session = connection._session  # noqa: SLF001 - ours: it was given to it
    return session.request("GET", url, params=params, headers=connection.headers, timeout=limit).json()


def _data(body: Any, kind: type[T]) -> T:
    data = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(data, kind):
        said = f"{PART}: it {NOT_PROMETHEUS}"
        raise SourceError(Failure(FailureKind.GARBAGE, PART, said, BASE_URL))
    return data
