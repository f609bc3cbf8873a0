import json

import pytest

from console.domain.lint_nodes import selectors
from console.domain.lint_promql import parse
from console.triage.queries import promql
from tests.parts.promtool import promtool
from tests.snapshots import HOSTILE_NAMES

COLUMNS = (
    "rate", "error_ratio", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "queue_ms", "input_ms", "infer_ms", "output_ms",
    "compute_ms", "exec_ms", "item_ms", "batch", "items", "pending", "executions", "inferences",
)  # fmt: skip
NAMES = ("ranker", 'a"b', "a\\b", "{where}", "{model}", '"} or vector(1) #', *HOSTILE_NAMES)

# What a server counts in a second for ten requests that succeed, one that fails and one that a client gave up.
COUNTED = {
    "nv_inference_request_success": 10,
    'nv_inference_request_failure{reason="BACKEND"}': 1,
    'nv_inference_request_failure{reason="CANCELED"}': 1,
    "nv_inference_count": 40,
    "nv_inference_exec_count": 5,
    "nv_inference_request_duration_us": 200_000,
    "nv_inference_queue_duration_us": 40_000,
    "nv_inference_compute_input_duration_us": 10_000,
    "nv_inference_compute_infer_duration_us": 120_000,
    "nv_inference_compute_output_duration_us": 30_000,
}
GAUGES = {
    "nv_inference_pending_request_count": 7,
    'nv_inference_request_summary_us{quantile="0.5"}': 15_000,
    'nv_inference_request_summary_us{quantile="0.95"}': 60_000,
    'nv_inference_request_summary_us{quantile="0.99"}': 90_000,
}
FIGURES = {
    "rate": 12,
    "error_ratio": 1 / 12,
    "mean_ms": 20,
    "queue_ms": 4,
    "input_ms": 1,
    "infer_ms": 12,
    "exec_ms": 12,
    "output_ms": 3,
    "compute_ms": 16,
    "item_ms": 1.5,
    "batch": 8,
    "items": 4,
    "inferences": 40,
    "executions": 5,
    "pending": 7,
    "p50_ms": 15,
    "p95_ms": 60,
    "p99_ms": 90,
}


def labelled(series, model):
    """A series of one model."""
    name, _, labels = series.rstrip("}").partition("{")
    quoted = json.dumps(model, ensure_ascii=False)
    return f"{name}{{{labels}{',' if labels else ''}model={quoted}}}"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("model", [name for name in NAMES if len(name) < 500 and "\n" not in name])
def test_a_query_asks_for_the_model_and_for_nothing_else(column, model):
    found = list(selectors(parse(promql(column, model))))
    assert found
    for each in found:
        assert each.name.startswith("nv_inference_")
        assert [matcher.value for matcher in each.matchers if matcher.label == "model"] == [model]
        assert {matcher.label for matcher in each.matchers} <= {"model", "quantile", "reason"}


@pytest.mark.parametrize("column", ["", "success", "nonsense", "p99", "mean"])
def test_what_has_no_series_has_no_query(column):
    assert promql(column, "ranker") == ""


def test_prometheus_reads_all_queries_of_all_names(tmp_path):
    rules = [
        {"record": f"r:{number}", "expr": promql(column, name)}
        for number, (column, name) in enumerate((c, n) for c in COLUMNS for n in NAMES)
    ]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}))
    checked = promtool("check", "rules", path)
    assert checked.returncode == 0, checked.stderr


def test_prometheus_answers_with_the_figures_that_the_console_shows(tmp_path):
    """Each counter grows evenly; another model's figures are there and change nothing."""
    (tmp_path / "none.json").write_text('{"groups": []}')
    series = [
        {"series": labelled(name, model), "values": f"0+{each * 15 * factor}x40"}
        for name, each in COUNTED.items()
        for model, factor in (("ranker", 1), ("other", 3))
    ] + [{"series": labelled(name, "ranker"), "values": f"{value}x40"} for name, value in GAUGES.items()]
    asked = [
        {"expr": f"round({promql(column, 'ranker')}, 0.0001)", "eval_time": "5m",
         "exp_samples": [{"labels": "{}", "value": round(value, 4)}]}
        for column, value in FIGURES.items()
    ]  # fmt: skip
    told = {
        "rule_files": ["none.json"],
        "tests": [{"interval": "15s", "input_series": series, "promql_expr_test": asked}],
    }
    (tmp_path / "test.json").write_text(json.dumps(told))
    checked = promtool("test", "rules", tmp_path / "test.json")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_column_has_a_figure_to_compare():
    assert set(FIGURES) == set(COLUMNS)
