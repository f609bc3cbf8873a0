import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.snapshot import Points
from console.triage.series import (
    EMPTY,
    Band,
    Line,
    band,
    binned,
    greatest,
    line,
    split,
    total,
    widened,
)

NAN = math.nan
FIGURES = st.one_of(st.none(), st.floats(allow_infinity=True, allow_nan=True, width=32))


def made(*values, start=1.0, step=1.0):
    """A line with a value every step."""
    return Line(start + step * np.arange(len(values), dtype=float), np.array(values, dtype=float))


def told(found):
    """Times and values, None for what is unknown."""
    return [
        (float(at), None if math.isnan(value) else round(float(value), 6))
        for at, value in zip(found.at, found.values, strict=True)
    ]


def test_points_become_a_line_in_which_nothing_is_unknown_by_zero():
    found = line(Points([1.0, 2.0, 3.0], [4.0, None, 0.0]))
    assert told(found) == [(1.0, 4.0), (2.0, None), (3.0, 0.0)]
    assert told(found.known) == [(1.0, 4.0), (3.0, 0.0)]


def test_what_is_infinite_is_not_known():
    assert told(made(1, math.inf, -math.inf).known) == [(1.0, 1.0)]


def test_a_stretch_begins_after_its_start_and_holds_its_end():
    assert told(made(1, 2, 3, 4).between(1.0, 3.0)) == [(2.0, 2.0), (3.0, 3.0)]


def test_lines_are_added_where_any_is_known():
    assert told(total([made(1, NAN, NAN), made(2, 3, NAN)])) == [(1.0, 3.0), (2.0, 3.0), (3.0, None)]


def test_the_greatest_is_of_those_that_are_known():
    found = greatest([made(1, NAN, NAN, -5), made(2, 3, NAN, -7)])
    assert told(found) == [(1.0, 2.0), (2.0, 3.0), (3.0, None), (4.0, -5.0)]


def test_a_line_that_began_later_is_merged_by_its_end():
    assert told(total([made(1, 2, 3), EMPTY, made(20, 30, start=2.0)])) == [(2.0, 22.0), (3.0, 33.0)]
    assert told(total([made(20, 30, start=2.0), made(1, 2, 3)])) == [(2.0, 22.0), (3.0, 33.0)]


@pytest.mark.parametrize("merge", [total, greatest])
def test_nothing_merged_is_nothing(merge):
    assert told(merge([])) == []
    assert told(merge([EMPTY, EMPTY])) == []


def test_bins_end_now_and_hold_means():
    assert told(binned(made(1, 3, 5, 7), 2.0, 4.0)) == [(2.0, 2.0), (4.0, 6.0)]


def test_a_bin_without_a_figure_is_unknown_and_not_zero():
    assert told(binned(made(1, NAN, NAN, 7, 9), 1.0, 5.0)) == [
        (1.0, 1.0),
        (2.0, None),
        (3.0, None),
        (4.0, 7.0),
        (5.0, 9.0),
    ]


def test_bins_reach_to_the_moment_that_was_asked_for_even_if_nothing_is_known_of_it():
    assert told(binned(made(4, 4), 1.0, 4.0)) == [(1.0, 4.0), (2.0, 4.0), (3.0, None), (4.0, None)]


def test_what_is_after_the_moment_does_not_count():
    """A clock that was set back leaves times in the future."""
    assert told(binned(made(1, 2, 100), 1.0, 2.0)) == [(1.0, 1.0), (2.0, 2.0)]


def test_polls_that_are_longer_apart_than_a_bin_leave_unknown_ones_between():
    assert told(binned(made(1, 2, start=10.0, step=10.0), 5.0, 20.0)) == [
        (10.0, 1.0),
        (15.0, None),
        (20.0, 2.0),
    ]


def test_a_mean_over_a_bin_is_weighted_by_what_it_is_a_mean_of():
    spent, served = made(100, 10), made(1, 10)
    assert told(binned(spent, 2.0, 2.0, served)) == [(2.0, 10.0)]


def test_a_part_of_a_mean_that_is_unknown_takes_its_weight_away():
    assert told(binned(made(100, NAN), 2.0, 2.0, made(10, 90))) == [(2.0, 10.0)]
    assert told(binned(made(100, 50), 2.0, 2.0, made(10, NAN))) == [(2.0, 10.0)]


