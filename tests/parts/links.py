"""Ways to servers of real sockets: what listens, and what measures it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from console.clock import SystemClock
from console.domain.around import LinkReading
from console.domain.fleet import Fleet, Target, Tls
from console.ports import Clock, Source
from console.sources import network
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock

LONG_S = 60.0


class StepClock(HandClock):
    """A clock on which every look at it comes a thousandth of a second after the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def monotonic(self) -> float:
        """Thousandths, one for each look."""
        self._looks += 1
        return self._looks / 1000


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A socket that listens, and accepts when the test does."""
    with socket.create_server((host, 0)) as server:
        server.settimeout(LONG_S)
        yield server


def port_of(server: socket.socket) -> int:
    """Where it listens."""
    return int(server.getsockname()[1])


def source(url: str, clock: Clock | None = None, tls: Tls | None = None) -> Source:
    """The source of one target, named a."""
    fleet = Fleet("t", (Target("a", url, ""),), tls=tls or Tls())
    (found,) = network.sources(fleet, Kit(clock or SystemClock(), Http({}, fleet.tls)))
    return found


async def measured(url: str, clock: Clock | None = None, tls: Tls | None = None) -> LinkReading:
    """One measurement of the way to it."""
    reading = await source(url, clock, tls).poll()
    assert isinstance(reading, LinkReading)
    return reading


def refuse() -> list[Any]:
    """What a resolver says of a name that nobody knows."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
