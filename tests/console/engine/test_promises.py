"""What a user would see of objectives, probes and GPUs after given polls."""

import pytest

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion, Objective
from console.domain.gpu import GpuSample
from console.domain.marker import MarkerKind
from console.domain.probe import ProbeOutcome
from console.domain.triton import Histogram, State
from console.view.status import status
from tests.console.engine.watched import AT, RANKER, Watched, busy, row


def test_burn_and_the_windows_that_exist_so_far() -> None:
    watched = Watched("a", default_objective=Objective(latency_ms=50.0, availability=0.99))
    for second in range(400):
        watched.poll("a", busy(95 * second, FAIL_BACKEND=5 * second))
        snapshot = watched.tick()
        if second == 200:
            early = row(snapshot).slo

    late = row(snapshot).slo
    assert (early.burn["5m"], early.burn["30m"]) == (pytest.approx(5.0), None)
    assert (late.burn["30m"], late.burn["1h"]) == (pytest.approx(5.0), None)
    assert late.observed_s == pytest.approx(399.0)
    assert late.requests["5m"] == pytest.approx(30_000.0, rel=0.05)
    assert "budget-burn" not in [a.id for a in snapshot.alerts]


def test_burn_is_known_over_hours_and_days() -> None:
    every = 300.0
    watched = Watched("a", refresh=every, default_objective=Objective(latency_ms=50.0, availability=0.99))
    failed, burns = 0.0, {}
    for n in range(int(96 * 3600 / every) + 1):
        hour = watched.mono / 3600
        failed += 5.0 if 48 < hour <= 60 else 0.0
        watched.poll("a", busy(100.0 * n - failed, FAIL_BACKEND=failed))
        snapshot = watched.tick(every)
        burns[hour] = row(snapshot).slo.burn

    assert list(burns[96]) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    assert {window: burns[1][window] for window in ("2h", "6h")} == {"2h": None, "6h": None}
    assert (burns[2]["2h"], burns[2]["6h"]) == (0.0, None)
    # Five times the budget for an hour of two, for five of six.
    assert burns[61]["1h"] == 0.0
    assert burns[61]["2h"] == pytest.approx(2.5, abs=0.3)
    assert burns[61]["6h"] == pytest.approx(5 * 5 / 6, abs=0.3)
    # The windows that begin later have forgotten it; three days have not.
    assert [burns[96][window] for window in ("2h", "6h", "1d")] == [0.0, 0.0, 0.0]
    assert burns[96]["3d"] == pytest.approx(5 * 12 / 72, abs=0.05)
    shown = status(snapshot)["models"][0]["slo"]["burn"]
    assert shown == pytest.approx(dict(burns[96]), abs=1e-3)


def test_histograms_are_merged_over_targets_and_name_their_bucket() -> None:
    watched = Watched("a", "b", default_objective=Objective(latency_ms=100.0))
    bounds = (100.0, 500.0, float("inf"))
    for second in range(3):
        fast = {RANKER: Histogram(bounds, (90.0 * second,) * 3)}
        slow = {RANKER: Histogram(bounds, (0.0, 10.0 * second, 10.0 * second))}
        watched.poll("a", busy(90 * second, P99=20.0, SUMMARY_COUNT=1), histograms=fast)
        watched.poll("b", busy(10 * second, P99=400.0, SUMMARY_COUNT=1), histograms=slow)
        snapshot = watched.tick()

    found = row(snapshot)
    assert found.percentiles is not None
    assert (found.percentiles.basis, found.percentiles.target) == (Basis.HISTOGRAM, "")
    assert found.percentiles.bounds == (100.0, 500.0)
    assert found.percentiles.p50 == pytest.approx(100 * 50 / 90)
    assert found.slo.burn["5m"] == pytest.approx(0.1 / 0.01, rel=0.4)
    in_history = {name: watched.store.model(RANKER, name, 60.0).values[-1] for name in ("p50_ms", "p99_ms")}
    known = {"p50_ms": found.percentiles.p50, "p99_ms": found.percentiles.p99}
    assert in_history == pytest.approx(known, rel=1e-6)


