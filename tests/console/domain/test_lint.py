"""Which queries are wrong, why, and what must not be called wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.lint import Live, faults
from console.domain.lint_families import family
from console.domain.lint_fault import Weight

RECORDED = Path(__file__).parents[2] / "recorded"
RATIO = "rate(nv_inference_queue_duration_us[5m]) / rate(nv_inference_request_success[5m])"
FIRST = "nv_inference_first_response_histogram_ms_bucket"
P99 = 'nv_inference_request_summary_us{quantile="0.99"}'


def errors(query: str, *recorded: str) -> list[str]:
    return [fault.id for fault in faults(query, recorded) if fault.weight is Weight.ERROR]


def notes(query: str) -> list[str]:
    return [fault.id for fault in faults(query) if fault.weight is Weight.NOTE]


def told(query: str) -> str:
    fault = faults(query)[0]
    return f"{fault.why} → {fault.instead}"


RIGHT = (
    "sum by (model, version) (rate(nv_inference_request_success[5m]))",
    'sum by (model) (rate(nv_inference_request_failure{reason!="CANCELED"}[5m]))',
    'rate(nv_inference_request_failure{reason=~"BACKEND|OTHER"}[5m]) > 5',
    f"{RATIO} > 100000",
    f"{RATIO} / 1000 > 50",
    f"{RATIO} / 1e6 > 0.1",
    "rate(nv_inference_queue_duration_us[5m]) > 10",
    "sum(rate(nv_inference_request_summary_us_sum[5m])) / sum(rate(nv_inference_request_summary_us_count[5m])) > 100000",
    f"1000 * 0.05 < {RATIO} / 1000",
    f"({RATIO} / 1000 > 50) and on (model) rate(nv_inference_count[5m]) > 2",
    "nv_gpu_utilization > 0.9",
    "avg(nv_gpu_utilization) * 100 > 90",
    "sum(nv_gpu_utilization) > 3",
    "nv_gpu_memory_used_bytes / nv_gpu_memory_total_bytes > 0.95",
    "nv_gpu_memory_total_bytes - nv_gpu_memory_used_bytes < 512 * 1024 ^ 2",
    "nv_gpu_power_usage > 300",
    "DCGM_FI_DEV_GPU_UTIL > 90",
    "DCGM_FI_DEV_FB_FREE < 512",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE > 0.9",
    'DCGM_FI_DEV_GPU_TEMP{gpu="0",Hostname="n1",UUID=~"GPU-.*"} > 80',
    "rate(nv_energy_consumption[1m])",
    "rate(nv_cache_num_hits[5m]) / rate(nv_cache_num_lookups[5m])",
    "delta(nv_inference_pending_request_count[5m])",
    "max_over_time(nv_inference_request_success[10m]) > 0",
    "rate(nv_inference_count[5m]) / rate(nv_inference_exec_count[5m]) > 4",
    "sum(nv_inference_request_success)",
    "changes(nv_inference_request_success[10m]) > 3",
    "resets(nv_inference_request_success[10m]) >= 2",
    "absent(nv_inference_request_success)",
    'rate(nv_inference_count{model=~"$model",instance="$instance"}[$__rate_interval])',
    "rate(nv_inference_${what}_duration_us[[[range]]])",
    'nv_inference_count{_team="search",job="triton",pod=~"a.*"}',
    "label_values(nv_inference_count, model)",
    'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used"}',
    "vllm:num_requests_waiting > 5",
    'sum by (model_name) (label_replace(nv_inference_count, "model_name", "$1", "model", "(.*)"))',
    "histogram_quantile(0.99, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket[5m]))) > 100",
    "up == 0",
    "",
)


@pytest.mark.parametrize("query", RIGHT)
def test_what_is_right_is_left_alone(query: str) -> None:
    assert errors(query) == []


WRONG = (
    ("rate(nv_inference_request_success_total[5m])", "unknown-series"),
    ("nv_gpu_temperature > 80", "unknown-series"),
    ("nv_inferance_count", "unknown-series"),
    ("NV_INFERENCE_COUNT", None),
    ("DCGM_FI_DEV_GPU_UTILS > 90", "unknown-series"),
    ("DCGM_FI_DEV_FB_FRE < 90", "unknown-series"),
    ('{__name__="nv_inference_requests"}', "unknown-series"),
    ('{__name__=~"nv_inference_request_.*_total"}', "unknown-series"),
    ("nv_gpu_utilization > 90", "unit"),
    ("90 < avg(nv_gpu_utilization)", "unit"),
    ("nv_gpu_utilization * 100 > 0.9", "unit"),
    ("nv_cpu_utilization >= 80", "unit"),
    ("avg_over_time(nv_gpu_utilization[5m]) > 85", "unit"),
    ("100 * nv_gpu_memory_used_bytes / nv_gpu_memory_total_bytes > 0.9", "unit"),
    ("nv_gpu_memory_used_bytes / nv_gpu_memory_total_bytes > 90", "unit"),
    ("nv_gpu_memory_used_bytes > 0.9", "unit"),
    ("DCGM_FI_DEV_GPU_UTIL > 0.9", "unit"),
    ("DCGM_FI_DEV_FB_FREE < 536870912", "unit"),
    ("DCGM_FI_PROF_GR_ENGINE_ACTIVE > 90", "unit"),
    (f"{RATIO} > 0.1", "unit"),
    (f"{RATIO} / 1e6 > 200000", "unit"),
    (f"{P99} > 0.5", "unit"),
    (f"{P99} / 1000 > 0.02", "unit"),
    ("rate(nv_inference_request_failure[5m]) / rate(nv_inference_request_success[5m]) > 5", "unit"),
    ("nv_inference_queue_duration_us > 0.1", "raw-counter"),
    ("sum(nv_inference_queue_duration_us) by (model) / 1000 > 50", "raw-counter"),
    ("nv_inference_request_failure > 0", "raw-counter"),
    ("rate(nv_gpu_utilization[5m])", "rate-of-gauge"),
    ("irate(nv_inference_pending_request_count[1m])", "rate-of-gauge"),
    (f"rate({P99}[5m])", "rate-of-gauge"),
    ("delta(nv_inference_request_success[1m])", "delta-of-counter"),
    ("histogram_quantile(0.99, rate(nv_inference_request_duration_us[5m]))", "no-histogram"),
    ("histogram_quantile(0.99, nv_inference_request_summary_us)", "no-histogram"),
    (f"histogram_quantile(0.99, sum(rate({FIRST}[5m])))", "lost-le"),
    (f"avg({P99})", "averaged-quantile"),
    (f"sum by (model) ({P99}) / 1000", "averaged-quantile"),
    ('nv_inference_count{model_name="ranker"}', "unknown-label"),
    ("sum by (model_name) (rate(nv_inference_count[5m]))", "unknown-label"),
    ('nv_gpu_utilization{gpu="0"}', "unknown-label"),
    ('nv_gpu_utilization{model="ranker"}', "unknown-label"),
    ('nv_cpu_utilization{gpu_uuid="x"}', "unknown-label"),
    ('nv_inference_request_success{reason="BACKEND"}', "unknown-label"),
    ("label_values(nv_inference_count, model_name)", "unknown-label"),
    ('DCGM_FI_DEV_GPU_UTIL{gpu_uuid="GPU-1"}', "unknown-label"),
    ('nv_inference_request_failure{reason="TIMEOUT"}', "label-value"),
    ('nv_inference_request_summary_us{quantile="99"}', "label-value"),
)


@pytest.mark.parametrize(("query", "fault"), WRONG)
def test_what_is_wrong_is_named(query: str, fault: str | None) -> None:
    assert set(errors(query)) == ({fault} if fault else set())


@pytest.mark.parametrize("function", ["queue", "request", "compute_infer"])
def test_a_percentile_from_a_counter_is_told_how_to_be_one(function: str) -> None:
    name = f"nv_inference_{function}_duration_us"
    query = f"histogram_quantile(0.99, sum by (le) (rate({name}_bucket[5m])))"
    assert errors(query) == ["unknown-series"]
    assert f"{name} is a counter: it has no _bucket, and so no percentile" in told(query)
    assert f'nv_inference_{function}_summary_us{{quantile="0.99"}}' in told(query)


def test_limits_are_given_in_the_unit_that_was_meant() -> None:
    assert told("nv_gpu_utilization > 90").endswith("nothing is > 90 → 0.9 for 90 %")
    assert "nothing is > 90" in told("90 < nv_gpu_utilization")
    assert "nothing is > 512" in told("nv_gpu_utilization > 2 ^ 3 ^ 2")
    assert told(f"{RATIO} > 0.1").endswith("0.1 is 0.1 µs → 100000 for 100 ms")
    assert told(f"{RATIO} > 50 / 2").endswith("25 is 25 µs → 25000 for 25 ms")
    assert told("DCGM_FI_DEV_GPU_UTIL > 0.9").endswith("0.9 is 0.9 % → 90 for 90 %")
    assert told("DCGM_FI_DEV_FB_FREE < 536870912").endswith("→ 512")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (P99, "needs"),
        ("nv_model_load_duration_secs > 60", "needs"),
        ("DCGM_FI_PROF_SM_ACTIVE > 0.9", "needs"),
        ("DCGM_FI_DEV_FB_USED_PERCENT > 90", "unknown-series"),
        ("nv_my_model_score > 3", "unknown-series"),
        ("nv_inference_queue_duration_us / nv_inference_request_success", "raw-mean"),
        ("avg by (model) (nv_inference_queue_duration_us) / 1000", "raw-shown"),
        (f"{RATIO} > 100", "unit"),
        ('nv_inference_request_summary_us{quantile="0.75"}', "label-value"),
        ("this is [ no query", "unreadable"),
    ],
)
def test_what_hangs_on_a_flag_or_on_the_reader_is_a_note(query: str, fault: str) -> None:
    assert errors(query) == []
    assert fault in notes(query)


def test_names_are_looked_at_even_where_the_query_cannot_be_read() -> None:
    assert errors("sum(rate(nv_inference_count_bucket[5m]) by {{ .Values.x }}") == []
    assert errors("sum(rate(nv_inference_count_bucket[5m]) by") == ["unknown-series"]


def test_a_name_that_the_file_records_is_known() -> None:
    assert errors("nv_inference_p99 > 3") == ["unknown-series"]
    assert errors("nv_inference_p99 > 3", "nv_inference_p99") == []


def test_a_fault_is_told_once_and_errors_first() -> None:
    found = faults(f"avg({P99}) / avg({P99}) + nv_gpu_temperature")
    assert [fault.weight for fault in found] == sorted(
        (fault.weight for fault in found), key=lambda weight: weight is not Weight.ERROR
    )
    assert len(set(found)) == len(found)


def test_against_a_live_server_what_it_does_not_emit_is_an_error() -> None:
    live = Live(frozenset({"nv_inference_count", "nv_gpu_score"}), frozenset({"ranker"}), "triton-0")
    ids = {
        f.id: f for f in faults(f'{P99} + nv_inference_count{{model="gone"}} + nv_gpu_utilization', live=live)
    }
    assert ids["not-emitted"].weight is Weight.ERROR
    assert "needs" not in ids
    assert ids["no-such-model"].why == 'triton-0 has no model "gone" now'
    assert [f.id for f in faults('nv_inference_count{model="ranker"}', live=live)] == []
    assert [f.id for f in faults('nv_inference_count{model=~"$model"}', live=live)] == []


@pytest.mark.parametrize("path", sorted(RECORDED.glob("exposition/*.prom")), ids=lambda path: path.stem)
def test_everything_that_a_real_triton_emits_is_known_with_its_labels(path: Path) -> None:
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition("{")
            found = family(name.split()[0])
            assert found is not None, line
            labels = {label for label in re.findall(r'(\w+)="', rest) if not label.startswith("_")}
            assert labels <= found.labels, line


@pytest.mark.parametrize("path", sorted(RECORDED.glob("gpu/*.txt")), ids=lambda path: path.stem)
def test_queries_of_what_a_real_exporter_emits_are_no_errors(path: Path) -> None:
    names = set(re.findall(r"^(DCGM_\w+)", path.read_text(), re.MULTILINE))
    assert names
    assert [name for name in names if errors(name)] == []


@given(st.text())
def test_any_text_is_looked_over(text: str) -> None:
    assert all(fault.why for fault in faults(text))


PIECES = (
    "sum by (model) (",
    "rate(",
    "nv_inference_queue_duration_us",
    FIRST,
    "nv_gpu_utilization",
    "histogram_quantile(0.9,",
    '{quantile="0.9"',
    "{",
    "}",
    "[5m]",
    "[5m:1m]",
    ")",
    "(",
    " / ",
    " > 0.1",
    " on (le) ",
    "bool",
    "offset 5m",
    "$x",
    "0",
    "1e999",
    "^",
    "-",
    " and ",
    "label_values(",
    ",",
    '"a"',
)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_pieces_of_queries_are_looked_over(pieces: list[str]) -> None:
    assert all(fault.why for fault in faults("".join(pieces)))


@pytest.mark.parametrize(
    "query",
    [
        "+".join(["nv_gpu_utilization"] * 900),
        "/".join(["nv_inference_queue_duration_us"] * 140) + " > 1",
        "(" * 5000,
        "sum(" * 55 + "nv_gpu_utilization" + ")" * 55 + " > 90",
        "-" * 5000 + "1",
        "2^" * 140 + "9",
        "a" * 50_000,
        "nv_gpu_utilization > 0x" + "f" * 5000,
    ],
)
def test_what_is_long_or_deep_ends(query: str) -> None:
    assert all(fault.why for fault in faults(query))
