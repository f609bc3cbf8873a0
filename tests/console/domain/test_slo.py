import numpy as np

from console.domain.families import ROWS, F
from console.domain.fleet import Fleet, Objective
from console.domain.slo import Promises, burn, not_yet, slow_share

PROMISES = Promises.of([Objective(latency_ms=50.0, quantile=0.99, availability=0.999)])


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_burn_is_one_when_the_budget_is_spent_exactly() -> None:
    assert burn(PROMISES, one(1000.0), one(1.0), one(0.0)).round(9).tolist() == [1.0]


def test_the_worse_of_availability_and_latency_counts() -> None:
    assert burn(PROMISES, one(1000.0), one(1.0), one(50.0)).round(9).tolist() == [5.0]


def test_without_requests_the_burn_is_unknown_not_zero() -> None:
    assert np.isnan(burn(PROMISES, one(0.0), one(0.0), one(0.0)))[0]


def test_a_quantile_over_the_threshold_proves_the_share_above_it() -> None:
    counters = np.full((ROWS, 4), np.nan)
    counters[F.P50] = (10, 10, 60, np.nan)
    counters[F.P95] = (20, 60, 70, np.nan)
    counters[F.P99] = (30, 90, 90, np.nan)

    share = slow_share(counters, np.full(4, 50.0))

    assert share[:3].round(9).tolist() == [0.0, 0.05, 0.5]
    assert np.isnan(share[3])


def test_a_window_exists_from_when_the_one_before_it_is_full() -> None:
    missing = not_yet(np.array([0.0, 10.0, 301.0, 4000.0]))

    assert missing["5m"].tolist() == [True, False, False, False]
    assert missing["30m"].tolist() == [True, True, False, False]
    assert missing["2h"].tolist() == [True, True, True, False]


def test_long_windows_exist_one_after_the_other() -> None:
    missing = not_yet(np.array([3700.0, 7300.0, 22_000.0, 90_000.0]))

    assert list(missing) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    assert missing["2h"].tolist() == [False, False, False, False]
    assert missing["6h"].tolist() == [True, False, False, False]
    assert missing["1d"].tolist() == [True, True, False, False]
    assert missing["3d"].tolist() == [True, True, True, False]


def test_the_first_matching_glob_gives_the_objective() -> None:
    tight, loose = Objective(latency_ms=50.0), Objective(latency_ms=900.0)
    fleet = Fleet(objectives=(("ranker*", tight),), default_objective=loose)

    assert fleet.objective("ranker_v2") is tight
    assert fleet.objective("embed") is loose
