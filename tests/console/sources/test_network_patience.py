"""Servers and resolvers that never answer: they are given up, and hold up nothing else."""

import asyncio
import socket
import threading
from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest

from console.clock import SystemClock
from console.domain.around import LinkReading
from console.domain.fleet import Fleet, Target, Tls
from console.sources import network
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.links import LONG_S, listening, measured, port_of, refuse, source


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", LONG_S)
    monkeypatch.setattr(network, "LIMIT_S", LONG_S)


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


async def test_a_server_that_takes_no_more_connections_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PART_S", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        reading = await measured(f"http://127.0.0.1:{port_of(full)}")

    assert (reading.failed, reading.detail) == ("connect", "no answer within 0.2 s")


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

    assert len(begun_at) == 30
    assert max(Counter(begun_at).values()) <= network._AT_A_TURN
