"""What a version's counters held before the console began to watch."""

import pytest

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.triton import VersionStatistics
from tests.console.engine.watched import AT, RANKER, Watched, busy

NEW = ModelVersion("ranker", "2")


def polled(*numbers: float) -> Watched:
    watched = Watched("a")
    for n in numbers:
        watched.poll("a", busy(n))
        watched.tick()
    return watched


def test_the_first_reading_tells_of_the_life_before() -> None:
    watched = Watched("a")
    for n in (1000, 1400):
        watched.poll("a", busy(n, FAIL_BACKEND=10.0, FAIL_CANCELED=5.0, INFER_MS=3 * n))
        watched.tick()

    before = watched.store.lifetime(RANKER)

    assert before is not None
    assert (before.at, before.requests, before.failed) == (AT, 1010.0, 10.0)
    assert (before.mean_ms, before.queue_ms, before.infer_ms) == (40.0, 30.0, 3.0)
    assert (before.batch, before.items) == (2.0, 1.0)


def test_targets_are_merged_or_one_is_asked_for() -> None:
    watched = Watched("a", "b", "c")
    watched.poll("a", busy(300))
    watched.tick()
    watched.poll("b", {RANKER: {F.SUCCESS: 100.0, F.REQUEST_MS: 20_000.0}})
    watched.poll("c", {NEW: {F.SUCCESS: 1.0}})
    watched.tick()

    both, one = watched.store.lifetime(RANKER), watched.store.lifetime(RANKER, "b")

    assert both is not None
    assert one is not None
    assert (both.requests, both.mean_ms, both.at) == (400.0, (300 * 40 + 100 * 200) / 400, AT + 1)
    assert (one.requests, one.mean_ms) == (100.0, 200.0)
    assert watched.store.lifetime(RANKER, "c") is None


def test_a_version_loaded_later_lives_in_the_history_alone() -> None:
    watched = polled(1000)
    watched.poll("a", {**busy(1100), NEW: {F.SUCCESS: 50.0}})
    watched.tick()

    assert watched.store.lifetime(NEW) is None
    assert watched.store.lifetime(RANKER) is not None


def test_a_reset_while_watched_ends_what_was_before_for_good() -> None:
    assert polled(1000, 1100, 20, 5000).store.lifetime(RANKER) is None
    assert polled(10, 1100, 20, 5000).store.lifetime(RANKER) is None


@pytest.mark.parametrize(("comes_back_with", "remembered"), [(3, False), (1200, True)])
def test_a_version_that_was_away_is_judged_by_what_it_comes_back_with(
    comes_back_with: float, *, remembered: bool
) -> None:
    watched = polled(1000, 1100)
    watched.poll("a", {NEW: {F.SUCCESS: 1.0}, RANKER: {F.FAIL_BACKEND: 4.0}})
    watched.poll("a", {NEW: {F.SUCCESS: 1.0}})
    watched.mono += 1
    watched.poll("a", busy(comes_back_with))
    watched.tick()

    assert (watched.store.lifetime(RANKER) is not None) is remembered


def test_counters_of_another_source_say_nothing_of_a_reset() -> None:
    watched = polled(1000)
    statistics = VersionStatistics(RANKER, 0, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, {})
    watched.poll("a", None, statistics=(statistics,))
    watched.tick()

    before = watched.store.lifetime(RANKER)
    assert before is not None
    assert before.requests == 1000.0


def test_what_the_server_does_not_count_is_unknown_and_a_quiet_version_has_no_means() -> None:
    watched = Watched("a")
    idle = {F.SUCCESS: 0.0, F.REQUEST_MS: 0.0, F.EXECUTIONS: 0.0, F.INFERENCES: 0.0}
    watched.poll("a", {RANKER: {F.SUCCESS: 70.0}, NEW: idle})
    watched.tick()

    bare, quiet = watched.store.lifetime(RANKER), watched.store.lifetime(NEW)

    assert bare is not None
    assert quiet is not None
    assert (bare.requests, bare.mean_ms, bare.batch, bare.items) == (70.0, None, None, None)
    assert (quiet.requests, quiet.mean_ms, quiet.batch, quiet.items) == (0.0, None, None, None)


def test_failures_alone_are_no_life() -> None:
    watched = Watched("a")
    watched.poll("a", {RANKER: {F.FAIL_BACKEND: 4.0}})
    watched.tick()

    assert watched.store.lifetime(RANKER) is None
