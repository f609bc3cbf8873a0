"""The alerts screen, silences, and notes."""

import pytest

from console.domain.around import Page, PagesReading, PageState
from console.domain.marker import MarkerKind
from console.domain.rows import AlertState
from console.domain.snapshot import Snapshot
from tests.screens.acts import picture
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import HOSTILE_NAMES, NOW, alert, fleet

BURN = alert("ranker/7", id="budget-burn", model="ranker", state=AlertState.PAGE)
DOWN = alert("triton-1", "ticket", id="target-down", target="triton-1", since=NOW - 60, message="it is gone")


def fires(**changes: object) -> Snapshot:
    calm = (alert("embed/3", "ticket", id="latency-objective", state=AlertState.RECOVERING),)
    return picture(alerts=(BURN, DOWN), calm=calm, **changes)


def subjects(stage: Stage) -> list[str]:
    known = ("ranker/7", "triton-1", "embed/3")
    rows = [line for line in stage.lines if line.split()[:1] and "08:" in line and "m " in line]
    return [word for line in rows for word in line.split() if word in known]


@pytest.mark.parametrize("size", SIZES)
async def test_every_alert_stands_with_its_state_and_the_selected_one_with_its_evidence(
    size: tuple[int, int],
) -> None:
    async with staged(fires(), size) as stage:
        await stage.press("6")
        assert "page" in stage.line("ranker/7")
        assert "ticket" in stage.line("triton-1")
        assert "recovering" in stage.line("embed/3")
        assert "5m 21.0×, 1h 9.4×" in stage.text
        assert "Budget burn of ranker/7" in stage.text
        assert "14.4×" in stage.text
        assert "Who else was paged" in stage.text
        await stage.press("j")
        assert "target triton-1" in stage.text
        assert "Budget burn" not in stage.text


async def test_the_header_counts_what_fires_and_a_silenced_alert_no_more() -> None:
    async with staged(fires()) as stage:
        assert "▲ 1 page +1" in stage.lines[0]
        await stage.show(picture(alerts=(BURN._replace(note="known (ana)"), DOWN)))
        assert "▲ 1 ticket" in stage.lines[0]


async def test_who_else_was_paged_is_told_where_an_alertmanager_is_known() -> None:
    page = Page("f1", "TritonP99", "page", {"model": "ranker"}, NOW - 120, PageState.ACTIVE, ("oncall-ml",))
    async with staged(fires(pages=PagesReading((page,))), (200, 60)) as stage:
        await stage.press("6")
        assert "oncall-ml" in stage.text


async def test_alerts_are_sorted_and_filtered_as_other_tables() -> None:
    async with staged(fires()) as stage:
        await stage.press("6")
        assert "STATE▾" in stage.text
        await stage.press("s")
        assert "SINCE▾" in stage.text
        await stage.press("s", "S")
        assert "SUBJECT▴" in stage.text
        await stage.press("slash", *"triton")
        assert "1 of 3" in stage.text
        assert "it is gone" in stage.text
        await stage.press("escape")
        assert "embed/3" in stage.text
        await stage.press("slash", *"zzz")
        assert "No alert matches zzz" in stage.text
        assert "Who else was paged" not in stage.text


@pytest.mark.parametrize("size", SIZES)
async def test_m_silences_the_selected_alert_with_a_reason_and_shift_m_lifts_it(
    size: tuple[int, int],
) -> None:
    async with staged(fires(), size) as stage:
        await stage.press("6", "j", "m")
        await stage.until("SILENCE THIS ALERT")
        await stage.press(*"maintenance", "enter")
        assert stage.engine.silenced == {("target-down", "triton-1"): "maintenance (ana@bastion)"}
        await stage.show(picture(alerts=(BURN, DOWN._replace(note="maintenance (ana@bastion)"))))
        assert "silenced" in stage.line("triton-1")
        await stage.press("M")
        assert not stage.engine.silenced


async def test_nothing_is_silenced_without_a_reason() -> None:
    async with staged(fires()) as stage:
        await stage.press("6", "m", "enter", "escape", "M")
        assert not stage.engine.silenced
        assert "SILENCE" not in stage.text


async def test_no_alerts_is_said_and_the_keys_do_nothing() -> None:
    async with staged(picture()) as stage:
        await stage.press("6", "m", "M")
        assert "No alert fires." in stage.text
        assert "SILENCE" not in stage.text


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_hostile_words_are_literal(name: str) -> None:
    odd = alert(name, message=name, evidence=name, model=name, target=name, note=name)
    async with staged(picture(alerts=(odd,)), (80, 24)) as stage:
        await stage.press("6", "m", "x", "escape")
        assert all(line.isprintable() for line in stage.lines)


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6"])
async def test_n_writes_a_note_to_the_timeline_from_every_screen(key: str) -> None:
    async with staged(fires(fleet=fleet("triton-0", read_only=True))) as stage:
        await stage.press(key, "n")
        await stage.until("NOTE")
        await stage.press(*"paged bob", "enter")
        notes = [m for m in stage.engine.markers if m.kind is MarkerKind.NOTE]
        assert [note.detail for note in notes] == ["ana@bastion: paged bob"]
        assert notes[0].at >= NOW
        about = "ranker" if key in "124" else ""
        assert (notes[0].model, notes[0].subject) == (about, about or "prod")


async def test_a_note_that_is_not_written_is_none() -> None:
    async with staged(fires()) as stage:
        await stage.press("n", "enter", *"x", "escape")
        assert not stage.engine.markers
        assert "NOTE" not in stage.text
