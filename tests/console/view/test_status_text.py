import unicodedata

import pytest

from console.domain.basis import Missing
from console.domain.rows import Warn
from console.view.status_text import status_lines
from console.view.styled import plain, width
from tests.snapshots import (
    HOSTILE_NAMES,
    NOW,
    alert,
    down_target,
    failed_model,
    frozen,
    gpu_row,
    model_row,
    slo,
    snapshot,
    target_row,
)


def text(shot, cells=120) -> list[str]:
    return [plain(line).rstrip() for line in status_lines(shot, cells)]


def test_the_worst_model_is_on_top_and_says_why():
    rows = [model_row("calm"), failed_model("ocr"), model_row("ranker", slo=slo(ratio=3.7, burn=21.0))]
    lines = text(snapshot(rows))
    first = next(i for i, line in enumerate(lines) if "MODEL" in line) + 1
    assert [lines[first + i].split()[1] for i in range(3)] == ["ocr", "ranker", "calm"]
    assert "ModuleNotFoundError: No module named 'cv2'" in lines[first]
    assert "3.7×" in lines[first + 1]


def test_the_header_says_how_much_of_the_fleet_answers():
    lines = text(snapshot(targets=[target_row(), down_target()], alerts=(alert(),)))
    assert "prod" in lines[0]
    assert "1/2 targets" in lines[0]
    assert "1 page" in lines[0]


def test_a_target_that_is_down_says_what_to_do():
    lines = text(snapshot(models=[], targets=[down_target()]))
    told = next(line for line in lines if "connection refused" in line)
    assert "triton-9" in told
    assert "→ is the server started, and is the port right?" in told


def test_well_targets_are_not_listed():
    assert "TARGETS" not in text(snapshot())


def test_a_warning_is_said_once_with_whom_it_concerns():
    warn = Warn("w", "an error counts as a success", "probe it")
    rows = [model_row(f"m{i}", "1", warnings=(warn,)) for i in range(9)]
    told = [line for line in text(snapshot(rows)) if "counts as a success" in line]
    assert told == ["▲ m0/1, m1/1, m2/1 and 6 more: an error counts as a success  → probe it"]


def test_the_mean_is_shown_at_80_cells_when_it_is_all_that_is_known():
    unknown = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED, mean_ms=40.5)
    assert any("MEAN ms" in line for line in text(snapshot([unknown]), 80))
    assert not any("MEAN ms" in line for line in text(snapshot(), 80))


@pytest.mark.parametrize("cells", [80, 120, 200])
def test_tables_fit_and_columns_line_up(cells):
    rows = [model_row(name) for name in HOSTILE_NAMES]
    lines = status_lines(snapshot(rows, gpus=(gpu_row(), gpu_row("GPU-2", number="1"))), cells)
    tables = [plain(line) for line in lines if plain(line).startswith(("●", " "))]
    assert len(tables) == len(rows) + 4
    assert max(width(line) for line in tables) <= cells
    ready = {width(line.split("READY")[0]) for line in tables if "READY" in line}
    assert len(ready) == 1


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_can_act_on_the_terminal(name):
    shot = snapshot(
        [
            model_row(name, name, warnings=(Warn("w", name, name),)),
            failed_model(name, reason=name or "x"),
            model_row("ok", targets=(name,), reason=name),
        ],
        [target_row(name, warnings=(Warn("w", name, name),)), down_target(name)],
        gpus=(gpu_row(name, name=name, node=name, pod=name, number=name),),
        alerts=(alert(name, message=name, evidence=name),),
        notes=(name,),
    )
    for line in text(shot, 200):
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
        assert width(line) < 1000


def test_a_freeze_is_told_in_full_while_it_is_in_force():
    said = "❄ deploys are frozen by ana@bastion since 08:41Z (12 min): p99 of ranker, until 12:41Z"
    assert text(snapshot(frozen=frozen()))[1] == said
    assert "deploys are frozen" not in "".join(text(snapshot(frozen=frozen(until=NOW))))
    assert "until" not in text(snapshot(frozen=frozen(until=None)))[1]
