"""Figures, ages, bars: the texts that stand in cells."""

import pytest

from console.view import format as write
from console.view.spark import bar, buckets, sparkline


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0"),
        (0.001, "<0.01"),
        (0.25, "0.25"),
        (9.99, "9.99"),
        (9.996, "10.0"),
        (12.14, "12.1"),
        (1204.31, "1,204.3"),
        (99_999.96, "100,000"),
        (123_456.7, "123,457"),
        (12_345_678, "12.3M"),
        (-3.14159, "-3.14"),
    ],
)
def test_numbers_have_three_to_five_significant_places(value: float, text: str) -> None:
    assert write.number(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0, "0"),
        (0.00001, "<0.01"),
        (0.0002, "0.02"),
        (0.0999, "9.99"),
        (0.5, "50.0"),
        (0.9999, "100"),
        (1, "100"),
    ],
)
def test_small_shares_are_not_rounded_to_nothing(ratio: float, text: str) -> None:
    assert write.percent(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "age", "duration"),
    [
        (-3, "0.0s", "0s"),
        (0.84, "0.8s", "0s"),
        (42, "42s", "42s"),
        (200, "3m", "3m 20s"),
        (5999, "99m", "1h 39m"),
        (7300, "2h", "2h 01m"),
        (200_000, "2d", "2d 7h"),
    ],
)
def test_ages_have_one_unit_and_durations_two(seconds: float, age: str, duration: str) -> None:
    assert write.age(seconds) == age
    assert write.duration(seconds) == duration


def test_times_and_thresholds_read_as_people_write_them() -> None:
    assert write.times(3.67) == "3.7×"
    assert write.times(312.4) == "312×"
    assert write.times(123_456) == ">9999×"
    assert write.threshold(50.0) == "50"
    assert write.threshold(2.5) == "2.5"
    assert write.gib(2**30 * 71.23) == "71.2"
    assert write.clock(1_760_000_000.0) == "08:53:20Z"


def test_a_bar_is_full_at_one_and_shows_whatever_is_above_nothing() -> None:
    assert bar(0.0, 4) == "    "
    assert bar(0.001, 4) == "▏   "
    assert bar(0.5, 4) == "██  "
    assert bar(7.0, 4) == "████"


def test_a_sparkline_starts_at_zero_and_leaves_gaps_for_the_unknown() -> None:
    assert sparkline([0.0, 4.0, None, 8.0], 4) == "▁▅ █"
    assert sparkline([1.0], 3, top=8.0) == "  ▂"
    assert sparkline([None, None], 2) == "  "
    assert sparkline([0.0, 0.0], 2) == "▁▁"


def test_buckets_hold_the_highest_value_and_move_by_whole_steps() -> None:
    at, values = [0.0, 4.0, 12.0, 21.0, 29.0], [1.0, 5.0, None, 2.0, 3.0]
    assert buckets(at, values, until=30.0, step=10.0, number=3) == [5.0, None, 3.0]
    assert buckets(at, values, until=39.9, step=10.0, number=3) == [5.0, None, 3.0]
    assert buckets(at, values, until=40.0, step=10.0, number=3) == [None, 3.0, None]
