import pytest

from console.domain.histogram import growth, merged, quantile, share_above
from console.domain.triton import Histogram

INF = float("inf")
BOUNDS = (100.0, 500.0, 2000.0, INF)


def test_a_quantile_names_the_bucket_that_holds_it() -> None:
    found = quantile(Histogram(BOUNDS, (50.0, 90.0, 100.0, 100.0)), 0.95)

    assert found is not None
    assert (found.low, found.high) == (500.0, 2000.0)
    assert found.value == pytest.approx(1250.0)


def test_beyond_the_last_bound_only_that_bound_is_known() -> None:
    found = quantile(Histogram(BOUNDS, (0.0, 0.0, 0.0, 10.0)), 0.99)

    assert found == (2000.0, 2000.0, INF)


def test_no_counts_no_quantile() -> None:
    assert quantile(Histogram(BOUNDS, (0.0, 0.0, 0.0, 0.0)), 0.5) is None
    assert share_above(Histogram(BOUNDS, (0.0, 0.0, 0.0, 0.0)), 100.0) is None


def test_targets_add_up_only_with_equal_buckets() -> None:
    one = Histogram(BOUNDS, (1.0, 2.0, 3.0, 4.0))

    assert merged(one, one).counts == (2.0, 4.0, 6.0, 8.0)
    assert merged(one, Histogram((1.0, INF), (1.0, 1.0))) == one


def test_a_histogram_that_went_back_was_reset() -> None:
    assert growth(Histogram(BOUNDS, (5.0,) * 4), Histogram(BOUNDS, (1.0,) * 4)) is None


def test_the_share_above_a_threshold_is_a_lower_bound() -> None:
    histogram = Histogram(BOUNDS, (50.0, 90.0, 100.0, 100.0))

    assert share_above(histogram, 100.0) == 0.5
    assert share_above(histogram, 101.0) == pytest.approx(0.1)
