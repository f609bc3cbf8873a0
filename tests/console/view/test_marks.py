"""Marks on charts: which changes, in which words."""

import pytest

from console.domain.incident import Incident, markers_of
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Recalled
from console.view.charts import Mark, Stretch
from console.view.gpu_panels import gpu_panels
from console.view.marks import gpu_marks, marks
from tests.snapshots import HOSTILE_NAMES, NOW, gpu_row, marker, model_row, snapshot, target_row

STRETCH = Stretch(NOW, 300.0, 1.0)


def test_marks_are_the_models_own_and_its_targets_within_the_stretch() -> None:
    markers = (
        marker(MarkerKind.LOAD, "ranker/7"),
        marker(MarkerKind.LOAD, "ranker/7", at=NOW - 179, target="triton-1"),
        marker(MarkerKind.LOAD, "other/1"),
        marker(MarkerKind.DOWN, "triton-0", model="", version="", at=NOW - 20),
        marker(MarkerKind.DOWN, "triton-7", model="", version="", target="triton-7"),
        marker(MarkerKind.CONFIG, "ranker/7", at=NOW - 4000),
    )
    row = model_row()
    found = marks(snapshot([row], markers=markers), row, STRETCH)
    assert [mark.label for mark in found] == ["load v7 ×2 08:50:20", "triton-0 down 08:53:00"]
    assert [mark.short for mark in found] == ["load v7 ×2", "triton-0 down"]


def test_a_rollout_over_the_targets_is_one_mark_and_a_second_one_another() -> None:
    ats = (NOW - 250, NOW - 240, NOW - 230, NOW - 40)
    markers = tuple(marker(MarkerKind.LOAD, "ranker/7", at=at) for at in ats)
    row = model_row()
    found = marks(snapshot([row], markers=markers), row, STRETCH)
    assert [(mark.at, mark.short) for mark in found] == [(NOW - 250, "load v7 ×3"), (NOW - 40, "load v7")]


def test_a_freeze_is_a_mark_on_every_model() -> None:
    froze = marker(MarkerKind.FREEZE, "deploys", model="", version="", target="")
    row = model_row()
    assert [mark.short for mark in marks(snapshot([row], markers=(froze,)), row, STRETCH)] == ["freeze"]


def test_only_the_newest_marks_have_labels() -> None:
    markers = tuple(marker(MarkerKind.LOAD, f"ranker/{n}", at=NOW - 200 + n) for n in range(5))
    row = model_row()
    found = marks(snapshot([row], markers=markers), row, STRETCH)
    assert [mark.short for mark in found] == ["", "", "load v2", "load v3", "load v4"]


def words(*markers: Marker) -> list[str]:
    row = model_row()
    return [mark.short for mark in marks(snapshot([row], markers=markers), row, STRETCH)]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (MarkerKind.LOAD, "load v7"),
        (MarkerKind.UNLOAD, "unload v7"),
        (MarkerKind.FAILURE, "load failed v7"),
        (MarkerKind.CONFIG, "config v7"),
        (MarkerKind.RESET, "reset v7"),
        (MarkerKind.ROLLOUT, "rollout v7"),
        (MarkerKind.WEIGHT, "weight v7"),
    ],
)
def test_each_kind_of_change_has_its_word(kind: MarkerKind, word: str) -> None:
    assert words(marker(kind)) == [word]


def test_an_action_of_ours_is_marked_with_its_goal_and_without_its_outcome() -> None:
    detail = "reduce ranker to 25 %: verified (k3x9ab)"
    assert words(marker(MarkerKind.ACTION, "ranker", version="", detail=detail)) == ["reduce ranker to 25 %"]


def test_what_is_judged_from_the_figures_is_no_mark() -> None:
    kinds = (MarkerKind.EFFECT, MarkerKind.ALERT, MarkerKind.TRIAGE)
    assert words(*(marker(kind) for kind in kinds)) == []


