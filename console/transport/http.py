"""HTTP for the sources: one session, bounded bodies, no redirects, failures in words."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import aiohttp

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Tls
from console.domain.secret import Secret
from console.domain.text import visible

TEXT_LIMIT = 32 * 2**20
JSON_LIMIT = 16 * 2**20
# Read in one stretch on the loop: small enough to stay well under 10 ms.
CHUNK = 32 * 2**10
# What has arrived is read without a pause of its own: after so long the loop has its turn.
_STRETCH_S = 5e-3


def ssl_context(tls: Tls) -> ssl.SSLContext | bool:
    """What aiohttp wants for ``ssl``: True verifies against the system's authorities."""
    if not tls.verify:
        return False
    return ssl.create_default_context(cafile=tls.ca) if tls.ca else True


class BoundedResponse(aiohttp.ClientResponse):
    """An answer whose whole body is read only up to JSON_LIMIT bytes."""

    async def read(self) -> bytes:
        """The body; raises SourceError when it is over the limit."""
        if self._body is None:
            chunks: list[bytes] = []
            await _pump(self, self.url.path, chunks.append, JSON_LIMIT)
            self._body = b"".join(chunks)
        return self._body


async def whole(request: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
    """The answer with its body read and its connection given back, whatever its reader does with it."""
    async with request as response:
        await response.read()
        return response


class Manner(NamedTuple):
    """How one server is asked: with which headers, and how its certificate is checked; True: as for the fleet's servers."""

    headers: Mapping[str, str]
    tls: ssl.SSLContext | bool = True


_USUAL = Manner({})


class Answer(NamedTuple):
    """An answer of any status but a redirect, with its whole body."""

    status: int
    body: bytes


class Http:
    """The fleet's HTTP session; ``headers`` go to targets only, never to other feeds."""

    def __init__(self, headers: Mapping[str, Secret], tls: Tls) -> None:
        self.tls = tls
        self._headers = headers
        self._session: aiohttp.ClientSession | None = None

    @property
    def target_headers(self) -> dict[str, str]:
        """Headers for a Triton target, secrets revealed."""
        return {name: secret.reveal() for name, secret in self._headers.items()}

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, opened at its first use inside the running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, ssl=ssl_context(self.tls), keepalive_timeout=75)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), response_class=BoundedResponse
            )
        return self._session

    async def stream(
        self, url: str, part: str, feed: Callable[[bytes], object], headers: Mapping[str, str] | None = None
    ) -> None:
        """GET a text and hand it to ``feed`` chunk by chunk; raises SourceError, reads at most TEXT_LIMIT bytes."""
        try:
            async with self.session.get(url, headers=headers, allow_redirects=False) as response:
                refuse_status(response, part, url)
                await _pump(response, part, feed, TEXT_LIMIT)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SourceError(failure_of(error, part, url)) from error

    async def ask(
        self,
        url: str,
        part: str,
        limit: int,
        params: Mapping[str, str] | None = None,
        manner: Manner | None = None,
    ) -> Answer:
        """GET an answer whose status its reader judges, of at most ``limit`` bytes; raises SourceError."""
        body = bytearray()
        headers, tls = manner or _USUAL
        try:
            async with self.session.get(
                url, params=params, headers=headers, ssl=tls, allow_redirects=False
            ) as response:
                if 300 <= response.status < 400:
                    refuse_status(response, part, url)
                await _pump(response, part, body.extend, limit)
                return Answer(response.status, bytes(body))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SourceError(failure_of(error, part, url)) from error

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _pump(
    response: aiohttp.ClientResponse, part: str, feed: Callable[[bytes], object], limit: int
) -> None:
    size = response.content_length or 0
    if size <= limit:
        size = 0
        clock = asyncio.get_running_loop().time
        began = clock()
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > limit:
                break
            feed(chunk)
            if clock() - began > _STRETCH_S:
                await asyncio.sleep(0)
                began = clock()
    if size > limit:
        response.close()
        raise SourceError(too_large(part, limit))


def too_large(part: str, limit: int) -> Failure:
    """The failure of a body over its limit (bytes)."""
    return Failure(
        FailureKind.TOO_LARGE,
        part,
        f"{part}: answer is over {limit >> 20} MB and was not read",
        "is this the address of the right server?",
    )


def refuse_status(response: aiohttp.ClientResponse, part: str, url: str) -> None:
    """Raise SourceError unless the answer is 200."""
    if response.status == 200:
        return
    raise SourceError(status_failure(response.status, part, url, response.headers.get("Location", "")))


def status_failure(status: int, part: str, url: str, detail: str = "") -> Failure:
    """The failure of an answer that is not 200; ``detail`` is the body's text or the redirect's goal."""
    shown = visible(detail, 120)
    if 300 <= status < 400:
        return Failure(
            FailureKind.REDIRECT,
            part,
            f"{part}: {url} redirects to {shown or 'elsewhere'}",
            "give the final address: redirects are not followed, so that credentials stay here",
        )
    if status in {401, 403}:
        return Failure(
            FailureKind.FORBIDDEN,
            part,
            f"{part}: credential missing ({shown or status})",
            "pass --header 'NAME: VALUE' or set headers in the settings; a wrong value is answered alike",
        )
    said = f": {shown}" if shown else ""
    return Failure(FailureKind.STATUS, part, f"{part}: HTTP {status}{said}", f"look at {url}")


def failure_of(error: BaseException, part: str, url: str) -> Failure:
    """A network error as a Failure that says what to do."""
    kind, said, hint = _classify(error)
    return Failure(kind, part, f"{part}: {said} at {url}", hint)


_ADVICE: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str, str], ...] = (
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError),
        FailureKind.TLS,
        "TLS failed ({})",
        "set tls.ca in the settings, or use http://",
    ),
    (
        (aiohttp.ClientConnectorDNSError,),
        FailureKind.UNRESOLVED,
        "host name not found",
        "check the name and the resolver",
    ),
    (
        (TimeoutError,),
        FailureKind.TIMEOUT,
        "no answer in time",
        "the process may be stopped, overloaded or unreachable",
    ),
    (
        (aiohttp.ClientConnectorError,),
        FailureKind.UNREACHABLE,
        "cannot connect ({})",
        "check address, route and firewall",
    ),
    (
        (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError),
        FailureKind.UNSUPPORTED,
        "not an HTTP address",
        "write it as http://HOST:PORT",
    ),
    (
        (aiohttp.ServerDisconnectedError, ConnectionResetError, aiohttp.ClientOSError),
        FailureKind.RESET,
        "connection closed by the server",
        "it may be stopping or restarting",
    ),
    (
        (aiohttp.ClientPayloadError,),
        FailureKind.GARBAGE,
        "the answer broke off",
        "it may be stopping or restarting",
    ),
)


def _classify(error: BaseException) -> tuple[FailureKind, str, str]:
    if isinstance(getattr(error, "os_error", None), ConnectionRefusedError):
        return FailureKind.REFUSED, "connection refused", "is the server started, and is the port right?"
    for types, kind, said, hint in _ADVICE:
        if isinstance(error, types):
            return kind, said.format(_reason(error)), hint
    return (
        FailureKind.GARBAGE,
        f"not a valid answer ({_reason(error)})",
        "is this the address of the right server?",
    )


def _reason(error: BaseException) -> str:
    return visible(str(getattr(error, "os_error", None) or error), 100)
