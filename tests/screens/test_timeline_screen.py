"""The timeline screen: what happened, live, and where its keys lead."""

import re

import pytest

from console.domain.contract import Held
from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.snapshot import Snapshot
from tests.parts.contracts import WHOLE, read
from tests.screens.acts import confirmed, picture, ran, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import HOSTILE_NAMES, NOW, alert, down_target, fleet, marker, snapshot

LOADS = tuple(marker(at=NOW - 300 + 9 * n, detail="ranker v7 READY", target=f"triton-{n}") for n in range(3))
EMBED = marker(MarkerKind.CONFIG, "embed/", at=NOW - 200, detail="config is now 3f2a91")
VERDICT = marker(MarkerKind.TRIAGE, "embed", at=NOW - 100, detail="p99-latency says queue", target="")
DOWN = Marker(NOW - 60, MarkerKind.DOWN, "triton-1", "connection refused", target="triton-1")
NOTE = Marker(NOW - 30, MarkerKind.NOTE, "prod", "ana: paged bob")


def happened(*more: Marker, **changes: object) -> Snapshot:
    return picture(markers=(*LOADS, EMBED, VERDICT, DOWN, NOTE, *more), **changes)


def listed(stage: Stage) -> list[str]:
    """The words of the table's rows, from top to bottom."""
    top = next(i for i, line in enumerate(stage.lines) if "WHAT" in line)
    signs = {"↑", "≡", "?", "✗", "✎", "▲", "»"}
    rows = (line.replace("▸", " ").split() for line in stage.lines[top + 1 :])
    return [row[2] for row in rows if len(row) > 2 and row[1] in signs and ":" in row[0]]


@pytest.mark.parametrize("size", SIZES)
async def test_5_shows_what_happened_the_newest_on_top_with_all_that_is_known_of_it(
    size: tuple[int, int],
) -> None:
    async with staged(happened(), size) as stage:
        await stage.press("5")
        assert listed(stage) == ["note", "down", "triage", "config", "load"]
        assert "×3" in stage.line("↑ load")
        assert re.search("2025-10-09 08:52:50Z, (3[0-9]|[45][0-9])s ago", stage.text)
        await stage.press("end")
        assert "08:48:38Z  triton-2" in stage.text
        assert "tab journal" in stage.lines[-1]
        await stage.press("escape")
        assert "RATE/s" in stage.text


async def test_while_an_incident_is_open_it_says_whom_to_call() -> None:
    incident = Incident("1009-abc", NOW - 60, "ana")
    shot = happened(
        incident=incident, alerts=(alert(model="ranker"),), contracts={"ranker": Held(read(WHOLE))}
    )
    async with staged(shot, (120, 40)) as stage:
        await stage.press("5")
        await stage.until("owner ml-ranking; call ana@example.com")


async def test_5_is_the_journal_while_nothing_has_happened_and_tab_goes_between_both() -> None:
    async with staged(picture()) as stage:
        await stage.press("5")
        await stage.until("nothing was changed yet")
        assert "tab timeline" in stage.lines[-1]
        await stage.press("tab")
        assert "nothing has changed since the watch began" in stage.text
        await stage.press("enter", "y", "5")
        assert "nothing has changed since the watch began" in stage.text
        await stage.press("tab")
        await stage.until("nothing was changed yet")


async def test_what_happens_while_it_is_looked_at_comes_on_top_and_the_cursor_stays_on_its_line() -> None:
    async with staged(happened()) as stage:
        await stage.press("5")
        later = marker(MarkerKind.ACTION, "ranker", at=NOW - 1, detail="reduce ranker", target="")
        await stage.show(happened(later))
        assert listed(stage)[0] == "action"
        assert "▸" in stage.line("» action")
        await stage.press("j")
        await stage.show(happened(later, NOTE._replace(at=NOW, detail="ana: and alice")))
        assert listed(stage)[:3] == ["note", "action", "note"]
        assert "▸" in stage.line("paged bob")


async def test_a_paused_timeline_stands_still() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "space")
        await stage.show(happened(NOTE._replace(at=NOW, detail="ana: and alice")))
        assert "alice" not in stage.text
        await stage.press("space")
        assert "alice" in stage.text


async def test_lines_that_look_the_same_are_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(happened(), (80, 24)) as stage:
        await stage.press("5")
        page = stage.app.page
        made: list[object] = []
        whole = page.table._line  # type: ignore[attr-defined]
        monkeypatch.setattr(page.table, "_line", lambda line, **k: made.append(line) or whole(line, **k))  # type: ignore[attr-defined]
        await stage.show(happened(at=NOW + 2))
        assert made == []


async def test_search_finds_words_anywhere_and_esc_shows_all_again() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "slash", *"triton-2")
        assert listed(stage) == ["load"]
        assert "1 of 5" in stage.text
        await stage.press(*" zzz")
        assert "nothing on the timeline has these words" in stage.text
        assert "2025-10-09" not in stage.text
        assert not stage.app.page.query_one(".detail").display
        await stage.press("escape")
        assert len(listed(stage)) == 5
        await stage.press("slash", *"bob", "enter", "escape")
        assert len(listed(stage)) == 5


async def test_enter_opens_the_version_of_a_change() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "end", "enter")
        assert stage.app.page.where == "model"
        assert "ranker v7" in stage.text


async def test_enter_on_a_model_without_a_version_opens_the_one_that_serves() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "j", "j", "j", "enter")
        assert stage.app.page.where == "model"
        assert "embed v3" in stage.text


async def test_enter_on_a_version_that_is_gone_says_so() -> None:
    async with staged(happened(marker(MarkerKind.UNLOAD, "ocr/1", at=NOW - 1))) as stage:
        await stage.press("5", "enter")
        assert "This version is gone from every server." in stage.text


