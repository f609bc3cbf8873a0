"""The model and the GPUs screen, colours, and an engine that fails."""

import pytest

from console.domain.basis import Missing
from console.domain.contract import Clause, Held
from console.domain.fleet import ModelVersion
from console.domain.probe import ProbeOutcome
from console.domain.rows import ReplicaRow, Warn
from console.domain.triton import State
from screens.app import ConsoleApp
from tests.parts.contracts import WHOLE, read
from tests.screens.stage import SIZES, staged
from tests.snapshots import FakeHistory, failed_model, gpu_row, model_row, probe_summary, snapshot


@pytest.mark.parametrize("size", SIZES)
async def test_the_model_screen_tells_all_there_is(size: tuple[int, int]) -> None:
    row = model_row(
        warnings=(Warn("x", "the index omits it", "restore its directory"),),
        probes=(probe_summary(ProbeOutcome.WRONG, detail="OUTPUT0[0]: 3 instead of 4"),),
    )
    async with staged(snapshot([row]), size) as stage:
        await stage.press("enter")
        found = stage.text
        for _ in range(8):
            await stage.press("pagedown")
            found += stage.text
        for part in ("the index omits it", "restore its directory", "OUTPUT0[0]: 3 instead of 4", "BACKEND"):
            assert part in found
        for part in ("Replicas", "State history", "LOADING", '"backend": "python"', "p99 120.0ˢ"):
            assert part in found


@pytest.mark.parametrize("size", SIZES)
async def test_the_model_screen_says_whose_it_is_and_what_of_its_contract_is_broken(
    size: tuple[int, int],
) -> None:
    clause = Clause("contract.io", passed=False, detail="contract says FP32, server says FP16")
    held = Held(read(WHOLE), (clause,))
    async with staged(snapshot([model_row()], contracts={"ranker": held}), size) as stage:
        await stage.press("enter")
        found = stage.text
        for _ in range(8):
            await stage.press("pagedown")
            found += stage.text
        for part in ("Contract", "owner    ml-ranking", "ana@example.com", "✗ io", "server says FP16"):
            assert part in found


async def test_replicas_show_the_one_that_is_stale() -> None:
    key = ModelVersion("ranker", "7")
    well = ReplicaRow("triton-0", key, State.READY, "", 4.0, 0.0, 4.0, 12.0, 1.0, 2.0, 0.0, 0.4, stale=False)
    history = FakeHistory([well, well._replace(target="triton-1", age_s=33.0, stale=True)])
    async with staged(snapshot([model_row()], history=history), (200, 60)) as stage:
        await stage.press("enter")
        assert "● triton-0" in stage.text
        assert "◌ triton-1" in stage.text
        assert "33s" in stage.line("◌ triton-1")


async def test_a_version_that_goes_away_is_said_to_be_gone() -> None:
    async with staged(snapshot([model_row()])) as stage:
        await stage.press("enter")
        await stage.show(snapshot([model_row("other")]))
        assert "gone from every server" in stage.text


async def test_a_model_that_failed_has_a_screen_too() -> None:
    async with staged(snapshot([failed_model()])) as stage:
        await stage.press("enter")
        assert "does not serve: Internal: ModuleNotFoundError" in stage.text


async def test_without_percentiles_the_screen_names_the_flag_that_gives_them() -> None:
    row = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED)
    async with staged(snapshot([row]), (200, 60)) as stage:
        assert "n/a" in stage.text
        assert "summary_latencies=true" in stage.text


@pytest.mark.parametrize("size", SIZES)
async def test_gpus_stand_by_place_and_what_is_not_exported_is_said(size: tuple[int, int]) -> None:
    gpus = (
        gpu_row("GPU-b", number="10", sm_active=None),
        gpu_row("GPU-a", number="2", mig="1g.10gb/7", stale=True, age_s=40.0),
    )
    async with staged(snapshot(gpus=gpus), size) as stage:
        await stage.press("3")
        lines = [line for line in stage.lines if "node-0" in line and "55.0" in line]
        assert [line.split("node-0")[1].split()[0] for line in lines] == ["2", "10"]
        assert "n/a" in lines[1]
        assert "◌" in lines[0]
        assert "40s" in lines[0]


async def test_gpus_can_be_filtered_by_their_own_fields() -> None:
    gpus = (gpu_row("GPU-b", number="1", utilization=0.9), gpu_row("GPU-a", number="2", utilization=0.1))
    async with staged(snapshot(gpus=gpus)) as stage:
        await stage.press("3", "slash", *"util>50")
        assert "1 of 2" in stage.text


async def test_without_gpus_the_notes_say_why() -> None:
    async with staged(snapshot(gpus=(), notes=("nvml: no NVIDIA driver here",))) as stage:
        await stage.press("3")
        assert "No GPU is reported by any source." in stage.text
        assert "nvml: no NVIDIA driver here" in stage.text


async def test_without_colour_nothing_is_coloured_and_the_signs_remain() -> None:
    async with staged(snapshot([failed_model(), model_row()]), color=False) as stage:
        filters = stage.app._filters
        assert any(type(found).__name__ == "NoColor" for found in filters)
        assert "✗" in stage.text
        assert "▸" in stage.text


async def test_only_the_newest_of_queued_pictures_is_drawn() -> None:
    async with staged(snapshot([model_row()])) as stage:
        drawn: list[int] = []
        page = stage.app.page
        refresh = page.refresh_page
        page.refresh_page = lambda: (drawn.append(1), refresh())[1]  # type: ignore[method-assign]
        await stage.show(*(snapshot([model_row(rate=float(i))], sequence=i) for i in range(50)))
        assert len(drawn) < 5
        assert "49.0" in stage.text


async def test_an_engine_that_cannot_be_opened_ends_the_app_with_an_error() -> None:
    def broken() -> object:
        raise RuntimeError("no engine today")

    app = ConsoleApp(snapshot().fleet, broken)  # type: ignore[arg-type]

    async def played() -> None:
        async with app.run_test() as pilot:
            while app.is_running:
                await pilot.pause()

    with pytest.raises(Exception, match="no engine today"):
        await played()
