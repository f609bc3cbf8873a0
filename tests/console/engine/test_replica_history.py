"""What the history of one version on one target says after given polls."""

import pytest

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.engine import _replica_history
from tests.console.engine.watched import AT, RANKER, Watched, busy

EMBED = ModelVersion("embed", "1")


def test_each_target_has_a_history_of_its_own() -> None:
    watched = Watched("a", "b")
    for n in (0, 1, 2):
        watched.poll("a", busy(90 * n))
        watched.poll("b", {RANKER: {F.SUCCESS: 10 * n, F.REQUEST_MS: 1400 * n, F.FAIL_BACKEND: 30 * n}})
        watched.tick()

    history = watched.store
    assert history.replica("a", RANKER, "rate", 60.0).values == [None, 90.0, 90.0]
    assert history.replica("a", RANKER, "mean_ms", 60.0).values == [None, 40.0, 40.0]
    assert history.replica("b", RANKER, "rate", 60.0).values == [None, 40.0, 40.0]
    assert history.replica("b", RANKER, "mean_ms", 60.0).values == [None, 140.0, 140.0]
    assert history.replica("b", RANKER, "error_ratio", 60.0).values == [None, 0.75, 0.75]
    assert history.replica("b", RANKER, "rate", 60.0).at == [AT, AT + 1, AT + 2]


def test_percentiles_and_gauges_are_kept_as_the_target_said_them() -> None:
    watched = Watched("a")
    watched.poll("a", busy(10, P50=5.0, P95=20.0, P99=30.0, PENDING=7.0))
    watched.tick()

    found = {
        column: watched.store.replica("a", RANKER, column, 60.0).values
        for column in ("p50_ms", "p95_ms", "p99_ms", "pending")
    }
    assert found == {"p50_ms": [5.0], "p95_ms": [20.0], "p99_ms": [30.0], "pending": [7.0]}


def test_every_column_of_the_models_is_there_for_a_replica() -> None:
    watched = Watched("a")
    for n in (0, 1):
        watched.poll("a", busy(100 * n, INPUT_MS=100 * n, INFER_MS=700 * n, OUTPUT_MS=200 * n, PENDING=0.0))
        watched.tick()

    counted = ("success", "failed", "rejected", "executions", "inferences", "batch", "pending")
    timed = ("mean_ms", "queue_ms", "input_ms", "infer_ms", "output_ms")
    store = watched.store
    of_model = {column: store.model(RANKER, column, 60.0).values[-1] for column in (*counted, *timed)}
    of_replica = {column: store.replica("a", RANKER, column, 60.0).values[-1] for column in of_model}
    assert of_replica == of_model
    assert (of_replica["infer_ms"], of_replica["batch"], of_replica["executions"]) == (7.0, 2.0, 50.0)


def test_a_silent_target_is_unknown_in_history_while_the_other_goes_on() -> None:
    watched = Watched("a", "b")
    for second in range(8):
        if second < 2:
            watched.poll("a", busy(50 * second))
        watched.poll("b", busy(50 * second))
        watched.tick()

    assert watched.store.replica("a", RANKER, "rate", 60.0).values == [None, *[50.0] * 4, None, None, None]
    assert watched.store.replica("b", RANKER, "rate", 60.0).values == [None, *[50.0] * 7]


def test_when_every_target_is_silent_the_time_is_a_gap_not_a_jump() -> None:
    watched = Watched("a")
    for second in range(8):
        if second < 2:
            watched.poll("a", busy(50 * second))
        watched.tick()

    points = watched.store.replica("a", RANKER, "rate", 60.0)
    assert points.at == [AT + second for second in range(8)]
    assert points.values[-3:] == [None] * 3


def test_a_version_that_is_gone_keeps_its_past() -> None:
    watched = Watched("a")
    for second in range(3):
        watched.poll("a", busy(50 * second))
        watched.tick()
    watched.poll("a", {EMBED: {F.SUCCESS: 1.0}}, index=())
    watched.tick()

    assert watched.store.replica("a", RANKER, "rate", 60.0).values == [None, 50.0, 50.0, None]


def test_what_was_never_seen_has_no_points() -> None:
    watched = Watched("a")
    watched.poll("a", busy(1))
    watched.tick()

    assert watched.store.replica("nobody", RANKER, "rate", 60.0).at == ()
    assert watched.store.replica("a", EMBED, "rate", 60.0).at == ()


def test_half_an_hour_is_remembered_with_the_last_minutes_as_polled() -> None:
    watched = Watched("a")
    for second in range(2400):
        watched.poll("a", busy(50 * second))
        watched.tick()

    points = watched.store.replica("a", RANKER, "rate", 3600.0)
    reach = points.at[-1] - points.at[0]
    steps = [b - a for a, b in zip(points.at, points.at[1:], strict=False)]
    assert 1790 <= reach <= 2110
    assert (steps[0], steps[-1]) == (10.0, 1.0)
    assert set(points.values) == {50.0}


def test_names_without_end_begin_the_book_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_replica_history, "ROWS_LIMIT", 10)
    watched = Watched("a")
    for second in range(40):
        keys = [ModelVersion(f"model-{second}-{n}", "1") for n in range(4)]
        watched.poll("a", {**{key: {F.SUCCESS: 1.0} for key in keys}, **busy(50 * second)})
        watched.tick()

    assert watched.store.replica("a", RANKER, "rate", 60.0).values[-1] == 50.0
    assert watched.store.replica("a", ModelVersion("model-0-0", "1"), "rate", 60.0).at == ()


def test_a_fleet_too_large_has_no_history_by_target_and_everything_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_replica_history, "ROWS_LIMIT", 1)
    watched = Watched("a", "b")
    for second in range(3):
        watched.poll("a", busy(50 * second))
        watched.poll("b", busy(50 * second))
        watched.tick()

    assert watched.store.replica("a", RANKER, "rate", 60.0).at == ()
    assert watched.store.model(RANKER, "rate", 60.0).values == [100.0, 100.0]
