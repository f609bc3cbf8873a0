import numpy as np

from console.domain.history import Tier
from console.domain.ledger import Ledger


def advance(ledger: Ledger, at: float, *rates: float, seconds: float = 1.0) -> None:
    ledger.advance(at, np.array([list(rates)], dtype=float), seconds)


def test_a_window_is_the_exact_sum_of_what_fell_into_it() -> None:
    ledger = Ledger(1, (Tier(0, 100),))
    for second in range(1, 21):
        advance(ledger, second, float(second))

    window = ledger.window(20.0, 5.0, 1)

    assert window.sums[0, 0] == 16 + 17 + 18 + 19 + 20
    assert window.seconds[0] == 5.0


def test_a_window_longer_than_the_past_covers_the_past_and_says_how_much() -> None:
    ledger = Ledger(1, (Tier(0, 100),))
    for second in range(1, 4):
        advance(ledger, second, 2.0)

    window = ledger.window(3.0, 3600.0, 1)

    assert (window.sums[0, 0], window.seconds[0]) == (6.0, 3.0)


def test_time_that_was_not_observed_does_not_dilute_the_rest() -> None:
    ledger = Ledger(1, (Tier(0, 100),))
    for second, rate in enumerate((10.0, float("nan"), float("nan"), 10.0), start=1):
        advance(ledger, second, rate)

    window = ledger.window(4.0, 4.0, 1)

    assert (window.sums[0, 0], window.seconds[0]) == (20.0, 2.0)


def test_a_row_that_appears_later_starts_from_nothing() -> None:
    ledger = Ledger(1, (Tier(0, 100),))
    advance(ledger, 1.0, 5.0)
    advance(ledger, 2.0, 5.0, 7.0)

    window = ledger.window(2.0, 10.0, 3)

    assert window.sums.tolist() == [[10.0, 7.0, 0.0]]
    assert window.seconds.tolist() == [2.0, 1.0, 0.0]


def test_long_windows_are_answered_from_coarse_checkpoints() -> None:
    ledger = Ledger(1, (Tier(0, 5), Tier(10, 50)))
    for second in range(1, 301):
        advance(ledger, second, 1.0)

    window = ledger.window(300.0, 100.0, 1)

    assert 100.0 <= window.seconds[0] <= 110.0
    assert window.sums[0, 0] == window.seconds[0]
