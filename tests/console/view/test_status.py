import json
import math

import pytest

from console.domain.basis import Basis, Missing
from console.domain.fleet import ModelVersion
from console.domain.probe import ProbeOutcome
from console.domain.rows import AlertState, ReplicaRow, Warn
from console.domain.triton import State
from console.domain.versions import SCRAPED
from console.view.status import LONGEST, status
from tests.fake_history import FakeHistory
from tests.snapshots import (
    HOSTILE_NAMES,
    NOW,
    alert,
    down_target,
    failed_model,
    frozen,
    gpu_row,
    marker,
    model_row,
    percentiles,
    probe_summary,
    slo,
    snapshot,
    target_row,
)

PROMISED = {
    "": {"at", "fleet", "frozen", "targets", "models", "gpus", "alerts", "markers"},
    "targets": {"name", "url", "live", "ready", "version", "control_mode", "error", "poll_ms", "age_s"},
    "models": {
        *("name", "version", "targets", "state", "reason", "rate", "error_ratio", "errors", "latency_ms"),
        *("queue_ms", "compute_ms", "batch", "pending", "slo", "warnings"),
    },
    "latency_ms": {"mean", "p50", "p90", "p95", "p99", "basis", "target"},
    "slo": {"objective", "threshold_ms", "burn", "budget_left"},
    "gpus": {
        *("uuid", "index", "name", "node", "pod", "utilization", "sm_active", "memory_used_bytes"),
        *("memory_total_bytes", "memory_free_bytes", "power_w", "temperature_c", "source", "age_s"),
    },
    "alerts": {"id", "severity", "subject", "since", "message", "evidence"},
    "markers": {"at", "kind", "subject", "detail"},
}


def test_every_promised_key_is_there():
    shown = status(snapshot(alerts=(alert(),), markers=(marker(),)))
    model = shown["models"][0]
    assert PROMISED[""] <= set(shown)
    for part in ("targets", "models", "gpus", "alerts", "markers"):
        assert PROMISED[part] <= set(shown[part][0])
    assert PROMISED["latency_ms"] <= set(model["latency_ms"])
    assert PROMISED["slo"] <= set(model["slo"])
    assert set(model["compute_ms"]) == {"input", "infer", "output"}
    assert set(model["batch"]) == {"mean", "sizes"}


def test_figures_keep_their_meaning():
    shown = status(snapshot(alerts=(alert(),)))
    model = shown["models"][0]
    assert shown["at"] == "2025-10-09T08:53:20.000Z"
    assert shown["alerts"][0]["since"] == "2025-10-09T08:49:20.000Z"
    assert (model["rate"], model["error_ratio"]) == (412.0, 0.0002)
    assert model["errors"]["BACKEND"] == 1
    assert model["latency_ms"]["p99"] == 120.0
    assert (model["latency_ms"]["basis"], model["latency_ms"]["target"]) == ("summary", "triton-0")
    assert model["batch"]["sizes"] == {"1": 40, "2": 31, "4": 66}
    assert model["slo"]["threshold_ms"] == 200
    assert model["slo"]["burn"] == {"5m": 0.2, "1h": 0.2, "6h": None}
    assert shown["targets"][0]["control_mode"] == "explicit"
    assert shown["gpus"][0]["index"] == 0
    assert shown["gpus"][0]["memory_used_bytes"] == 50 * 2**30


def test_unknown_is_null_and_never_zero():
    shown = status(snapshot([failed_model()], [down_target()]))
    model, target = shown["models"][0], shown["targets"][0]
    assert model["reason"].endswith("'cv2'")
    for key in ("rate", "error_ratio", "errors", "queue_ms", "pending"):
        assert model[key] is None
    assert set(model["latency_ms"].values()) == {None}
    assert model["batch"] == {"mean": None, "sizes": None}
    assert model["slo"]["budget_left"] is None
    assert (target["live"], target["version"], target["poll_ms"]) == (None, None, None)
    assert "connection refused" in target["error"]


def test_what_prometheus_does_not_tell_of_a_version_is_null() -> None:
    row = model_row(state=State.UNKNOWN, reason=SCRAPED, ready=0, batches={})
    model = status(snapshot([row]))["models"][0]
    assert (model["state"], model["ready_targets"], model["batch"]["sizes"]) == ("UNKNOWN", None, None)
    assert model["rate"] == 412.0


def test_without_a_percentile_the_basis_is_the_mean_and_the_hint_names_the_flag():
    row = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED)
    latency = status(snapshot([row]))["models"][0]["latency_ms"]
    assert (latency["p99"], latency["basis"], latency["mean"]) == (None, "mean", 40.5)
    assert "--metrics-config summary_latencies=true" in latency["hint"]


