"""The models screen as an engineer sees and drives it."""

import pytest

from console.domain.rows import ModelRow
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import (
    HOSTILE_NAMES,
    NOW,
    alert,
    down_target,
    failed_model,
    marker,
    model_row,
    slo,
    snapshot,
    target_row,
)


def three() -> list[ModelRow]:
    return [
        model_row("alpha", rate=1.0),
        model_row("beta", rate=2.0, slo=slo(ratio=3.0)),
        model_row("gamma", rate=3.0),
    ]


def cursor(stage: Stage) -> str:
    return next(line for line in stage.lines if line.startswith("▸")).split()[2]


@pytest.mark.parametrize("size", SIZES)
async def test_each_size_shows_the_worst_model_first_and_its_figures(size: tuple[int, int]) -> None:
    async with staged(snapshot(three()), size) as stage:
        rows = [line for line in stage.lines if " READY " in line]
        assert "beta" in rows[0]
        assert "3.0×" in rows[0]
        assert "1/1 targets" in stage.lines[0]
        assert "08:53:2" in stage.lines[0]
        assert all(len(line) <= size[0] for line in stage.lines)
        assert len(stage.lines) == size[1]


async def test_a_small_terminal_keeps_the_table_and_tells_of_the_selected_model_in_one_line() -> None:
    many = [*three(), *(model_row(f"other-{i}") for i in range(20))]
    async with staged(snapshot(many), (80, 24)) as stage:
        assert "beta v7  queue 12.0  wait 3" in stage.text
        assert "SLO" not in stage.text
        assert len([line for line in stage.lines if " READY " in line]) > 15


async def test_a_small_terminal_with_few_models_has_room_for_one_chart() -> None:
    async with staged(snapshot(three()), (80, 24)) as stage:
        assert "SLO" in stage.text
        assert "Compute" not in stage.text


async def test_a_large_terminal_has_three_panels_with_marked_charts() -> None:
    picture = snapshot(three(), markers=(marker(subject="beta/7"),))
    async with staged(picture, (120, 40)) as stage:
        for title in ("SLO", "Queue", "Compute"):
            assert title in stage.text
        assert "load v7 08:50:20" in stage.text


async def test_before_the_first_picture_it_says_what_it_connects_to() -> None:
    async with staged(snapshot(), quiet=True) as stage:
        assert "connecting to 1 target" in stage.lines[0]
        assert "http://triton-0:8000" in stage.text


async def test_nobody_answers_each_failure_and_what_to_do_stand_in_place_of_the_table() -> None:
    picture = snapshot([], [down_target("triton-0"), down_target("triton-1")])
    async with staged(picture) as stage:
        assert "No target answers." in stage.text
        assert "live: connection refused at http://triton-1:8000" in stage.text
        assert "→ is the server started, and is the port right?" in stage.text
        assert "triton-console drill" in stage.text
        await stage.show(snapshot(three()))
        assert "No target answers." not in stage.text
        assert cursor(stage) == "beta"


async def test_partial_coverage_is_said_plainly() -> None:
    async with staged(snapshot(three(), [target_row(), down_target()])) as stage:
        assert "▲ 1/2 targets" in stage.lines[0]
        assert "connection refused at http://triton-9:8000" in stage.text


async def test_alerts_are_counted_and_the_worst_is_spelled_out() -> None:
    async with staged(snapshot(three(), alerts=(alert(),))) as stage:
        assert "▲ 1 page" in stage.lines[0]
        assert "ranker/7 burns its budget 21×" in stage.lines[1]
        assert "since 08:49:20" in stage.lines[1]


async def test_a_model_that_failed_to_load_gives_its_reason_in_the_place_of_figures() -> None:
    async with staged(snapshot([failed_model(), model_row()])) as stage:
        row = stage.line("UNAVAIL")
        assert "ocr" in row
        assert "No module named 'cv2'" in row


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
async def test_hostile_names_are_shown_literally_and_break_no_line(name: str, size: tuple[int, int]) -> None:
    rows = [model_row(name, reason=name, state=model_row().state), failed_model("plain", reason=name)]
    async with staged(snapshot(rows, alerts=(alert(name, message=name, evidence=name),)), size) as stage:
        await stage.press("enter")
        await stage.press("escape")
        text = stage.text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x07" not in text
        assert "plain" in text
        assert len(stage.lines) == size[1]


async def test_markup_is_not_interpreted() -> None:
    async with staged(snapshot([model_row("[red]bold[/red]")]), (200, 60)) as stage:
        assert "[red]bold[/red]" in stage.text


async def test_too_small_a_terminal_says_so_and_recovers() -> None:
    async with staged(snapshot(three()), (80, 24)) as stage:
        await stage.pilot.resize_terminal(30, 7)
        await stage.pilot.pause()
        assert "Too small" in stage.text
        await stage.pilot.resize_terminal(120, 40)
        await stage.pilot.pause()
        assert "Too small" not in stage.text
        assert "beta" in stage.text
        assert "Compute" in stage.text


async def test_the_clock_goes_on_while_nothing_arrives() -> None:
    async with staged(snapshot(three())) as stage:
        state = stage.app.watching
        assert state.moment(state._arrived + 20).now == NOW + 20


async def test_an_empty_repository_is_not_an_empty_screen() -> None:
    async with staged(snapshot([])) as stage:
        assert "No models: the repositories are empty." in stage.text
