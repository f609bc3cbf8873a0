"""The store fed by hand: what a user would see after given polls."""

from collections.abc import Mapping

import numpy as np
import pytest

from console.domain.basis import Basis, Missing
from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import ROWS, F
from console.domain.fleet import Fleet, ModelVersion, Objective, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.marker import MarkerKind
from console.domain.probe import ProbeOutcome, ProbeReading
from console.domain.rows import ModelRow
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State, TritonReading, VersionStatistics
from console.engine.store import Store

AT = 1_700_000_000.0
RANKER = ModelVersion("ranker", "1")
READY = IndexEntry("ranker", "1", State.READY)
Values = Mapping[F, float]


def counters(at: Mapping[ModelVersion, Values]) -> Counters:
    values = np.full((ROWS, len(at)), np.nan)
    for column, fields in enumerate(at.values()):
        for family, value in fields.items():
            values[family, column] = value
    return Counters(tuple(at), values)


class Watched:
    """A store over targets a, b …, and the clock that its samples carry."""

    def __init__(self, *names: str, **changes: object) -> None:
        targets = tuple(Target(n, f"http://{n}:8000", f"http://{n}:8002/metrics") for n in names)
        self.store = Store(Fleet("test", targets, **changes))  # type: ignore[arg-type]
        self.mono = 0.0

    def poll(self, name: str, values: Mapping[ModelVersion, Values] | None = None, **parts: object) -> None:
        found = counters(values) if values is not None else None
        parts = {"live": True, "ready": True, "index": (READY,), **parts}
        reading = TritonReading(counters=found, counters_at=self.mono, statistics_at=self.mono, **parts)  # type: ignore[arg-type]
        self._take(f"triton:{name}", name, reading, None)

    def fail(self, name: str, kind: FailureKind = FailureKind.REFUSED) -> None:
        self._take(f"triton:{name}", name, None, Failure(kind, "live", f"live: {kind}"))

    def probe(self, name: str, outcome: ProbeOutcome, detail: str = "") -> None:
        reading = ProbeReading("ranker", "1", outcome, 5.0, detail)
        self._take(f"probe:{name}", name, reading, None)

    def gpu(self, source: str, **fields: object) -> None:
        self._take(source, None, GpuReading((GpuSample("GPU-1", **fields),)), None)  # type: ignore[arg-type]

    def _take(self, source: str, target: str | None, reading: object, failure: Failure | None) -> None:
        self.store.take(Sample(source, target, AT + self.mono, self.mono, 0.01, 1.0, reading, failure))  # type: ignore[arg-type]

    def tick(self, seconds: float = 1.0) -> Snapshot:
        snapshot = self.store.tick(AT + self.mono, self.mono)
        self.mono += seconds
        return snapshot


def row(snapshot: Snapshot, key: ModelVersion = RANKER) -> ModelRow:
    return next(r for r in snapshot.models if r.key == key)


def busy(n: float, **more: float) -> dict[ModelVersion, Values]:
    """Counters after ``n`` requests of 40 ms, 30 of them queued, in batches of two."""
    fields = {F.SUCCESS: n, F.REQUEST_MS: 40 * n, F.QUEUE_MS: 30 * n, F.INFERENCES: n, F.EXECUTIONS: n / 2}
    return {RANKER: {**fields, **{F[name]: value for name, value in more.items()}}}


def test_rates_need_two_polls_and_the_first_says_so() -> None:
    watched = Watched("a")
    watched.poll("a", busy(100))
    first = row(watched.tick())
    watched.poll("a", busy(150))
    second = row(watched.tick())

    assert (first.rate, first.missing) == (None, Missing.WAITING)
    assert (second.rate, second.mean_ms, second.queue_ms, second.batch) == (50.0, 40.0, 30.0, 2.0)
    assert second.missing is None


def test_rates_of_targets_add_up_and_durations_weigh_by_requests() -> None:
    watched = Watched("a", "b")
    for n in (0, 1):
        watched.poll("a", busy(90 * n))
        watched.poll("b", {RANKER: {F.SUCCESS: 10 * n, F.REQUEST_MS: 1400 * n, F.EXECUTIONS: n}})
        snapshot = watched.tick()

    found = row(snapshot)
    assert (found.rate, found.ready, found.reporting) == (100.0, 2, 2)
    assert found.mean_ms == pytest.approx((90 * 40 + 10 * 140) / 100)


def test_idle_is_not_unknown_and_has_no_latency() -> None:
    watched = Watched("a")
    for _ in range(2):
        watched.poll("a", busy(100))
        snapshot = watched.tick()

    found = row(snapshot)
    assert (found.rate, found.mean_ms, found.missing) == (0.0, None, Missing.IDLE)


def test_percentiles_are_of_the_worst_target_never_an_average() -> None:
    watched = Watched("a", "b", "c")
    for n in (0, 1):
        for name, p99 in (("a", 10.0), ("b", 80.0), ("c", 20.0)):
            watched.poll(name, busy(100 * n, P50=p99 / 2, P99=p99, SUMMARY_COUNT=1))
        snapshot = watched.tick()

    found = row(snapshot).percentiles
    assert found is not None
    assert (found.p99, found.p50, found.target, found.median_p99) == (80.0, 40.0, "b", 20.0)
    assert found.basis is Basis.SUMMARY


def test_nan_quantiles_are_idle_and_no_quantiles_are_unsupported_with_a_hint() -> None:
    idle, plain = Watched("a"), Watched("a")
    idle.poll("a", busy(100, SUMMARY_COUNT=5))
    plain.poll("a", busy(100))

    assert row(idle.tick()).latency_missing is Missing.IDLE
    found = row(plain.tick())
    assert (found.percentiles, found.latency_missing) == (None, Missing.UNSUPPORTED)
    assert "summary_latencies=true" in next(w.hint for w in found.warnings if w.id == "no-percentiles")


