"""The models table as text: order, cells, and the faces of the unknown."""

import pytest

from console.domain.basis import Basis, Missing
from console.domain.probe import ProbeOutcome
from console.domain.rows import ModelRow, Warn
from console.domain.triton import State
from console.domain.versions import SCRAPED
from console.view.filters import Filter
from console.view.models import COLUMNS, models_table, ordered
from console.view.severity import Level, level
from console.view.styled import plain
from console.view.table import Sort
from console.view.verdict import verdict
from tests.snapshots import failed_model, fleet, model_row, percentiles, probe_summary, slo, snapshot

UNKNOWN = dict.fromkeys(
    (
        "rate",
        "error_ratio",
        "mean_ms",
        "percentiles",
        "queue_ms",
        "input_ms",
        "infer_ms",
        "output_ms",
        "batch",
    )
)


def cells(row: ModelRow, *wanted: str) -> dict[str, str]:
    table = models_table(snapshot([row]), Filter(""))
    made = table.row(row, frozenset(wanted))
    return {column.id: plain(cell) for column, cell in zip(table.columns, made.cells, strict=True)}


def test_a_row_says_each_figure_with_its_basis() -> None:
    found = cells(model_row())
    assert found["sign"] == "●"
    assert found["rate"] == "412.0"
    assert found["errors"] == "0.02"
    assert found["p99"] == "120.0ˢ"
    assert found["slo"].endswith("0.6×")
    assert found["burn_5m"] == "0.2×"
    assert found["compute"] == "27.5"
    assert cells(model_row(percentiles=percentiles(40.0, Basis.HISTOGRAM)))["p99"] == "40.0ʰ"


FACES = {
    Missing.NO_DATA: "…",
    Missing.WAITING: "··",
    Missing.IDLE: "idle",
    Missing.FORBIDDEN: "key?",
    Missing.UNSUPPORTED: "n/a",
}


@pytest.mark.parametrize(("missing", "face"), FACES.items())
def test_each_kind_of_unknown_looks_different_and_none_is_zero(missing: Missing, face: str) -> None:
    row = model_row(**UNKNOWN, slo=slo(None, None), missing=missing, latency_missing=missing)
    found = cells(row)
    assert {
        found[name] for name in ("rate", "errors", "p99", "slo", "queue", "compute", "batch", "mean")
    } == {face}


def test_figures_that_prometheus_does_not_tell_yet_are_missing_and_no_reason_stands_in_their_place() -> None:
    row = model_row(**UNKNOWN, state=State.UNKNOWN, reason=SCRAPED, ready=0, missing=Missing.WAITING)
    assert models_table(snapshot([row]), Filter("")).row(row, frozenset()).message == ()
    assert (cells(row)["state"], cells(row)["rate"]) == ("scraped", "··")


def test_where_prometheus_tells_of_no_model_no_target_is_blamed() -> None:
    none = snapshot([], [], fleet=fleet(through_prometheus=True))
    assert "Prometheus tells of none" in plain(models_table(none, Filter("")).empty[0])


def test_a_stale_row_keeps_its_values_dimmed_with_their_age() -> None:
    row = model_row(stale=True, age_s=12.3)
    assert cells(row)["state"] == "old 12s"
    assert cells(row)["rate"] == "412.0"
    assert models_table(snapshot([row]), Filter("")).row(row, frozenset()).role == "stale"


def test_what_a_stale_row_no_longer_knows_is_called_stale() -> None:
    found = cells(model_row(stale=True, age_s=12.3, percentiles=None, pending=None))
    assert (found["p99"], found["pending"]) == ("stale", "stale")


def test_percentiles_of_another_quantile_are_not_measured_against_the_threshold_of_p99() -> None:
    row = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED, slo=slo(None, 0.1))
    found = cells(row)
    assert (found["p99"], found["slo"], found["mean"]) == ("n/a", "n/a", "40.5")


def test_the_mean_stays_on_narrow_terminals_where_a_percentile_is_not_available() -> None:
    def drop(row: ModelRow) -> int:
        return next(c.drop for c in models_table(snapshot([row]), Filter("")).columns if c.id == "mean")

    assert drop(model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED)) < drop(model_row())


