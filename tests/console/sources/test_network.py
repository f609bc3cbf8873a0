"""The way to servers of real sockets: one that answers, one with TLS, and those that do not."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.around import LinkReading
from console.domain.fleet import Fleet, Target, Tls
from console.ports import Clock, Source
from console.sources import network
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.certificate import certificate
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


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", LONG_S)
    monkeypatch.setattr(network, "LIMIT_S", LONG_S)


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_server((host, 0)) as server:
        server.settimeout(LONG_S)
        yield server


@contextmanager
def with_tls(folder: Path) -> Iterator[tuple[int, Path]]:
    """A server that does handshakes and nothing else; its port and its certificate."""
    pem, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    with listening() as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(LONG_S)
                    try:
                        context.wrap_socket(connection, server_side=True).recv(1)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield port_of(server), pem


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def source(url: str, clock: Clock | None = None, tls: Tls | None = None) -> Source:
    fleet = Fleet("t", (Target("a", url, ""),), tls=tls or Tls())
    (found,) = network.sources(fleet, Kit(clock or SystemClock(), Http({}, fleet.tls)))
    return found


async def measured(url: str, clock: Clock | None = None, tls: Tls | None = None) -> LinkReading:
    reading = await source(url, clock, tls).poll()
    assert isinstance(reading, LinkReading)
    return reading


async def test_an_address_needs_no_name_server_and_the_connection_is_closed_at_once() -> None:
    with listening() as server:
        reading = await measured(f"http://127.0.0.1:{port_of(server)}", StepClock())
        connection, _ = server.accept()
        with connection:
            connection.settimeout(LONG_S)
            said = connection.recv(1)

    assert said == b""
    assert reading == LinkReading(
        "a", None, pytest.approx(1.0), None, f"127.0.0.1:{port_of_reading(reading)}"
    )


def port_of_reading(reading: LinkReading) -> str:
    return reading.address.rpartition(":")[2]


async def test_a_name_is_looked_up_and_that_is_timed_apart() -> None:
    with listening() as server:
        port = port_of(server)
        reading = await measured(f"http://localhost:{port}/behind/a/path", StepClock())

    assert (reading.dns_ms, reading.connect_ms) == (pytest.approx(1.0), pytest.approx(1.0))
    assert (reading.tls_ms, reading.failed, reading.address) == (None, "", f"127.0.0.1:{port}")


async def test_every_address_of_a_name_is_tried_and_the_one_that_answers_is_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each.getsockname()) for each in (closed, server)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, flags, **__: both if not flags else refuse())
        reading = await measured("http://two.example:8000", StepClock())

        assert (reading.failed, reading.address) == ("", f"127.0.0.1:{port_of(server)}")
    assert reading.connect_ms == pytest.approx(1.0)


def refuse() -> list[Any]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_a_name_with_many_dead_addresses_is_given_up_after_a_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        many = [closed] * 9 + [server]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each.getsockname()) for each in many]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, flags, **__: found if not flags else refuse())
        reading = await measured("http://many.example:8000")

    assert (reading.failed, reading.detail) == ("connect", "Connection refused")


@pytest.mark.parametrize(("url", "port"), [("http://a.example", 80), ("https://a.example", 443)])
async def test_without_a_port_it_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, url: str, port: int
) -> None:
    asked = []

    def note(_: str, port: int, **__: object) -> list[Any]:
        asked.append(port)
        return refuse()

    monkeypatch.setattr(socket, "getaddrinfo", note)
    await measured(url)

    assert set(asked) == {port}


async def test_a_server_that_takes_no_more_connections_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        reading = await measured(f"http://127.0.0.1:{port_of(full)}")

    assert (reading.failed, reading.detail) == ("connect", "no answer within 0.2 s")


async def test_a_handshake_is_timed_where_the_certificate_is_trusted(tmp_path: Path) -> None:
    with with_tls(tmp_path) as (port, pem):
        trusted = await measured(f"https://127.0.0.1:{port}", StepClock(), Tls(ca=str(pem)))
        unchecked = await measured(f"https://127.0.0.1:{port}", StepClock(), Tls(verify=False))

    times = [(reading.connect_ms, reading.tls_ms, reading.failed) for reading in (trusted, unchecked)]
    assert times == [(pytest.approx(1.0), pytest.approx(1.0), "")] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_that_is_not_trusted_fails_the_handshake_and_only_that(
    tmp_path: Path, host: str
) -> None:
    with with_tls(tmp_path) as (port, pem):
        ca = None if host == "127.0.0.1" else str(pem)
        reading = await measured(f"https://{host}:{port}", tls=Tls(ca=ca))

    assert (reading.failed, reading.tls_ms) == ("tls", None)
    assert reading.connect_ms is not None
    assert ("self" in reading.detail) if ca is None else ("mismatch" in reading.detail)


async def test_authorities_that_cannot_be_read_are_said_and_stop_nothing(tmp_path: Path) -> None:
    with listening() as server:
        url = f"https://127.0.0.1:{port_of(server)}"
        reading = await measured(url, tls=Tls(ca=str(tmp_path / "none.pem")))

    assert (reading.failed, reading.detail) == ("tls", "No such file or directory")


async def test_a_port_that_refuses_is_a_reading_and_no_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        reading = await measured(f"http://127.0.0.1:{port_of(closed)}")

    assert (reading.failed, reading.detail, reading.connect_ms) == ("connect", "Connection refused", None)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example"])
async def test_a_name_that_nobody_knows_fails_at_the_resolver(host: str) -> None:
    reading = await measured(f"http://{host}:8000")

    assert (reading.failed, reading.dns_ms, reading.connect_ms) == ("dns", None, None)
    assert reading.detail


async def test_a_server_that_never_shakes_hands_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", 0.2)
    with listening() as server:
        reading = await measured(f"https://127.0.0.1:{port_of(server)}", tls=Tls(verify=False))

    assert (reading.failed, reading.detail) == ("tls", "no answer within 0.2 s")
    assert reading.connect_ms is not None


async def test_a_resolver_that_hangs_costs_one_thread_until_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, asked = threading.Event(), []
    answer.set()

    def hang(host: str, port: int, *, flags: int, **_: object) -> list[Any]:
        if flags:
            return refuse()
        asked.append(host)
        answer.wait(LONG_S)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    clock = HandClock()
    with listening() as server:
        slow = source(f"http://slow.example:{port_of(server)}", clock)
        await slow.poll()
        answer.clear()
        asked.clear()
        for _ in range(2):
            poll = asyncio.ensure_future(slow.poll())
            await clock.advance(LONG_S)
            reading = await poll
            assert isinstance(reading, LinkReading)
            assert (reading.failed, reading.detail) == ("dns", "no answer within 60 s")
        answer.set()
        after = await slow.poll()

    assert isinstance(after, LinkReading)
    assert (after.failed, asked) == ("", ["slow.example"])


def test_a_thread_that_outlives_its_loop_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, flags, **__: refuse() if flags else answer.wait())

    async def leave() -> None:
        poll = asyncio.ensure_future(source("http://slow.example").poll())
        await asyncio.sleep(0)
        poll.cancel()

    asyncio.run(leave())
    left = [thread for thread in threading.enumerate() if thread.name == "network"]
    answer.set()
    for thread in left:
        thread.join(LONG_S)

    assert [thread.daemon for thread in left] == [True]
    assert capfd.readouterr().err == ""


async def test_many_targets_leave_the_loop_to_others_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, begun_at = 0, []

    class Counted(threading.Thread):
        def start(self) -> None:
            begun_at.append(turns)
            super().start()

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(network, "Thread", Counted)
    counting = asyncio.ensure_future(count())
    with listening() as server:
        targets = tuple(Target(f"t{n}", f"http://127.0.0.1:{port_of(server)}", "") for n in range(30))
        every = network.sources(Fleet("t", targets), Kit(SystemClock(), Http({}, Tls())))
        await asyncio.gather(*(each.poll() for each in every))
    counting.cancel()

    assert len(set(begun_at)) == 30


def test_each_target_is_measured_every_ten_seconds() -> None:
    targets = (Target("a", "http://a:8000", ""), Target("b", "https://b", ""))
    fleet = Fleet("t", targets)

    found = network.sources(fleet, Kit(SystemClock(), Http({}, Tls())))

    assert [(each.name, each.target, each.every) for each in found] == [
        ("network:a", "a", 10.0),
        ("network:b", "b", 10.0),
    ]
