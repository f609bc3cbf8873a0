import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.triage.series import Band, Line, binned
from console.triage.shift import Shift, level, onset

NAN = math.nan
NOW = 1000.0


def line(values, step=1.0):
    """Values every step, the last one now."""
    at = NOW - step * np.arange(len(values), dtype=float)[::-1]
    return Line(at, np.array(values, dtype=float))


def moved(values, width=2.0, step=1.0, factor=1.5, least=1.0):
    """The onset in a line of figures."""
    fine = line(values, step)
    return onset("p99_ms", binned(fine, width, NOW), fine, factor, least)


def scattered(level_, count, share=0.05, seed=0):
    return list(np.random.default_rng(seed).normal(level_, share * level_, count))


def test_a_shift_has_a_ratio_and_a_difference():
    shift = Shift(30.0, 20.0)
    assert (shift.ratio, shift.difference) == (1.5, 10.0)


@pytest.mark.parametrize(
    ("now", "base", "ratio", "difference"),
    [(None, 20.0, None, None), (30.0, None, None, None), (30.0, 0.0, None, 30.0), (0.0, 20.0, 0.0, -20.0)],
)
def test_what_is_unknown_is_no_ratio(now, base, ratio, difference):
    shift = Shift(now, base)
    assert (shift.ratio, shift.difference) == (ratio, difference)


def test_what_came_from_nothing_grew_without_bounds():
    assert Shift(5.0, 0.0).growth == math.inf
    assert Shift(30.0, 20.0).growth == 1.5
    assert [Shift(*each).growth for each in ((0.0, 0.0), (None, 0.0), (5.0, None))] == [None, None, None]


@pytest.mark.parametrize(
    ("shift", "up"),
    [
        (Shift(15.0, 10.0), True),
        (Shift(14.9, 10.0), False),
        (Shift(0.3, 0.1), False),  # three times as much, and next to nothing
        (Shift(1.1, 0.1), True),
        (Shift(15.0, 10.0, 2.0), False),  # within its scatter
        (Shift(16.0, 10.0, 2.0), True),
        (Shift(5.0, 0.0), True),
        (Shift(0.5, 0.0), False),
        (Shift(5.0, 10.0), False),
        (Shift(None, 10.0), None),
        (Shift(5.0, None), None),
    ],
)
def test_up_is_by_a_factor_and_an_amount_and_out_of_the_scatter(shift, up):
    assert shift.up(1.5, 1.0) is up


def test_the_level_is_the_median_after_a_moment():
    assert level(line([1, 1, 1, 5, 7, 900]), NOW - 3) == 7.0
    assert level(line([1, 2, NAN]), NOW - 2) == 2.0
    assert level(line([1, 2, NAN]), NOW - 1) is None