def test_a_version_that_serves_on_some_targets_keeps_its_figures() -> None:
    row = model_row(state=State.UNAVAILABLE, reason="no such file", ready=2, targets=("a", "b", "c"))
    found = cells(row)
    assert found["state"] == "READY 2/3"
    assert found["rate"] == "412.0"
    assert found["note"] == "no such file"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (failed_model(), "Internal: ModuleNotFoundError: No module named 'cv2'"),
        (failed_model(reason="unloaded"), "unloaded"),
        (failed_model(reason="", state=State.ABSENT), "never loaded"),
        (failed_model(reason="\ntwo\rlines\nmore"), "two\\rlines …"),
    ],
)
def test_a_version_that_serves_nowhere_has_its_reason_in_the_place_of_figures(
    row: ModelRow, message: str
) -> None:
    assert plain(models_table(snapshot([row]), Filter("")).row(row, frozenset()).message) == message


WORST_FIRST = [
    (Level.NOT_SERVING, failed_model("a")),
    (Level.PROBE_FAILS, model_row("b", probes=(probe_summary(ProbeOutcome.ERROR),))),
    (Level.BURNS_FAST, model_row("c", slo=slo(0.9, 20.0))),
    (Level.SLOW, model_row("d", slo=slo(1.2, 0.5))),
    (Level.BURNS, model_row("e", slo=slo(0.9, 2.0))),
    (Level.PARTLY, model_row("f", targets=("x", "y"))),
    (Level.WARNED, model_row("g", warnings=(Warn("w", "something is wrong"),))),
    (Level.SLOW_MEAN, model_row("h", percentiles=None, slo=slo(None, None), mean_ms=900.0)),
    (Level.STALE, model_row("i", stale=True)),
    (Level.WELL, model_row("j", warnings=(Warn("w", "a remark", note=True),))),
    (Level.IDLE, model_row("k", slo=slo(None, None), mean_ms=None, missing=Missing.IDLE)),
    (Level.ABSENT, failed_model("l", reason="unloaded")),
]


def test_the_worst_is_on_top() -> None:
    assert [level(row) for _, row in WORST_FIRST] == [expected for expected, _ in WORST_FIRST]
    table = models_table(snapshot([row for _, row in reversed(WORST_FIRST)]), Filter(""))
    assert [row.model for row in table.items] == [row.model for _, row in WORST_FIRST]


def test_every_bad_row_can_say_why() -> None:
    for expected, row in WORST_FIRST:
        assert bool(verdict(row)) == (expected > Level.WELL)


def test_rows_stand_still_while_a_ratio_flickers() -> None:
    def names(*ratios: float) -> list[str]:
        rows = [model_row(name, slo=slo(ratio)) for name, ratio in zip("ab", ratios, strict=True)]
        return [row.model for row in ordered(rows, Sort("sign"))]

    assert names(1.50, 1.52) == names(1.52, 1.50) == ["a", "b"]
    assert names(1.5, 4.0) == ["b", "a"]


def test_a_fast_burn_needs_both_windows_unless_the_long_one_does_not_exist() -> None:
    def found(short: float, long: float | None) -> Level:
        return level(model_row(slo=slo(0.9, None)._replace(burn={"5m": short, "1h": long})))

    assert found(20.0, None) is Level.BURNS_FAST
    assert found(20.0, 15.0) is Level.BURNS_FAST
    assert found(20.0, 2.0) is Level.BURNS
    assert found(20.0, 0.1) is Level.WELL


@pytest.mark.parametrize("column", [c.id for c in COLUMNS if c.title and c.id not in ("trend", "note")])
def test_unknown_figures_stand_last_whichever_way_round(column: str) -> None:
    known, unknown = model_row("a"), failed_model("b", state=State.UNKNOWN, targets=())
    unknown = unknown._replace(key=unknown.key._replace(version="x"))
    if column == "model":
        return
    for turned in (False, True):
        assert [r.model for r in ordered([unknown, known], Sort(column, turned))] == ["a", "b"]


def test_the_trend_is_made_only_when_its_column_is_on_screen() -> None:
    assert cells(model_row())["trend"] == ""
    assert cells(model_row(), "trend")["trend"].strip()
