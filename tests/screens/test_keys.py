"""What the keys do, on the screens where they do it."""

import pytest

from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from screens.commands import COMMAND_TABLE, EVERYWHERE, Command, available
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import NOW, fleet, gpu_row, model_row, slo, snapshot


def picture(**changes: object) -> Snapshot:
    rows: list[ModelRow] = [
        model_row("alpha", rate=1.0),
        model_row("beta", rate=2.0, slo=slo(ratio=3.0)),
        model_row("gamma", rate=3.0),
    ]
    gpus = tuple(gpu_row(f"GPU-{i}", number=str(i), utilization=i / 10) for i in range(3))
    return snapshot(rows, gpus=gpus, **changes)


def rows(stage: Stage) -> list[str]:
    known = ("alpha", "beta", "gamma")
    title = next(i for i, line in enumerate(stage.lines) if "RATE/s" in line)
    table = stage.lines[title + 1 : title + 4]
    return [word for line in table for word in line.split()[:3] if word in known]


@pytest.mark.parametrize("size", SIZES)
async def test_numbers_change_the_screen_and_esc_comes_back(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        await stage.press("3")
        assert "UTIL %" in stage.text
        await stage.press("2")
        assert "99.9 % answered" in stage.text
        assert "Replicas" in stage.text
        await stage.press("6")
        assert "No alert fires." in stage.text
        await stage.press("4")
        await stage.until("ROLLOUT")
        await stage.press("1")
        assert "RATE/s" in stage.text
        await stage.press("3", "escape")
        assert "RATE/s" in stage.text


async def test_enter_opens_the_model_under_the_cursor() -> None:
    async with staged(picture()) as stage:
        await stage.press("j", "enter")
        assert "alpha v7" in stage.text
        await stage.press("escape", "j", "enter")
        assert "gamma v7" in stage.text


async def test_sort_goes_through_the_columns_and_reverse_turns_them_round() -> None:
    async with staged(picture()) as stage:
        assert rows(stage) == ["beta", "alpha", "gamma"]
        await stage.press("s")
        assert "MODEL▾" in stage.text
        assert rows(stage) == ["alpha", "beta", "gamma"]
        await stage.press("S")
        assert rows(stage) == ["gamma", "beta", "alpha"]
        await stage.press("s", "s", "s")
        assert "▾RATE/s" in stage.text
        assert rows(stage) == ["gamma", "beta", "alpha"]


async def test_a_click_on_a_title_sorts_and_a_second_one_turns_it_round() -> None:
    async with staged(picture()) as stage:
        y = next(i for i, line in enumerate(stage.lines) if "RATE/s" in line)
        x = stage.lines[y].index("RATE/s") + 1
        await stage.pilot.click(offset=(x, y))
        await stage.pilot.pause()
        assert rows(stage) == ["gamma", "beta", "alpha"]
        await stage.pilot.click(offset=(x, y))
        await stage.pilot.pause()
        assert rows(stage) == ["alpha", "beta", "gamma"]


async def test_the_filter_narrows_while_it_is_typed_and_esc_clears_it() -> None:
    async with staged(picture()) as stage:
        await stage.press("slash", *"rate>1.5")
        assert rows(stage) == ["beta", "gamma"]
        assert "2 of 3" in stage.text
        await stage.press("enter")
        assert rows(stage) == ["beta", "gamma"]
        await stage.press("j", "enter")
        assert "gamma v7" in stage.text
        await stage.press("escape", "escape")
        assert rows(stage) == ["beta", "alpha", "gamma"]


async def test_a_broken_term_is_reported_beside_the_filter_with_the_nearest_name() -> None:
    async with staged(picture(), (80, 24)) as stage:
        await stage.press("slash", *"p9>200")
        assert "no field p9: did you mean p99?" in stage.text
        assert rows(stage) == ["beta", "alpha", "gamma"]


async def test_a_filter_that_leaves_nothing_says_so() -> None:
    async with staged(picture()) as stage:
        await stage.press("slash", *"zzz")
        assert "No model matches zzz" in stage.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_nothing_is_shown_of_a_row_that_is_not_listed(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        shown = ("objective", "waiting", "wait ", "burn 5m")
        assert any(word in stage.text for word in shown)
        await stage.press("slash", *"zzz")
        assert not any(word in stage.text for word in shown)


async def test_pause_holds_the_picture_and_says_how_old_it_is() -> None:
    async with staged(picture()) as stage:
        await stage.press("space")
        assert "PAUSED" in stage.lines[0]
        await stage.show(snapshot([model_row("omega")], at=NOW + 42, elapsed_s=942.0))
        assert rows(stage) == ["beta", "alpha", "gamma"]
        assert "omega" not in stage.text
        stage.app.page.tick()
        await stage.pilot.pause()
        assert "PAUSED 42s ago" in stage.lines[0]
        await stage.press("space")
        assert "PAUSED" not in stage.lines[0]
        assert "omega" in stage.text


async def test_copy_puts_the_equivalent_command_on_the_clipboard() -> None:
    async with staged(picture()) as stage:
        await stage.press("y")
        assert stage.app.clipboard.startswith("triton-console status http://triton-0:8000")
        await stage.press("2", "y")
        assert '"beta"' in stage.app.clipboard


async def test_the_theme_changes_and_comes_back() -> None:
    async with staged(picture()) as stage:
        await stage.press("ctrl+t")
        assert stage.app.theme == "console-light"
        await stage.press("ctrl+t")
        assert stage.app.theme == "console-dark"


async def test_help_explains_the_screen_and_closes() -> None:
    async with staged(picture(), (200, 60)) as stage:
        await stage.press("question_mark")
        assert "Hold the picture still" in stage.text
        await stage.press("end")
        assert "p99 latency, ms" in stage.text
        await stage.press("q")
        assert "Hold the picture still" not in stage.text
        assert stage.app.is_running


async def test_the_palette_runs_commands_and_opens_models() -> None:
    async with staged(picture()) as stage:
        await stage.press("colon", *"gamma")
        while "Open gamma v7" not in stage.text:
            await stage.pilot.pause()
        await stage.press("down", "enter")
        assert stage.app.page.where == "model"
        assert "gamma v7" in stage.text


async def test_q_leaves_and_closes_the_engine() -> None:
    async with staged(picture()) as stage:
        await stage.press("q")
    assert stage.engine.closed


async def test_read_only_is_said_in_the_header() -> None:
    async with staged(picture(fleet=fleet("triton-0", read_only=True))) as stage:
        assert "READ-ONLY" in stage.lines[0]


def test_read_only_takes_acting_commands_away_in_one_place() -> None:
    freeze = Command("freeze", "f", "f", "Freeze changes", EVERYWHERE, "freeze", acting=True)
    table = (*COMMAND_TABLE, freeze)
    assert freeze in available("models", read_only=False, commands=table)
    assert freeze not in available("models", read_only=True, commands=table)
