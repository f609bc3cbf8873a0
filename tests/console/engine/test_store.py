"""What a user would see of models and targets after given polls."""

import pytest

from console.domain.basis import Basis, Missing
from console.domain.config import read_config
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.marker import MarkerKind
from console.domain.triton import IndexEntry, State, VersionStatistics
from console.engine import _models, _target
from tests.console.engine.watched import AT, RANKER, READY, Watched, busy, row


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


def test_durations_that_the_server_does_not_count_are_unknown_not_zero() -> None:
    watched = Watched("a")
    for n in (0, 50):
        watched.poll("a", {RANKER: {F.SUCCESS: n, F.INFERENCES: n, F.EXECUTIONS: n}})
        snapshot = watched.tick()

    found = row(snapshot)
    assert (found.rate, found.batch, found.error_ratio) == (50.0, 1.0, 0.0)
    assert (found.mean_ms, found.queue_ms, found.infer_ms, found.compute_ms) == (None,) * 4
    (replica,) = watched.store.replicas(RANKER)
    assert (replica.rate, replica.mean_ms, replica.queue_ms, replica.infer_ms) == (50.0, None, None, None)


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


def test_executions_without_batch_sizes_are_no_defect_beyond_the_window() -> None:
    watched = Watched("a")
    for n in (1, 2, 3, 4, 23, 24):
        watched.mono = float(n)
        stats = VersionStatistics(RANKER, 0, n, n, n, 0, 0, 0, 0, 0, 0, 0, 0, {})
        watched.poll("a", busy(100 * n), statistics=(stats,), statistics_at=watched.mono)
        snapshot = watched.tick()

    assert row(snapshot).rate == 100.0
    assert row(snapshot).batches == {}


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
    assert [m.kind for m in up.markers] == [MarkerKind.DOWN, MarkerKind.ALERT, MarkerKind.UP]


def test_a_target_that_goes_away_again_and_again_is_an_alert_of_its_own() -> None:
    watched = Watched("a", "b")
    for step in range(3):
        watched.poll("b", busy(step))
        watched.poll("a", busy(step))
        watched.tick()
        watched.fail("a")
        again = watched.tick(seconds=40.0)

    assert ("crash-loop", "a") in [(alert.id, alert.subject) for alert in again.alerts]


def test_states_are_remembered_with_their_reasons() -> None:
    watched = Watched("a")
    failed = IndexEntry("ranker", "1", State.UNAVAILABLE, "Internal: boom")
    for entry in (READY, failed, failed, READY):
        watched.poll("a", busy(1), index=(entry,))
        snapshot = watched.tick()

    history = [(c.state, c.reason) for c in watched.store.states(RANKER)]
    assert history == [(State.READY, ""), (State.UNAVAILABLE, "Internal: boom"), (State.READY, "")]
    told = [m.kind for m in snapshot.markers if m.kind is not MarkerKind.ALERT]
    assert told == [MarkerKind.FAILURE, MarkerKind.LOAD]


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


def test_statistics_read_seldom_do_not_empty_the_figures_in_between() -> None:
    watched = Watched("a")
    stats = None
    for n in range(6):
        if n % 2 == 0:
            stats = VersionStatistics(RANKER, 0, n * 50, n * 50, n * 50, 0, 2.0, 1.0, 0, 0, 0, 0, 0, {})
            read_at = watched.mono
        watched.poll("a", None, statistics=(stats,), statistics_at=read_at)
        snapshot = watched.tick()

    assert row(snapshot).rate == pytest.approx(50.0)


def test_a_version_unloaded_here_and_ready_there_is_ready() -> None:
    watched = Watched("a", "b")
    watched.poll("a", busy(1))
    watched.poll("b", {}, index=(IndexEntry("ranker", "1", State.UNAVAILABLE, "unloaded"),))

    assert row(watched.tick()).state is State.READY


def test_the_failure_counters_of_an_unloaded_model_are_no_service() -> None:
    watched = Watched("a")
    unloaded = (IndexEntry("ranker", "1", State.UNAVAILABLE, "unloaded"),)
    for _ in range(3):
        watched.poll("a", {RANKER: {F.FAIL_BACKEND: 4}}, index=unloaded)
        snapshot = watched.tick()

    found = row(snapshot)
    assert (found.reporting, found.rate, found.missing) == (0, None, Missing.NO_DATA)


def test_a_server_that_invents_names_does_not_grow_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_models, "ROWS_LIMIT", 50)
    monkeypatch.setattr(_target, "REMEMBERED", 50)
    watched = Watched("a")
    for poll in range(30):
        names = [ModelVersion(f"m{poll}-{n}", "1") for n in range(10)]
        index = tuple(IndexEntry(key.model, "1", State.READY) for key in names)
        watched.poll("a", {key: {F.SUCCESS: poll} for key in names} | busy(50 * poll), index=(READY, *index))
        snapshot = watched.tick()

    assert len(snapshot.models) == 11
    assert len(watched.store._board.book.keys) <= 50 + 11 + 11
    assert len(watched.store._targets[0].changes) <= 50 + 11 + 11
    assert row(snapshot).rate == 50.0


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1", "1.5", "٣"])
def test_a_version_that_is_no_number_is_shown_like_any_other(version: str) -> None:
    watched = Watched("a")
    specific = read_config({"version_policy": {"specific": {"versions": ["3"]}}})
    index = (IndexEntry("ranker", version, State.READY),)
    watched.poll("a", {}, index=index, configs={"ranker": specific})

    found = row(watched.tick(), ModelVersion("ranker", version))
    assert found.state is State.READY
