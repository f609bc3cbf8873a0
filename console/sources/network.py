"""The way to each target as this machine sees it: DNS, TCP connect and TLS handshake, timed apart."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from functools import cache
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from console.domain.around import LinkReading
from console.domain.fleet import Fleet, Target, Tls
from console.domain.text import visible
from console.ports import Source
from console.transport.kit import Kit

EVERY_S = 10.0
# What connecting and the handshake may take each, and all three parts together.
PART_S = 2.0
LIMIT_S = 4.0
_ADDRESSES = 3
# Hundreds of threads begun at a stretch would hold up the keys; one at a time, the last of them would be late.
_AT_A_TURN = 3

_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


def of_each(fleet: Fleet, kit: Kit) -> Callable[[Target], list[Source]]:
    """One source for a target; all that this makes take turns."""
    context = cache(lambda: _context(fleet.tls))
    turn = asyncio.Semaphore(_AT_A_TURN)
    return lambda target: [NetworkSource(target, kit, context, turn)]


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source for each target."""
    make = of_each(fleet, kit)
    return [source for target in fleet.targets for source in make(target)]


class NetworkSource:
    """Opens a connection to a target's API, closes it at once, and says how long each part took.

    It does so in a thread, so that the time is the network's and not that of a busy console. The thread
    is its own: a resolver may hang for half a minute, and nothing must wait behind it, not even the exit.
    """

    def __init__(
        self, target: Target, kit: Kit, context: Callable[[], ssl.SSLContext], turn: asyncio.Semaphore
    ) -> None:
        self.name = f"network:{target.name}"
        self.target: str | None = target.name
        self.every = EVERY_S
        self.timeout = LIMIT_S + 1.0
        self._named = target.name
        self._clock = kit.clock
        self._turn = turn
        url = urlsplit(target.url)
        self._attempt = _Attempt(
            url.hostname or "",
            url.port or (443 if url.scheme == "https" else 80),
            context if url.scheme == "https" else None,
            kit.clock.monotonic,
        )
        self._underway: asyncio.Future[_Outcome] | None = None

    async def poll(self) -> LinkReading:
        """One measurement; a part that fails is a reading that says so, not an error."""
        if self._underway is None or self._underway.done():
            async with self._turn:
                self._underway = _in_thread(self._attempt.run)
                await asyncio.sleep(0)
        underway: asyncio.Future[Any] = self._underway
        limit: asyncio.Future[Any] = asyncio.ensure_future(self._clock.sleep(LIMIT_S))
        try:
            await asyncio.wait({underway, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
        if not self._underway.done():
            said = f"no answer within {LIMIT_S:g} s"
            return LinkReading(self._named, failed=self._attempt.part, detail=said)
        return self._underway.result().reading(self._named)

    async def close(self) -> None:
        """Nothing to release: every connection is closed where it was opened."""


class _Outcome(NamedTuple):
    """What one attempt found; times in seconds."""

    dns_s: float | None = None
    connect_s: float | None = None
    tls_s: float | None = None
    address: str = ""
    failed: str = ""
    detail: str = ""

    def reading(self, target: str) -> LinkReading:
        """The same as a reading of that target."""
        dns, connect, tls = (
            None if took is None else took * 1000 for took in (self.dns_s, self.connect_s, self.tls_s)
        )
        return LinkReading(target, dns, connect, tls, self.address, self.failed, self.detail)


class _Attempt:
    """One connection after another to the same address; calls block. ``part`` is what the newest is at."""

    def __init__(
        self,
        host: str,
        port: int,
        context: Callable[[], ssl.SSLContext] | None,
        monotonic: Callable[[], float],
    ) -> None:
        self.part = "dns"
        self._host = host
        self._port = port
        self._context = context
        self._monotonic = monotonic

    def run(self) -> _Outcome:
        """Connect and close; what failed is said in the outcome."""
        outcome = _Outcome()
        try:
            self.part = "dns"
            addresses, took = self._resolved()
            outcome = outcome._replace(dns_s=took)
            self.part = "connect"
            connection, took, address = self._connected(addresses)
            outcome = outcome._replace(connect_s=took, address=address)
            with connection:
                if self._context is None:
                    return outcome
                self.part = "tls"
                return outcome._replace(tls_s=self._shaken(connection, self._context()))
        except (OSError, ValueError) as error:
            return outcome._replace(failed=self.part, detail=_said(error))

    def _resolved(self) -> tuple[Sequence[_Address], float | None]:
        """Addresses, and how long the resolver took; None where the host is an address already."""
        with contextlib.suppress(socket.gaierror):
            return self._asked(socket.AI_NUMERICHOST), None
        started = self._monotonic()
        found = self._asked()
        return found, self._monotonic() - started

    def _asked(self, flags: int = 0) -> Sequence[_Address]:
        return socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM, flags=flags)[:_ADDRESSES]

    def _connected(self, addresses: Sequence[_Address]) -> tuple[socket.socket, float, str]:
        """The first address that can be connected to, and how long that one took."""
        refused: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in addresses:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(PART_S / len(addresses))
            started = self._monotonic()
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                refused = error
                continue
            return connection, self._monotonic() - started, _written(address)
        raise refused

    def _shaken(self, connection: socket.socket, context: ssl.SSLContext) -> float:
        """How long the handshake took."""
        connection.settimeout(PART_S)
        started = self._monotonic()
        with context.wrap_socket(connection, server_hostname=self._host):
            return self._monotonic() - started


def _context(tls: Tls) -> ssl.SSLContext:
    found = ssl.create_default_context(cafile=tls.ca)
    if not tls.verify:
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found


def _in_thread(work: Callable[[], _Outcome]) -> asyncio.Future[_Outcome]:
    """The outcome of blocking work, done in a thread that nobody waits for at the exit."""
    done: Future[_Outcome] = Future()

    def run() -> None:
        # Whoever asked may have left meanwhile.
        with contextlib.suppress(InvalidStateError):
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - a thread's error would end on the screen; the poller tells it
                done.set_exception(error)

    Thread(target=run, name="network", daemon=True).start()
    return asyncio.wrap_future(done)


def _written(address: Any) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _said(error: Exception) -> str:
    """An error in the system's words, without numbers and places in its code."""
    if isinstance(error, TimeoutError):
        return f"no answer within {PART_S:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return visible(error.verify_message, 120)
    return visible(str(getattr(error, "strerror", None) or error), 120)
