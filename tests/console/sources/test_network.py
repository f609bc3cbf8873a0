"""The way to servers of real sockets: one that answers, one with TLS, and those that do not."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.around import LinkReading
from console.domain.fleet import Fleet, Target, Tls
from console.sources import network
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.certificate import certificate
from tests.parts.links import LONG_S, StepClock, listening, measured, port_of, refuse


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", LONG_S)
    monkeypatch.setattr(network, "LIMIT_S", LONG_S)


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


def test_each_target_is_measured_every_ten_seconds() -> None:
    targets = (Target("a", "http://a:8000", ""), Target("b", "https://b", ""))
    fleet = Fleet("t", targets)

    found = network.sources(fleet, Kit(SystemClock(), Http({}, Tls())))

    assert [(each.name, each.target, each.every) for each in found] == [
        ("network:a", "a", 10.0),
        ("network:b", "b", 10.0),
    ]
