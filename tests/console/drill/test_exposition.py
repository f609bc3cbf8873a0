"""The texts that the simulated fleet writes, read by a reader that is not ours."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from console.drill.scenario import scenario_named
from console.drill.sim.fleet import Fleet
from console.drill.spec import Rate, Scenario, Unload
from console.drill.web import dcgm, envoy, metrics

RECORDED = Path(__file__).parents[2] / "recorded"
SUMMARY = "nv_inference_request_summary_us"


def quiet(scenario: Scenario) -> Scenario:
    """The scenario with traffic for its first ten seconds."""
    stops = tuple(
        Rate(at=10.0, model=name, factor=0.0) for name, m in scenario.fleet.models.items() if m.rate
    )
    return replace(scenario, events=stops, warm_s=0.0)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    fleet = Fleet(quiet(scenario_named("healthy")))
    fleet.advance(9.0)
    return fleet


def text_of(fleet: Fleet) -> str:
    server = fleet.targets["triton-0"].server
    assert server is not None
    return metrics.exposition(server)


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def heads(text: str) -> set[str]:
    return set(re.findall(r"^# (?:HELP|TYPE) .*$", text, re.MULTILINE))


def test_families_helps_and_types_are_those_of_the_real_one(fleet: Fleet) -> None:
    recorded = (RECORDED / "exposition" / "all_idle.prom").read_text()

    extra = {
        line
        for line in heads(text_of(fleet)) - heads(recorded)
        if "nv_gpu" not in line and "nv_energy" not in line
    }

    assert (extra, heads(recorded) - heads(text_of(fleet))) == (set(), set())


def test_every_version_has_every_series(fleet: Fleet) -> None:
    read = families(text_of(fleet))
    labels = {
        (sample.labels["model"], sample.labels["version"]) for sample in read["nv_inference_count"].samples
    }

    assert len(labels) == 6
    assert len(read["nv_inference_request_failure"].samples) == 4 * len(labels)
    assert {sample.labels["quantile"] for sample in read[SUMMARY].samples if "quantile" in sample.labels} == {
        "0.5",
        "0.9",
        "0.95",
        "0.99",
        "0.999",
    }


def test_a_cached_model_has_no_request_summary(fleet: Fleet) -> None:
    read = families(text_of(fleet))

    assert "tokenizer" not in {sample.labels["model"] for sample in read[SUMMARY].samples}
    assert [sample.labels["model"] for sample in read["nv_cache_num_hits_per_model"].samples] == ["tokenizer"]
    assert read["nv_cache_num_hits"].samples[0].value > 0


def test_summaries_add_up_with_the_counters(fleet: Fleet) -> None:
    values = {
        (sample.name, sample.labels.get("quantile")): sample.value
        for family in families(text_of(fleet)).values()
        for sample in family.samples
        if sample.labels.get("model") == "ranker"
    }

    assert values[f"{SUMMARY}_count", None] == values["nv_inference_request_success_total", None]
    mean = values[f"{SUMMARY}_sum", None] / values[f"{SUMMARY}_count", None]
    assert values[SUMMARY, "0.5"] == pytest.approx(mean, rel=0.1)
    assert values[SUMMARY, "0.5"] < values[SUMMARY, "0.99"] <= values[SUMMARY, "0.999"]


def test_after_a_minute_without_traffic_quantiles_are_nan() -> None:
    fleet = Fleet(quiet(scenario_named("healthy")))
    fleet.advance(85.0)

    text = text_of(fleet)

    assert f'{SUMMARY}{{model="ranker",version="6",quantile="0.99"}} Nan\n' in text
    assert not re.search(r"quantile=\S+ \d", text)


def test_newer_tritons_say_more_and_older_without_the_flag_less() -> None:
    scenario = scenario_named("healthy")
    targets = tuple(replace(target, newer=True, summaries=False) for target in scenario.fleet.targets)
    fleet = Fleet(replace(quiet(scenario), fleet=replace(scenario.fleet, targets=targets)))
    fleet.advance(9.0)

    read = families(text_of(fleet))
    histogram = [
        s for s in read["nv_inference_first_response_histogram_ms"].samples if s.labels["model"] == "ocr"
    ]

    assert SUMMARY not in read
    assert "nv_model_load_duration_secs" in read
    assert [s.labels["le"] for s in histogram if "le" in s.labels] == ["100", "500", "2000", "5000", "+Inf"]
    counts = [s.value for s in histogram if "le" in s.labels]
    assert 0 < counts[0] < counts[-1]


def test_an_unload_takes_all_series_but_the_failures(fleet: Fleet) -> None:
    gone = Fleet(quiet(scenario_named("healthy")))
    gone.apply(Unload(at=0.0, model="ocr"))
    gone.advance(5.0)

    rows = [line for line in text_of(gone).splitlines() if 'model="ocr"' in line]

    assert {line.partition("{")[0] for line in rows} == {"nv_inference_request_failure"}


def test_the_dcgm_text_has_the_labels_of_a_recorded_one(fleet: Fleet) -> None:
    recorded = (RECORDED / "gpu" / "dcgm-sample-h100-k8s.txt").read_text().splitlines()[0]
    wanted = re.findall(r'(\w+)="', recorded)
    read = families(dcgm.exposition(fleet))

    assert list(read["DCGM_FI_DEV_GPU_TEMP"].samples[0].labels) == wanted
    memory = [read[f"DCGM_FI_DEV_FB_{kind}"].samples[0].value for kind in ("USED", "FREE")]
    assert 40_000 < sum(memory) < fleet.gpus["gpu-0"].spec.memory_mib
    assert 0 < read["DCGM_FI_DEV_GPU_UTIL"].samples[0].value <= 100
    assert 0 < read["DCGM_FI_PROF_SM_ACTIVE"].samples[0].value <= 1


def test_the_gateways_text_counts_requests_in_cumulative_buckets(fleet: Fleet) -> None:
    read = families(envoy.exposition(fleet))
    samples = read["envoy_http_downstream_rq_time"].samples
    buckets = [sample.value for sample in samples if sample.name.endswith("_bucket")]
    total = next(sample.value for sample in samples if sample.name.endswith("_count"))

    assert buckets == sorted(buckets)
    assert buckets[-1] == total > 5000
    assert {
        sample.labels["envoy_cluster_name"] for sample in read["envoy_cluster_upstream_rq_timeout"].samples
    } == {name for model in fleet.routes for name in (model, f"{model}-standby")}