def test_a_reset_is_a_marker_and_never_a_negative_rate() -> None:
    watched = Watched("a")
    for n in (1000, 1100, 20, 70):
        watched.poll("a", busy(n))
        snapshot = watched.tick()

    assert [m.kind for m in snapshot.markers] == [MarkerKind.RESET]
    assert row(snapshot).rate == pytest.approx((100 + 50) / 2)
    points = watched.store.model(RANKER, "rate", 60.0)
    assert points.values == [100.0, None, 50.0]


def test_a_reload_over_a_loaded_version_shows_in_its_statistics_alone() -> None:
    watched = Watched("a")
    for n, executions in ((100, 50), (200, 100), (300, 3)):
        stats = VersionStatistics(
            RANKER, 0, executions, executions, executions, 0, 0, 0, 0, 0, 0, 0, 0, {2: executions}
        )
        watched.poll("a", busy(n), statistics=(stats,))
        snapshot = watched.tick()

    assert [(m.kind, m.subject) for m in snapshot.markers] == [(MarkerKind.LOAD, "ranker/1")]
    assert row(snapshot).rate == 100.0
    assert row(snapshot).batches == {2: 50}


def test_different_versions_are_different_rows() -> None:
    watched = Watched("a")
    new = ModelVersion("ranker", "2")
    index = (READY, IndexEntry("ranker", "2", State.READY))
    for n in (0, 1):
        watched.poll("a", {**busy(10 * n), new: {F.SUCCESS: 90 * n, F.EXECUTIONS: n}}, index=index)
        snapshot = watched.tick()

    assert [(r.version, r.rate) for r in snapshot.models] == [("1", 10.0), ("2", 90.0)]


def test_a_silent_target_goes_stale_after_three_polls_and_the_others_go_on() -> None:
    watched = Watched("a", "b")
    only_a = {ModelVersion("embed", "1"): {F.SUCCESS: 0.0, F.EXECUTIONS: 0.0}}
    for second in range(30):
        if second < 10:
            watched.poll("a", only_a, index=(IndexEntry("embed", "1", State.READY),))
        watched.poll("b", busy(50 * second))
        snapshot = watched.tick()
        if second == 12:
            assert not row(snapshot, ModelVersion("embed", "1")).stale

    silent, well = row(snapshot, ModelVersion("embed", "1")), row(snapshot)
    assert (silent.stale, silent.rate, silent.missing) == (True, None, Missing.STALE)
    assert silent.age_s == 20.0
    assert (well.stale, well.rate) == (False, 50.0)
    assert [t.stale for t in snapshot.targets] == [True, False]


def test_down_and_up_again_are_markers_and_an_alert_meanwhile() -> None:
    watched = Watched("a", "b")
    for name in ("a", "b"):
        watched.poll(name, busy(1))
    watched.tick()
    watched.fail("a")
    watched.poll("b", busy(2))
    down = watched.tick()
    watched.poll("a", busy(3))
    up = watched.tick()

    assert [(a.id, a.subject, a.since) for a in down.alerts] == [("target-down", "a", AT + 1.0)]
    assert not up.alerts
    assert [m.kind for m in up.markers] == [MarkerKind.DOWN, MarkerKind.UP]


def test_states_are_remembered_with_their_reasons() -> None:
    watched = Watched("a")
    failed = IndexEntry("ranker", "1", State.UNAVAILABLE, "Internal: boom")
    for entry in (READY, failed, failed, READY):
        watched.poll("a", busy(1), index=(entry,))
        snapshot = watched.tick()

    history = [(c.state, c.reason) for c in watched.store.states(RANKER)]
    assert history == [(State.READY, ""), (State.UNAVAILABLE, "Internal: boom"), (State.READY, "")]
    assert [m.kind for m in snapshot.markers] == [MarkerKind.FAILURE, MarkerKind.LOAD]


def test_a_version_ready_on_one_target_and_failed_on_another_shows_the_trouble() -> None:
    watched = Watched("a", "b")
    watched.poll("a", busy(1))
    watched.poll("b", {}, index=(IndexEntry("ranker", "1", State.UNAVAILABLE, "no file"),))

    found = row(watched.tick())

    assert (found.state, found.reason, found.ready, found.targets) == (
        State.UNAVAILABLE,
        "no file",
        1,
        ("a", "b"),
    )


def test_errors_by_reason_and_cancelled_ones_are_not_the_servers_fault() -> None:
    watched = Watched("a")
    watched.poll("a", busy(0, FAIL_BACKEND=0, FAIL_CANCELED=0, FAIL_REJECTED=0))
    watched.tick()
    watched.poll("a", busy(90, FAIL_BACKEND=10, FAIL_CANCELED=20, FAIL_REJECTED=0))

    found = row(watched.tick())

    assert found.errors == {"BACKEND": 10.0, "CANCELED": 20.0}
    assert (found.error_ratio, found.rate) == (0.1, 120.0)


def test_without_metrics_the_statistics_are_counted_and_named() -> None:
    watched = Watched("a")
    for n in (100, 160):
        stats = VersionStatistics(RANKER, 0, n, n, n, n // 10, 40.0 * n, 1.0 * n, 0, 0, 0, 0, 0, {1: n})
        watched.poll("a", None, statistics=(stats,))
        snapshot = watched.tick()

    found = row(snapshot)
    assert (found.rate, found.mean_ms, found.source) == (66.0, 40.0, "statistics")
    assert found.errors == {"UNKNOWN": 6.0}


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
    assert [a.id for a in snapshot.alerts] == []


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
    assert [m.kind for m in snapshot.markers] == [MarkerKind.PROBE]


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