def test_nothing_over_nothing_is_unknown():
    assert told(binned(made(0, 0), 1.0, 2.0, made(0, 0))) == []
    assert told(binned(made(0, 5), 1.0, 2.0, made(0, 1))) == [(2.0, 5.0)]
    assert told(binned(EMPTY, 1.0, 2.0)) == []
    assert told(binned(made(NAN, NAN), 1.0, 2.0)) == []


def test_the_usual_level_is_not_moved_by_a_spike():
    found = band(made(10, 10, 12, 8, 10, 500, 10))
    assert found is not None
    assert (found.median, found.bins) == (10.0, 7)
    assert found.deviation < 2.0


def test_the_deviation_is_that_of_a_normal_scatter():
    values = np.random.default_rng(1).normal(100, 7, 2000)
    found = band(made(*values))
    assert found is not None
    assert found.deviation == pytest.approx(7, rel=0.1)


def test_two_bins_are_no_level_and_unknown_ones_do_not_count():
    assert band(made(1, 2)) is None
    assert band(made(1, NAN, 2, NAN)) is None
    assert band(made(1, NAN, 2, 3)) == Band(2.0, 1.4826, 3)


@pytest.mark.parametrize("at", [3, 10, 18])
def test_the_split_is_where_the_level_changes(at):
    values = [10.0] * at + [20.0] * (20 - at)
    assert split(made(*values)) == at


def test_a_spike_does_not_hide_a_step_that_came_later():
    values = [10.0] * 6 + [400.0] + [10.0] * 6 + [30.0] * 7
    assert split(made(*values)) == 13


def test_levels_are_compared_by_their_ratio():
    """From 1 to 4 is a larger step than from 4 to 12."""
    assert split(made(*[1.0] * 8, *[4.0] * 8, *[12.0] * 8)) == 8


@pytest.mark.parametrize("values", [(), (1,), (1, 1, 1, 9)])
def test_too_short_a_line_has_no_split(values):
    assert split(made(*values)) is None


def test_zeros_have_a_split_too():
    assert split(made(0, 0, 0, 0, 5, 5, 5)) == 4


def test_wider_bins_end_with_the_last_and_hold_what_is_known():
    found = widened(made(1, 2, 4, NAN, 6, 8, 10), 2)
    assert told(found) == [(1.0, 1.0), (3.0, 3.0), (5.0, 6.0), (7.0, 9.0)]
    assert told(widened(made(1, NAN, NAN), 2)) == [(1.0, 1.0), (3.0, None)]
    assert told(widened(EMPTY, 3)) == []


def test_bins_that_are_not_widened_stay():
    assert told(widened(made(1, NAN, 3), 1)) == told(made(1, NAN, 3))


@given(st.lists(FIGURES, max_size=60), st.lists(FIGURES, max_size=60))
def test_any_lines_can_be_merged(first, second):
    lines = [line(Points([float(n) for n in range(len(each))], each)) for each in (first, second)]
    length = min((len(each.at) for each in lines if len(each.at)), default=0)
    with np.errstate(all="ignore"):
        for merged in (total(lines), greatest(lines)):
            assert len(merged.at) == len(merged.values) == length


@given(st.lists(FIGURES, min_size=1, max_size=60), st.floats(0.1, 100.0))
def test_no_bin_holds_more_or_less_than_was_seen(values, width):
    source = line(Points([float(n) for n in range(len(values))], values))
    bins = binned(source, width, 60.0)
    seen = source.known.values
    assert len(bins.known.at) <= len(seen)
    if not len(seen):
        assert not len(bins.at)
        return
    slack = 1e-9 * float(np.abs(seen).max()) + 1e-9
    assert all(seen.min() - slack <= value <= seen.max() + slack for value in bins.known.values)


@given(st.lists(st.floats(0, 1e6, width=32), max_size=80))
def test_a_split_leaves_a_level_on_either_side(values):
    at = split(made(*values))
    assert (at is None) == (len(values) < 5)
    if at is not None:
        assert 3 <= at <= len(values) - 2