def test_a_note_is_marked_with_its_first_words_where_there_is_room() -> None:
    row = model_row()
    note = Marker(
        NOW - 60, MarkerKind.NOTE, "prod", "ana@bastion: the upstream team says: it is their cache again"
    )
    (mark,) = marks(snapshot([row], markers=(note,)), row, STRETCH)
    assert mark == Mark(NOW - 60, "note the upstream team says:…", "note")


def test_a_note_that_nobody_signed_keeps_all_its_words() -> None:
    row = model_row()
    note = Marker(NOW - 60, MarkerKind.NOTE, "prod", "to do: call bob")
    assert marks(snapshot([row], markers=(note,)), row, STRETCH)[0].label == "note to do: call bob"


def test_notes_close_to_each_other_are_one_mark_and_those_of_other_models_none() -> None:
    mine = marker(MarkerKind.NOTE, "ranker", at=NOW - 60, detail="ana: one", version="", target="")
    fleets = Marker(NOW - 50, MarkerKind.NOTE, "prod", "ana: two")
    other = marker(MarkerKind.NOTE, "embed", at=NOW - 40, detail="ana: three", version="", target="")
    assert words(mine, fleets, other) == ["note ×2"]


def test_an_incident_is_marked_where_it_was_opened_and_closed() -> None:
    opened, closed = markers_of(Incident("1009-abc", NOW - 200, "ana", closed=NOW - 20, closed_by="bob"))
    assert words(opened, closed) == ["incident opened", "incident closed"]
    assert gpu_words(opened) == ["incident opened"]


def test_where_the_watch_began_is_marked_as_long_as_what_is_before_can_be_seen() -> None:
    row = model_row()
    recalled = Recalled("flight recorder", NOW - 3600, NOW - 100)
    shown = snapshot([row], markers=(marker(at=NOW - 30),), recalled=recalled)
    began, load = marks(shown, row, STRETCH)
    assert began == Mark(NOW - 100, "◂ flight recorder", "◂")
    assert load.short == "load v7"
    assert [mark.short for mark in marks(shown, row, Stretch(NOW, 60.0, 1.0))] == ["load v7"]


def gpu_words(*markers: Marker, gpus: tuple[str, ...] = ("GPU-a",)) -> list[str]:
    row = gpu_row("GPU-a")
    targets = [target_row("triton-0", gpus=gpus), target_row("triton-1", gpus=("GPU-b",))]
    return [mark.short for mark in gpu_marks(snapshot(targets=targets, markers=markers), row, STRETCH)]


def test_on_a_gpu_every_model_of_its_servers_is_named_and_no_other_servers() -> None:
    mine = marker(MarkerKind.LOAD, "embed/3", at=NOW - 100)
    other = marker(MarkerKind.LOAD, "ocr/1", target="triton-1", at=NOW - 50)
    restart = marker(MarkerKind.RESTART, "triton-0", model="", version="", at=NOW - 20)
    assert gpu_words(mine, other, restart) == ["load embed v3", "triton-0 restart"]


def test_a_gpu_that_no_server_claims_shows_the_changes_of_all() -> None:
    other = marker(MarkerKind.LOAD, "ocr/1", target="triton-1")
    assert gpu_words(other, gpus=()) == ["load ocr v1"]


def test_both_charts_of_a_gpu_have_the_marks() -> None:
    row = gpu_row("GPU-a")
    made = snapshot(targets=[target_row(gpus=("GPU-a",))], markers=(marker(),))
    assert all(panel.chart.marks for panel in gpu_panels(made, row, STRETCH))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_words_are_visible_and_short(name: str) -> None:
    hostile = marker(MarkerKind.ACTION, "ranker", detail=name)
    loaded = marker(MarkerKind.LOAD, model=name, version=name)
    for word in (*words(hostile), *gpu_words(loaded)):
        assert word.isprintable()
        assert len(word) <= 50
