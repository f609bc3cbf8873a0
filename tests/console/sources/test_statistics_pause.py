"""How often a server's statistics are read."""

import pytest

from console.domain.fleet import Fleet, Target, Tls
from console.sources import triton
from console.sources.triton import LARGE, LARGE_EVERY, TritonSource
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock


def sources(number: int, refresh: float = 1.0) -> list[TritonSource]:
    names = [f"triton-{n}" for n in range(number)]
    fleet = Fleet("t", tuple(Target(name, f"http://{name}:8000", "") for name in names), refresh=refresh)
    kit = Kit(HandClock(), Http({}, Tls()))
    return [source for source in triton.sources(fleet, kit) if isinstance(source, TritonSource)]


def test_few_versions_are_read_with_every_poll() -> None:
    (source,) = sources(1)

    assert [source._statistics_pause(LARGE) for _ in range(3)] == [0.0] * 3


@pytest.mark.parametrize(("versions", "seconds"), [(LARGE + 1, LARGE_EVERY), (1000, 10.0), (5000, 50.0)])
def test_of_many_so_many_are_read_a_second_at_most(versions: int, seconds: float) -> None:
    (source,) = sources(1)
    pauses = [source._statistics_pause(versions) for _ in range(3)]

    assert pauses[1:] == [seconds, seconds]
    assert pauses[0] <= seconds


def test_servers_that_were_read_at_once_are_read_apart_from_then_on() -> None:
    first = {source._statistics_pause(1000) for source in sources(10)}

    assert len(first) > 6


def test_a_slow_refresh_reads_them_with_every_poll() -> None:
    (source,) = sources(1, refresh=LARGE_EVERY)

    assert source._statistics_pause(1000) == 0.0
