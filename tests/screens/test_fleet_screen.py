"""The fleet screen: what it shows, and what its keys do."""

import pytest

from console.domain.fleet import ModelVersion
from console.domain.rows import ReplicaRow
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from tests.fake_history import FakeHistory
from tests.screens.stage import SIZES, staged
from tests.snapshots import HOSTILE_NAMES, down_target, gpu_row, model_row, snapshot, target_row

KEY = ModelVersion("ranker", "7")


def picture(servers: int = 4, **changes: object) -> Snapshot:
    names = tuple(f"triton-{number}" for number in range(servers))
    well = ReplicaRow("", KEY, State.READY, "", 400.0, 0.0, 20.0, 46.0, 1.0, 10.0, 0.0, 0.4, stale=False)
    replicas = [well._replace(target=name, p99_ms=183.0 if name == "triton-3" else 46.0) for name in names]
    targets = [target_row(name, gpus=(f"GPU-{name}",)) for name in names]
    gpus = tuple(gpu_row(f"GPU-{name}", number="0", pod=name) for name in names)
    rows = [model_row("embed", "1"), model_row(targets=names, ready=servers)]
    values = {"gpus": gpus, "history": FakeHistory(replicas), **changes}
    return snapshot(rows, targets, **values)


@pytest.mark.parametrize("size", SIZES)
async def test_seven_shows_every_server_the_slowest_of_those_that_are_well_on_top(
    size: tuple[int, int],
) -> None:
    async with staged(picture(), size) as stage:
        await stage.press("7")
        await stage.until("SERVER")
        rows = [line for line in stage.lines if " ready " in line]
        assert "triton-3" in rows[0]
        assert "183.0ˢ" in rows[0]
        assert all(len(line) <= size[0] for line in stage.lines)
        await stage.press("escape")
        await stage.until("OF OBJECTIVE")


async def test_a_wide_terminal_has_the_three_panels() -> None:
    async with staged(picture()) as stage:
        await stage.press("7")
        await stage.until("Placement  triton-3")
        await stage.until("the server's own UUID")
        await stage.until("p99 of triton-3 is 4× the median")
        await stage.until("an autoscaler on these computes")


async def test_a_small_terminal_says_what_differs() -> None:
    async with staged(picture(), (80, 24)) as stage:
        await stage.press("7")
        await stage.until("p99 of triton-3 is 4× the median")
        assert "Placement" not in stage.text
    async with staged(picture(30), (80, 24)) as stage:
        await stage.press("7")
        await stage.until("p99 of triton-3")


async def test_tab_shows_the_selected_model_alone_and_all_again() -> None:
    async with staged(picture()) as stage:
        await stage.press("j", "7")
        await stage.until("figures of all models")
        await stage.press("tab")
        await stage.until("figures of ranker")
        assert "v7" in stage.line("triton-3")
        await stage.press("tab")
        await stage.until("figures of all models")


async def test_it_filters_and_sorts_as_the_other_tables_do() -> None:
    async with staged(picture()) as stage:
        await stage.press("7", "slash", *"p99>100")
        await stage.until("1 of 4")
        await stage.press("escape")
        await stage.until("1 of 4", gone=True)
        await stage.press("s")
        await stage.until("SERVER▾")
        assert "triton-0" in next(line for line in stage.lines if " ready " in line)


async def test_without_others_to_open_enter_and_f_do_no_harm() -> None:
    async with staged(picture()) as stage:
        await stage.press("7", "enter", "F")
        await stage.until("SERVER")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_break_no_line(size: tuple[int, int]) -> None:
    rows = [target_row(f"{name}{number}", gpus=(name,)) for number, name in enumerate(HOSTILE_NAMES)]
    async with staged(snapshot(targets=[*rows, down_target()]), size) as stage:
        await stage.press("7")
        await stage.until("SERVER")
        assert not set("\x1b\x07\u202e") & set(stage.text)
        assert len(stage.lines) == size[1]