def test_a_histogram_of_what_nobody_counts_or_lists_changes_nothing() -> None:
    watched = Watched("a")
    stranger = {ModelVersion("stranger", "1"): Histogram((1.0, float("inf")), (5.0, 6.0))}
    for second in range(3):
        watched.poll("a", busy(50 * second), histograms=stranger)
        snapshot = watched.tick()

    assert [(r.model, r.rate) for r in snapshot.models] == [("ranker", 50.0)]


def test_a_fast_burn_is_an_alert_with_its_evidence() -> None:
    watched = Watched("a")
    for second in range(20):
        watched.poll("a", busy(80 * second, FAIL_BACKEND=20 * second))
        snapshot = watched.tick()

    assert [(a.id, a.severity) for a in snapshot.alerts] == [("budget-burn", "page")]
    assert "20.00%" in snapshot.alerts[0].evidence


def test_a_failing_probe_is_seen_while_the_index_says_ready() -> None:
    watched = Watched("a")
    watched.poll("a", busy(1))
    watched.probe("a", ProbeOutcome.OK)
    watched.probe("a", ProbeOutcome.ERROR, "Stub process 'flaky_0_0' is not healthy.")

    snapshot = watched.tick()

    found = row(snapshot)
    assert (found.state, found.probes[0].outcome, found.probes[0].n) == (State.READY, ProbeOutcome.ERROR, 1)
    assert "probe-failed" in {w.id for w in found.warnings}
    assert [a.id for a in snapshot.alerts] == ["probe-failed"]
    assert [m.kind for m in snapshot.markers] == [MarkerKind.PROBE, MarkerKind.ALERT]


def test_probes_claim_no_p99_under_a_hundred_samples() -> None:
    watched = Watched("a")
    watched.poll("a", busy(1))
    for n in range(1, 101):
        watched.probe("a", ProbeOutcome.OK)
        summary = row(watched.tick()).probes[0]
        assert (summary.n, summary.p99_ms is None) == (n, n < 100)


def test_gpus_are_joined_by_uuid_and_the_exporter_is_trusted_first() -> None:
    watched = Watched("a")
    watched.gpu("triton:a", utilization=0.0, power_w=300.0, memory_used_bytes=5.0)
    watched.gpu("dcgm:x", number="0", node="n0", utilization=0.9)

    (gpu,) = watched.tick().gpus

    assert (gpu.gpu.utilization, gpu.gpu.power_w, gpu.source) == (0.9, 300.0, "dcgm:x+triton:a")
    assert gpu.gpu.sm_active is None
    assert "lost sight" in gpu.notes[0]


def test_a_gpu_whose_source_fell_silent_is_stale() -> None:
    watched = Watched("a")
    watched.gpu("dcgm:x", utilization=0.9)
    watched.tick(seconds=60.0)

    (gpu,) = watched.tick().gpus

    assert (gpu.stale, gpu.age_s) == (True, 60.0)


def test_a_wall_clock_that_steps_back_changes_no_rate() -> None:
    watched = Watched("a")
    watched.poll("a", busy(0))
    watched.store.tick(AT, 0.0)
    watched.mono = 1.0
    watched.poll("a", busy(50))

    found = row(watched.store.tick(AT - 3600.0, 1.0))

    assert (found.rate, found.stale) == (50.0, False)


@pytest.mark.parametrize("number", ["²", "9" * 5000, ""])
def test_a_gpu_number_that_is_none_comes_last(number: str) -> None:
    watched = Watched("a")
    watched.gpus("dcgm:x", GpuSample("GPU-9", number=number), GpuSample("GPU-1", number="1"))

    assert [r.gpu.uuid for r in watched.tick().gpus] == ["GPU-1", "GPU-9"]
