"""A real Alertmanager: what it tells of alerts that others fired, silenced and inhibited."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.domain.around import Page, PageState
from console.domain.fleet import Fleet, Tls
from console.sources import alertmanager
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.alertmanager import READY_S, Alertmanager
from tests.parts.clock import HandClock


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Alertmanager]:
    with Alertmanager(tmp_path) as found:
        yield found


async def pages(server: Alertmanager, ready: Callable[[dict[str, Page]], bool]) -> dict[str, Page]:
    """Its alerts by name, once they are as expected."""
    http = Http({}, Tls())
    (source,) = alertmanager.sources(Fleet(alertmanager=server.url), Kit(HandClock(), http))
    until = time.monotonic() + READY_S
    try:
        while True:
            found = {page.name: page for page in (await source.poll()).pages}
            if ready(found) or time.monotonic() > until:
                return found
    finally:
        await http.close()


async def test_who_was_told_follows_the_route(server: Alertmanager) -> None:
    server.fire(
        {"alertname": "TritonBurn", "severity": "page", "model": "ranker"}, ago_s=600, summary="budget burns"
    )
    server.fire({"alertname": "DiskFull", "severity": "ticket"})

    found = await pages(server, lambda by: len(by) == 2)

    burn = found["TritonBurn"]
    assert (burn.receivers, found["DiskFull"].receivers) == (("on-call",), ("everybody",))
    assert (burn.state, burn.severity, burn.summary) == (PageState.ACTIVE, "page", "budget burns")
    assert burn.labels["model"] == "ranker"
    assert time.time() - burn.since == pytest.approx(600, abs=READY_S)
    assert burn.fingerprint


async def test_a_silence_is_named_by_its_id(server: Alertmanager) -> None:
    server.fire({"alertname": "TritonBurn", "severity": "page"})
    silence = server.silence("TritonBurn")

    found = await pages(server, lambda by: bool(by) and by["TritonBurn"].state is PageState.SUPPRESSED)

    assert found["TritonBurn"].silenced_by == (silence,)


async def test_an_inhibited_alert_is_held_back_by_another(server: Alertmanager) -> None:
    server.fire({"alertname": "NodeDown", "node": "n1"}, {"alertname": "TritonDown", "node": "n1"})

    found = await pages(server, lambda by: len(by) == 2 and by["TritonDown"].state is PageState.SUPPRESSED)

    assert found["TritonDown"].silenced_by == (found["NodeDown"].fingerprint,)
    assert found["NodeDown"].state is PageState.ACTIVE
