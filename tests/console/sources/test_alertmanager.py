"""Alertmanager's alerts, from one that is well and from one that is not."""

import asyncio
import json
from typing import Any

import pytest

from console.domain.around import PagesReading, PageState
from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.engine.store import Store
from console.sources import alertmanager
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts import hostile
from tests.parts.clock import HandClock
from tests.snapshots import HOSTILE_NAMES


def alert(name: str = "TritonDown", **changes: Any) -> dict[str, Any]:
    return {
        "fingerprint": f"f-{name}",
        "labels": {"alertname": name, "severity": "page", "model": "ranker"},
        "annotations": {"summary": f"{name} of ranker"},
        "startsAt": "2023-11-14T22:13:20.123456789Z",
        "receivers": [{"name": "on-call"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "generatorURL": "http://prometheus/graph",
        **changes,
    }


async def polled(behaviour: hostile.Behaviour) -> PagesReading:
    http = Http({"admin-key": Secret("hush")}, Tls())
    async with hostile.serving(behaviour) as url:
        (source,) = alertmanager.sources(Fleet(alertmanager=url), Kit(HandClock(), http))
        try:
            return await source.poll()
        finally:
            await http.close()


async def read(*alerts: Any, text: bytes | None = None, status: str = "200 OK") -> PagesReading:
    body = json.dumps(list(alerts), indent=1).encode() if text is None else text

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        hostile.answer(writer, body, status)

    return await polled(behaviour)


def test_a_fleet_without_an_alertmanager_has_no_source() -> None:
    assert alertmanager.sources(Fleet(), Kit(HandClock(), Http({}, Tls()))) == []


async def test_an_alert_says_what_since_when_and_who_was_told() -> None:
    reading = await read(alert())

    (page,) = reading.pages
    assert (page.fingerprint, page.name, page.severity) == ("f-TritonDown", "TritonDown", "page")
    assert page.labels["model"] == "ranker"
    assert page.since == pytest.approx(1_700_000_000.123456)
    assert (page.state, page.receivers, page.silenced_by) == (PageState.ACTIVE, ("on-call",), ())
    assert (page.summary, page.url) == ("TritonDown of ranker", "http://prometheus/graph")
    assert (reading.at, reading.notes) == (HandClock().now(), ())


async def test_nobody_paged_is_an_answer() -> None:
    assert (await read()).pages == ()


@pytest.mark.parametrize("by", ["silencedBy", "inhibitedBy"])
async def test_what_is_held_back_says_by_what_and_comes_last(by: str) -> None:
    held = {"state": "suppressed", by: ["s1"]}

    reading = await read(alert("Muted", status=held, startsAt="2023-11-15T00:00:00Z"), alert("Loud"))

    assert [page.name for page in reading.pages] == ["Loud", "Muted"]
    assert (reading.pages[1].state, reading.pages[1].silenced_by) == (PageState.SUPPRESSED, ("s1",))


async def test_of_ten_thousand_alerts_the_newest_are_kept_and_the_rest_is_said() -> None:
    alerts = (
        alert(f"A{n}", startsAt=f"2023-11-14T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z")
        for n in range(10_000)
    )

    reading = await read(*alerts)

    assert [page.name for page in reading.pages] == [f"A{n}" for n in range(9999, 9499, -1)]
    assert "10000 alerts, of which 500 are kept" in reading.notes[0]


async def test_odd_alerts_are_left_out_and_counted_and_hide_no_other() -> None:
    odd = (7, None, {}, alert(startsAt="yesterday"), alert(labels=[]), alert(startsAt=None))
    good = alert("Good", annotations=3, receivers={"name": 1}, status="active", generatorURL=None)

    reading = await read(*odd, good)

    assert [page.name for page in reading.pages] == ["Good"]
    assert reading.notes == ("alertmanager: 6 alerts could not be read",)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_texts_are_literal_and_short(name: str) -> None:
    labels = {"alertname": name, "severity": name, **{f"{name}{n}": name for n in range(100)}}
    (page,) = (await read(alert(labels=labels, annotations={"summary": name}))).pages

    for text in (page.name, page.severity, page.summary, *page.labels, *page.labels.values()):
        assert text.isprintable()
        assert len(text) <= 200
    assert len(page.labels) <= 30


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[",
        b"[{}",
        b"[{},",
        b"[1 2]",
        b"nothing",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"status": "success"}',
    ],
)
async def test_what_is_no_list_of_alerts_is_a_failure_with_what_to_do(text: bytes) -> None:
    with pytest.raises(SourceError, match="did not answer as Alertmanager") as caught:
        await read(text=text)

    assert caught.value.failure.kind is FailureKind.GARBAGE
    assert "http://HOST:9093" in caught.value.failure.hint


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (hostile.error500, "HTTP 500"),
        (hostile.reset, "connection closed"),
        (hostile.redirect(), "redirects to"),
        (hostile.nonsense, "did not answer as Alertmanager"),
        (hostile.flood_chunked, "over 16 MB"),
    ],
)
async def test_a_server_on_a_bad_day_is_a_failure_in_words(behaviour: hostile.Behaviour, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        await polled(behaviour)
    assert caught.value.failure.hint


async def test_one_that_wants_a_credential_is_not_told_the_fleets() -> None:
    with pytest.raises(SourceError, match="wants a credential, and is sent none") as caught:
        await read(text=b"who are you?", status="401 Unauthorized")
    assert caught.value.failure.kind is FailureKind.FORBIDDEN


async def test_what_was_left_out_is_said_in_the_picture() -> None:
    reading = await read(alert(), 7)
    store = Store(Fleet())

    store.take(Sample("alertmanager", None, 1.0, 1.0, 0.0, 1.0, reading, None))
    seen = store.tick(1.0, 1.0)

    assert seen.pages == reading
    assert "alertmanager: 1 alert could not be read" in seen.notes
