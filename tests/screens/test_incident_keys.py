"""An incident on the screens: opened and closed by a key, its clock, its line on the timeline."""

import threading

import pytest

from console.domain.incident import Incident, markers_of
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Taping
from console.domain.snapshot import Snapshot
from tests.screens.acts import picture
from tests.screens.stage import SIZES, staged
from tests.snapshots import NOW, fleet

INCIDENT = Incident("1009-abc", NOW - 754, "ana", "p99 of ranker")
PAGES = ("1", "2", "3", "4", "5", "6")


def happening(incident: Incident | None = INCIDENT, *more: Marker, **changes: object) -> Snapshot:
    told = markers_of(incident) if incident is not None else ()
    return picture(markers=(*told, *more), incident=incident, **changes)


@pytest.mark.parametrize("page", PAGES)
async def test_i_opens_an_incident_and_says_what_is_kept(page: str) -> None:
    taping = Taping("/state/flight/prod/a.tcrec", 0.0)
    async with staged(picture(taping=taping)) as stage:
        await stage.press(page, "i")
        await stage.until("Incident 1009-abc is open")
        opened = stage.engine.incidents.current
        assert opened is not None
        assert opened.by == stage.engine.door.who
        assert "what was seen from 08:23:20Z on is kept" in stage.text


async def test_while_one_is_open_i_shows_its_timeline() -> None:
    async with staged(happening()) as stage:
        assert "◉ incident 12:3" in stage.lines[0]
        await stage.press("i")
        assert stage.app.page.where == "timeline"
        assert stage.engine.incidents.current is None


@pytest.mark.parametrize("size", SIZES)
async def test_the_timeline_tells_of_the_open_incident_and_then_of_the_last_one(
    size: tuple[int, int],
) -> None:
    async with staged(happening(), size) as stage:
        await stage.press("5")
        told = " ".join(stage.text.split())
        assert "◉ incident 1009-abc open for 12m" in told
        assert "since 2025-10-09 08:40:46Z by ana: p99 of ranker" in told
        ended = INCIDENT._replace(closed=NOW - 10, closed_by="bob")
        await stage.show(picture(markers=markers_of(ended)))
        assert "○ incident 1009-abc closed by bob after 12 min" in stage.text
        assert "◉ incident" not in stage.lines[0]


async def test_without_an_incident_the_timeline_has_no_line_for_one() -> None:
    note = Marker(NOW - 30, MarkerKind.NOTE, "prod", "ana: paged bob")
    async with staged(happening(None, note)) as stage:
        await stage.press("5")
        assert "paged bob" in stage.text
        assert "○ incident" not in stage.text


async def test_closing_says_where_it_is_kept_and_what_is_next() -> None:
    async with staged(happening(fleet=fleet("triton-0", state="/state"))) as stage:
        stage.engine.incidents.current = INCIDENT
        await stage.press("I")
        await stage.until("Incident 1009-abc is closed")
        assert "triton-console report /state/incidents/1009-abc.tcinc" in stage.text
        assert stage.engine.incidents.current is None


async def test_closing_none_says_how_to_open_one() -> None:
    async with staged(picture()) as stage:
        await stage.press("I")
        await stage.until("no incident is open: i opens one")


async def test_what_takes_long_is_seen_waits_alone_and_stops_nothing() -> None:
    async with staged(happening()) as stage:
        incidents = stage.engine.incidents
        incidents.current, incidents.hold = INCIDENT, threading.Event()
        try:
            await stage.press("I")
            await stage.until("▶ closing the incident")
            await stage.press("3")
            assert stage.app.page.where == "gpus"
            assert "▶ closing the incident" in stage.text
            await stage.press("I")
            assert incidents.current is INCIDENT
        finally:
            incidents.hold.set()
        await stage.until("Incident 1009-abc is closed")
        await stage.until("▶ closing the incident", gone=True)


@pytest.mark.parametrize(("key", "said"), [("i", "no incident was opened"), ("I", "closing the incident")])
async def test_what_fails_is_said_and_the_watch_goes_on(key: str, said: str) -> None:
    async with staged(picture()) as stage:
        stage.engine.incidents.error = OSError(28, "No space left on device")
        await stage.press(key)
        await stage.until(said)
        assert "No space left on device" in stage.text
        stage.engine.incidents.error = None
        await stage.press("i")
        await stage.until("Incident 1009-abc is open")


async def test_a_console_that_changes_no_fleet_has_incidents_all_the_same() -> None:
    async with staged(picture(fleet=fleet("triton-0", read_only=True))) as stage:
        await stage.press("i")
        await stage.until("Incident 1009-abc is open")


async def test_before_the_engine_is_there_the_keys_wait_for_it() -> None:
    async with staged(picture(), quiet=True) as stage:
        stage.app.session.declaring.engine = None
        await stage.press("i", "I")
        await stage.until("still connecting")
