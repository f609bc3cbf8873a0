import pytest

from console.domain.rows import Lifetime
from tests.parts.memory import NOW, Memory, Served, ramp, scene, stepped

FOUR = ("triton-0", "triton-1", "triton-2", "triton-3")
LIFE = Lifetime(NOW - 600, 50_000.0, 0.0, 6.0, 1.0, 0.5, 4.0, 0.5, 1.0, 1.0)


def slowed(ago=60.0, **figures):
    """A model that got slower so many seconds ago."""
    return Served(**{"infer_ms": stepped(8.0, 40.0, ago), "p99_ms": stepped(15.0, 90.0, ago), **figures})


# The stretch that counts as now, and what was before


def test_now_is_short_where_there_are_requests():
    assert scene(Served(rate=100.0)).now_s == 15.0


@pytest.mark.parametrize(("rate", "seconds"), [(1.4, 15.0), (0.7, 30.0), (0.4, 60.0), (0.1, 60.0)])
def test_now_is_as_long_as_it_takes_to_hold_requests(rate, seconds):
    assert scene(Served(rate=rate)).now_s == pytest.approx(max(seconds, 2 * scene(Served(rate=rate)).width))


@pytest.mark.parametrize(("refresh", "seconds"), [(1.0, 15.0), (5.0, 20.0), (60.0, 240.0)])
def test_now_holds_two_bins_at_any_refresh(refresh, seconds):
    assert scene(Served(rate=100.0), memory=Memory(refresh=refresh, watched_s=1800.0)).now_s == seconds


@pytest.mark.parametrize(
    ("rate", "width"),
    [(100.0, 2.0), (2.5, 2.0), (1.0, 5.0), (0.5, 10.0), (0.1, 10.0), (0.0, 10.0), (None, 10.0)],
)
def test_bins_are_wider_where_few_requests_come(rate, width):
    assert scene(Served(rate=rate)).width == width


@pytest.mark.parametrize(("refresh", "width"), [(0.1, 2.0), (1.0, 2.0), (5.0, 10.0), (60.0, 120.0)])
def test_a_bin_holds_two_polls(refresh, width):
    assert scene(Served(rate=100.0), memory=Memory(refresh=refresh, watched_s=1800.0)).width == width


@pytest.mark.parametrize(
    ("rate", "quiet"), [(0.2, True), (0.3, True), (0.4, False), (50.0, False), (None, True)]
)
def test_under_twenty_requests_a_minute_is_quiet(rate, quiet):
    assert scene(Served(rate=rate)).quiet is quiet


def test_a_quiet_model_has_no_onset():
    assert scene(slowed(rate=0.2)).onset is None
    assert scene(slowed(rate=5.0)).onset is not None


def test_requests_of_another_time_do_not_count():
    assert scene(Served(rate=stepped(50.0, 0.0, 90.0))).quiet


def test_before_an_onset_is_the_baseline():
    shift = scene(slowed(ago=60.0)).shift("infer_ms")
    assert (shift.now, shift.base) == (40.0, 8.0)
    assert shift.basis == "median of 540 s before"
    assert shift.column == "infer_ms"


def test_the_onset_of_one_symptom_is_the_baseline_of_all_figures():
    """What did not move is compared over the same stretches."""
    found = scene(slowed(ago=60.0, rate=ramp(20.0, 30.0, 500.0)))
    assert found.shift("queue_ms").basis == found.shift("rate").basis


def test_the_baseline_is_of_the_last_ten_minutes():
    found = scene(slowed(ago=60.0, queue_ms=stepped(9.0, 1.0, 800.0)), memory=Memory(watched_s=1700.0))
    assert found.shift("queue_ms").base == 1.0
    assert found.shift("queue_ms").basis == "median of 600 s before"


def test_now_begins_at_the_onset_where_that_was_a_moment_ago():
    found = scene(slowed(ago=8.0))
    assert found.shift("infer_ms").now == 40.0


def test_where_nothing_moved_the_past_of_the_counters_is_the_baseline():
    found = scene(Served(life=LIFE))
    assert (found.shift("infer_ms").now, found.shift("infer_ms").base) == (8.0, 4.0)
    assert found.shift("infer_ms").basis == "mean of 50,000 requests before the watch"
    assert found.shift("infer_ms", "triton-0").base == 4.0


def test_what_moved_while_it_was_watched_is_compared_with_what_was_watched():
    assert scene(slowed(life=LIFE)).shift("infer_ms").base == 8.0


def test_what_counters_do_not_hold_is_compared_with_what_was_watched():
    shift = scene(Served(life=LIFE)).shift("pending")
    assert (shift.base, shift.basis[:6]) == (1.0, "median")


def test_without_a_past_and_a_watch_there_is_no_baseline():
    found = scene(Served(), memory=Memory(watched_s=14.0))
    shift = found.shift("mean_ms")
    assert (shift.now, shift.base, shift.basis) == (10.0, None, "")


def test_a_baseline_of_wider_bins_says_how_much_time_it_holds():
    found = scene(Served(rate=100.0))
    narrow, wide = found.figures(), scene(Served(rate=0.1)).figures()
    assert found.against(narrow.bins("infer_ms")).basis == "median of 586 s before"
    assert found.against(wide.bins("infer_ms")).basis == "median of 590 s before"