def test_idle_is_not_zero_latency():
    row = model_row(percentiles=None, mean_ms=None, rate=0.0, latency_missing=Missing.IDLE)
    model = status(snapshot([row]))["models"][0]
    assert model["rate"] == 0
    assert model["latency_ms"]["p99"] is None
    assert model["latency_ms"]["missing"] == "idle"


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_null(odd):
    row = model_row(rate=odd, pending=odd, percentiles=percentiles(odd), slo=slo(ratio=odd, burn=odd))
    shown = status(snapshot([row], at=odd, gpus=(gpu_row(power_w=odd),)))
    assert shown["at"] is None
    assert shown["models"][0]["slo"]["burn"]["5m"] is None
    assert json.dumps(shown, allow_nan=False)


def test_hostile_names_come_back_literally_from_harmless_json():
    rows = [model_row(name, name, reason=name, warnings=(Warn("w", name, name),)) for name in HOSTILE_NAMES]
    text = json.dumps(status(snapshot(rows, [target_row(name) for name in HOSTILE_NAMES])))
    assert text.isascii()
    assert text.isprintable()
    back = json.loads(text)
    assert [model["name"] for model in back["models"]] == list(HOSTILE_NAMES)
    assert [model["reason"] for model in back["models"]] == list(HOSTILE_NAMES)


def test_texts_are_bounded():
    shown = status(snapshot([model_row("n" * (LONGEST + 5))]))
    assert len(shown["models"][0]["name"]) == LONGEST


def test_a_merged_histogram_says_its_bucket():
    known = percentiles(80.0, Basis.HISTOGRAM, bounds=(75.0, 100.0), target="")
    latency = status(snapshot([model_row(percentiles=known)]))["models"][0]["latency_ms"]
    assert (latency["basis"], latency["target"], latency["p99_bounds"]) == ("histogram", None, [75.0, 100.0])


def test_a_failing_probe_is_told_with_its_outcome():
    probe = probe_summary(ProbeOutcome.TIMEOUT, detail="no answer in 5 s")
    told = status(snapshot([model_row(probes=(probe,))]))["models"][0]["probes"][0]
    assert (told["outcome"], told["detail"], told["p99_ms"]) == ("timeout", "no answer in 5 s", None)


@pytest.mark.parametrize(("number", "index"), [("7", 7), ("", None), ("MIG-1", None), ("²", None)])
def test_gpu_numbers(number, index):
    assert status(snapshot(gpus=(gpu_row(number=number),)))["gpus"][0]["index"] == index


def test_a_moment_before_the_epoch_is_unknown():
    assert status(snapshot(at=-1.0))["at"] is None
    assert status(snapshot(at=NOW * 1e9))["at"] is None


def test_a_freeze_is_told_while_it_is_in_force_and_an_unreadable_lock_is_not_none():
    shown = status(snapshot(frozen=frozen()))
    assert shown["frozen"] == {
        "who": "ana@bastion",
        "why": "p99 of ranker",
        "since": "2025-10-09T08:41:20.000Z",
        "until": "2025-10-09T12:41:20.000Z",
        "scope": "fleet prod",
        "plan": "k3x9ab",
    }
    assert shown["frozen_error"] is None
    assert status(snapshot(frozen=frozen(until=NOW)))["frozen"] is None
    assert status(snapshot(lock_unknown="deploy lock: HTTP 500"))["frozen_error"] == "deploy lock: HTTP 500"


def test_an_alert_says_its_state_whose_it_is_and_why_it_is_silenced():
    known = alert(model="ranker", state=AlertState.PAGE, note="known (ana)")
    first, second = status(snapshot(alerts=(alert(), known)))["alerts"]
    assert (first["model"], first["target"], first["note"]) == (None, None, None)
    assert (second["state"], second["model"], second["note"]) == ("page", "ranker", "known (ana)")


def test_a_target_says_where_it_runs_and_how_that_is_known() -> None:
    shown = snapshot(targets=[target_row(gpus=("GPU-1",)), target_row("other")], gpus=(gpu_row("GPU-1"),))
    exact, unknown = (target["placement"] for target in status(shown)["targets"])
    assert (exact["how"], exact["node"], exact["pod"]) == ("exact", "node-0", "triton-0")
    assert exact["gpus"] == [{"uuid": "GPU-1", "how": "exact", "index": 0, "mig": None}]
    assert (unknown["how"], unknown["node"], unknown["gpus"]) == ("unknown", None, [])
    assert unknown["hint"]


def test_replicas_that_differ_are_named_and_one_replica_is_compared_with_nobody() -> None:
    key = ModelVersion("ranker", "7")
    well = ReplicaRow("a", key, State.READY, "", 400.0, 0.0, 4.0, 46.0, 1.0, 2.0, 0.0, 0.4, stale=False)
    rows = [well, well._replace(target="b"), well._replace(target="c", p99_ms=184.0)]
    (model,) = status(snapshot(history=FakeHistory(rows)))["models"]
    text = "p99 of c is 4× the median (184 against 46 ms, summary)"
    assert model["imbalance"] == [{"kind": "p99", "target": "c", "text": text, "ratio": 4.0}]
    assert status(snapshot())["models"][0]["imbalance"] == []
