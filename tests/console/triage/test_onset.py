import pytest

from console.domain.fleet import Objective
from console.domain.rows import Lifetime
from tests.parts.memory import NOW, Memory, Served, gaps, noisy, scene, stepped

FOUR = ("triton-0", "triton-1", "triton-2", "triton-3")
LIFE = Lifetime(NOW - 600, 50_000.0, 0.0, 6.0, 1.0, 0.5, 4.0, 0.5, 1.0, 1.0)


def slowed(ago=60.0, **figures):
    """A model that got slower so many seconds ago."""
    return Served(**{"infer_ms": stepped(8.0, 40.0, ago), "p99_ms": stepped(15.0, 90.0, ago), **figures})


# When it began


def test_a_step_of_the_percentile_is_told():
    moved = scene(slowed(ago=60.0)).moved
    assert moved is not None
    assert (moved.at, moved.column, moved.before.median, moved.after) == (NOW - 60, "p99_ms", 15.0, 90.0)


def test_where_there_are_only_means_they_tell():
    moved = scene(slowed(ago=60.0, p99_ms=None)).moved
    assert moved is not None
    assert (moved.at, moved.column) == (NOW - 60, "mean_ms")


def test_errors_alone_are_an_onset():
    moved = scene(Served(failed=stepped(0.0, 3.0, 45.0))).moved
    assert moved is not None
    assert (moved.at, moved.column) == (NOW - 45, "error_ratio")
    assert moved.after == pytest.approx(0.15)


def test_the_first_symptom_is_the_onset():
    moved = scene(slowed(ago=60.0, failed=stepped(0.0, 3.0, 90.0))).moved
    assert moved is not None
    assert (moved.at, moved.column) == (NOW - 90, "error_ratio")


def test_a_new_version_that_is_slow_moves_the_whole():
    moved = scene(
        Served(rate=stepped(20.0, 4.0, 60.0)),
        Served(version="2", rate=stepped(None, 16.0, 60.0), infer_ms=90.0),
    ).moved
    assert moved is not None
    assert (moved.at, moved.column) == (NOW - 60, "mean_ms")
    assert moved.after == pytest.approx(75.6)


def test_a_percentile_must_move_by_a_share_of_what_is_promised():
    def onset(after):
        slow = Objective(latency_ms=2000.0)
        return scene(Served(p99_ms=stepped(15.0, after, 60.0)), objective=slow).onset

    assert onset(50.0) is None
    assert onset(60.0) == NOW - 60


@pytest.mark.parametrize("ago", [300.0, 700.0, 1200.0])
def test_what_began_long_ago_is_found_as_well(ago):
    found = scene(slowed(ago=ago), memory=Memory(watched_s=1700.0))
    assert found.onset == pytest.approx(NOW - ago, abs=1.0)


def test_noise_that_lasts_is_no_onset():
    figures = {"infer_ms": noisy(8.0, 0.3, 1), "p99_ms": noisy(15.0, 0.3, 2), "queue_ms": noisy(1.0, 0.5, 3)}
    assert scene(Served(**figures), memory=Memory(watched_s=1700.0)).onset is None


def test_what_is_over_is_no_onset():
    assert scene(Served(p99_ms=stepped(15.0, 90.0, 200.0, 60.0))).onset is None


def test_an_outage_of_the_polls_is_no_onset():
    hole = (120.0, 40.0)
    assert (
        scene(Served(rate=gaps(20.0, hole), infer_ms=gaps(8.0, hole), p99_ms=gaps(15.0, hole))).onset is None
    )


@pytest.mark.parametrize("refresh", [0.1, 2.0, 10.0, 60.0])
def test_the_onset_is_told_within_a_poll_at_any_refresh(refresh):
    memory = Memory(refresh=refresh, watched_s=max(120.0, 25 * refresh))
    ago = max(30.0, 8 * refresh)
    assert scene(slowed(ago=ago, rate=50.0), memory=memory).onset == pytest.approx(NOW - ago, abs=refresh)