def test_a_step_is_found_at_the_first_figure_out_of_the_band():
    found = moved([10.0] * 60 + [30.0] * 30)
    assert found is not None
    assert found.at == NOW - 29
    assert (found.column, found.before.median, found.after) == ("p99_ms", 10.0, 30.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ago", [8, 20, 100, 230])
def test_a_step_under_noise_is_found_within_two_polls(ago, seed):
    found = moved(scattered(10, 300 - ago, seed=seed) + scattered(25, ago, seed=seed + 100))
    assert found is not None
    assert found.at == pytest.approx(NOW - ago + 1, abs=2.0)


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_does_not_move(seed):
    assert moved(scattered(10, 300, 0.2, seed)) is None


@pytest.mark.parametrize("seed", range(5))
def test_wild_noise_must_be_left_by_more(seed):
    """A median that is half again as high means nothing where bins scatter by their own level."""
    wild = np.random.default_rng(seed).lognormal(2.3, 0.8, 300)
    assert moved(list(wild)) is None


def test_the_luck_of_a_few_bins_is_no_level():
    """Five low bins at the start of what scatters widely are not where it usually lies."""
    found = [moved(list(np.random.default_rng(seed).lognormal(2.3, 0.6, 300))) for seed in range(60)]
    assert sum(each is not None for each in found) <= 1


def test_a_ramp_moved_once_it_is_far_out():
    values = [10.0] * 100 + list(np.linspace(10, 60, 60)) + [60.0] * 20
    found = moved(values)
    assert found is not None
    assert NOW - 80 <= found.at <= NOW - 20


def test_a_spike_that_is_over_is_none():
    assert moved([10.0] * 60 + [200.0] * 20 + [10.0] * 10) is None


def test_a_figure_that_came_back_a_moment_ago_has_not_moved():
    assert moved([10.0] * 60 + [200.0] * 40 + [10.0] * 6) is None


def test_one_bin_back_in_the_band_does_not_end_it():
    found = moved([10.0] * 60 + [200.0] * 40 + [10.0] * 2)
    assert found is not None
    assert found.at == NOW - 41


def test_it_begins_when_a_third_of_the_way_is_gone():
    found = moved([10.0] * 60 + [17.0, 18.0, 20.0] + [30.0] * 27)
    assert found is not None
    assert found.at == NOW - 29


@pytest.mark.parametrize("seed", range(5))
def test_a_level_within_the_usual_scatter_is_none_however_long_it_lasts(seed):
    rng = np.random.default_rng(seed)
    values = [*rng.lognormal(2.3, 0.6, 200), *(1.6 * rng.lognormal(2.3, 0.6, 100))]
    assert moved(values) is None


def test_one_bin_out_of_the_band_is_no_level():
    assert moved([10.0] * 60 + [200.0] * 2) is None
    assert moved([10.0] * 60 + [200.0] * 4) is not None


def test_what_fell_did_not_leave_its_band_upwards():
    assert moved([30.0] * 60 + [10.0] * 30) is None


@pytest.mark.parametrize(
    ("before", "after", "factor", "least", "found"),
    [
        (10.0, 14.9, 1.5, 1.0, False),
        (10.0, 15.0, 1.5, 1.0, True),
        (0.1, 0.9, 1.5, 1.0, False),
        (0.0, 0.02, 3.0, 0.01, True),
        (0.0, 0.009, 3.0, 0.01, False),
    ],
)
def test_the_factor_and_the_least_decide(before, after, factor, least, found):
    made = moved([before] * 40 + [after] * 20, factor=factor, least=least)
    assert (made is not None) is found


def test_gaps_do_not_move_the_moment():
    values = [10.0] * 60 + [30.0] * 30
    for at in (3, 4, 5, 20, 21, 22, 40, 41, 70, 71, 72):
        values[at] = NAN
    found = moved(values)
    assert found is not None
    assert found.at == NOW - 29


def test_a_gap_at_the_very_start_does_not_widen_the_search():
    """An outlier a minute before is not when it began."""
    values = [10.0, *[NAN] * 50, *[10.0] * 50, 40.0, 40.0, *[10.0] * 30, *[40.0] * 60]
    found = moved(values)
    assert found is not None
    assert found.at == NOW - 59


def test_after_a_gap_it_began_at_the_first_figure_that_tells():
    found = moved([10.0] * 60 + [NAN] * 20 + [30.0] * 20)
    assert found is not None
    assert found.at == NOW - 19


def test_a_single_outlier_just_before_is_not_the_beginning():
    values = [10.0] * 57 + [35.0, 10.0, 10.0] + [30.0] * 30
    found = moved(values)
    assert found is not None
    assert found.at == NOW - 29


@pytest.mark.parametrize("step", [0.1, 0.5, 5.0, 30.0, 60.0])
def test_the_moment_is_right_at_any_refresh(step):
    before, after = max(40, int(10 / step)), max(20, int(8 / step))
    found = moved([10.0] * before + [30.0] * after, width=max(2.0, 2 * step), step=step)
    assert found is not None
    assert found.at == pytest.approx(NOW - (after - 1) * step, abs=step / 2)


def test_nothing_or_a_little_is_no_onset():
    assert moved([]) is None
    assert moved([10.0, 50.0]) is None
    assert moved([NAN] * 50) is None


def test_bins_without_the_fine_figures_still_tell_roughly():
    bins = binned(line([10.0] * 40 + [30.0] * 20), 2.0, NOW)
    found = onset("p99_ms", bins, Line(np.empty(0), np.empty(0)), 1.5, 1.0)
    assert found is not None
    assert found.at == pytest.approx(NOW - 20, abs=2.0)


@given(
    st.lists(st.one_of(st.floats(0, 1e5, width=32), st.just(NAN)), max_size=120),
    st.floats(0.5, 20.0),
    st.floats(1.1, 5.0),
)
def test_an_onset_is_within_what_was_seen_and_over_its_band(values, width, factor):
    found = moved(values, width=width, factor=factor)
    if found is None:
        return
    assert NOW - len(values) - width <= found.at <= NOW
    assert isinstance(found.before, Band)
    assert found.after >= factor * found.before.median
    seen = [value for value in values if not math.isnan(value)]
    assert min(seen) * 0.999 <= found.after <= max(seen) * 1.001