async def test_enter_on_what_is_of_no_model_stays_and_says_so() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "enter")
        await stage.until("this is about no model")
        assert stage.app.page.where == "timeline"


async def test_enter_on_a_verdict_walks_its_model_and_4_leads_back() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "j", "j", "enter")
        await stage.until("ROLLOUT")
        assert stage.engine.triage.asked[-1].model == "embed"
        await stage.press("4")
        assert stage.app.page.where == "timeline"


@pytest.mark.parametrize("key", ["enter", "4"])
async def test_an_alert_is_walked_with_the_runbook_that_names_it(key: str) -> None:
    fired = marker(MarkerKind.ALERT, "ranker/7", at=NOW - 1, detail="page: it burns", target="")
    burn = alert("ranker/7", id="budget-burn", message="it burns")
    async with staged(happened(fired, alerts=(burn,))) as stage:
        stage.engine.triage.alerts = {"budget-burn": "error-spike"}
        await stage.press("5", key)
        await stage.until("ROLLOUT")
        assert (stage.engine.triage.asked[-1].model, stage.engine.triage.asked[-1].runbook) == (
            "ranker",
            "error-spike",
        )


async def test_4_on_a_server_walks_a_model_that_it_serves() -> None:
    down = DOWN._replace(subject="triton-0", target="triton-0", at=NOW - 1)
    async with staged(happened(down)) as stage:
        await stage.press("5", "4")
        await stage.until("ROLLOUT")
        assert stage.engine.triage.asked[-1].model == "ranker"


async def test_a_line_is_opened_by_a_double_click() -> None:
    async with staged(happened()) as stage:
        await stage.press("5")
        y = next(i for i, line in enumerate(stage.lines) if "↑ load" in line)
        await stage.pilot.double_click(offset=(12, y))
        await stage.pilot.pause()
        assert stage.app.page.where == "model"


async def test_y_copies_the_line_as_text() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "end", "y")
        copied = "2025-10-09 08:48:20Z load ×3 ranker/7 on triton-0, triton-1, triton-2: ranker v7 READY"
        assert stage.app.clipboard == copied


async def test_n_writes_a_note_that_stands_on_top() -> None:
    async with staged(happened()) as stage:
        await stage.press("5", "n")
        await stage.until("NOTE")
        await stage.press(*"it is over", "enter")
        (written,) = stage.engine.markers
        await stage.show(happened(written))
        assert "it is over" in stage.line("✎ note")


async def test_u_undoes_the_newest_plan_that_stands() -> None:
    async def story(bench: object) -> None:
        two_knobs(bench)  # type: ignore[arg-type]
        await ran(bench, percent=25.0)  # type: ignore[arg-type]

    async with staged(happened(), before=story) as stage:
        await stage.press("5", "u")
        await stage.until("undo: reduce ranker")
        await confirmed(stage)
        await stage.until("RESULT")
        assert stage.bench.knobs.values["a"] == 1


async def test_read_only_can_read_search_and_copy() -> None:
    async with staged(happened(fleet=fleet("triton-0", read_only=True))) as stage:
        await stage.press("5", "u", "f")
        assert "PLAN" not in stage.text
        assert listed(stage) == ["note", "down", "triage", "config", "load"]
        await stage.press("y")
        assert stage.app.clipboard == "2025-10-09 08:52:50Z note prod: ana: paged bob"


async def test_both_are_among_the_commands_of_every_other_screen() -> None:
    async with staged(happened()) as stage:
        for key in ("1", "2", "3", "4", "6"):
            for name in ("journal", "timeline"):
                await stage.press(key)
                assert [command.id for command in stage.app.commands()].count(name) == 1
                stage.app.run_command(name)
                await stage.pilot.pause()
                assert stage.app.page.where == name
                await stage.press("1")


async def test_the_timeline_tells_why_nobody_answers() -> None:
    async with staged(snapshot([], [down_target("triton-1")], markers=(DOWN,))) as stage:
        await stage.press("5")
        assert listed(stage) == ["down"]
        assert "No target answers" not in stage.text


async def test_without_a_picture_it_says_what_it_waits_for() -> None:
    async with staged(picture(), quiet=True) as stage:
        await stage.press("5", "tab")
        assert stage.app.page.where == "timeline"
        assert "onnecting" in stage.text
        await stage.press("enter", "y", "4")
        assert stage.app.is_running


async def test_thousands_of_changes_are_reached() -> None:
    many = tuple(marker(subject=f"m{n}/1", at=NOW - 4000 + n, detail="READY") for n in range(3000))
    async with staged(picture(markers=many), (80, 24)) as stage:
        await stage.press("5", "end")
        assert "m0/1" in stage.line("▸")
        await stage.press("home")
        assert "m2999/1" in stage.line("▸")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_hostile_words_are_literal(name: str) -> None:
    odd = Marker(NOW - 1, MarkerKind.FAILURE, name, name, name, name, name)
    async with staged(happened(odd), (80, 24)) as stage:
        await stage.press("5")
        assert all(line.isprintable() for line in stage.lines)
        await stage.press("y", "enter")
        assert all(line.isprintable() for line in stage.lines)


@pytest.mark.parametrize("size", [(40, 8), (30, 7), (12, 3)])
async def test_a_tiny_terminal_breaks_nothing(size: tuple[int, int]) -> None:
    async with staged(happened()) as stage:
        await stage.press("5")
        await stage.pilot.resize_terminal(*size)
        await stage.pilot.pause()
        await stage.pilot.resize_terminal(120, 40)
        await stage.until("paged bob")
