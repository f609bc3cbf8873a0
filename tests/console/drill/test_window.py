import numpy as np
import pytest

from console.drill.sim.window import KEPT, Window

QUANTILES = (0.5, 0.9, 0.99)


def test_small_windows_are_exact() -> None:
    window = Window()
    window.add(0.0, [float(value) for value in range(1, 101)])

    assert window.quantiles(1.0, QUANTILES) == [51.0, 91.0, 100.0]


def test_nothing_seen_is_no_quantile() -> None:
    assert Window().quantiles(0.0, QUANTILES) is None


def test_samples_leave_after_a_minute() -> None:
    window = Window()
    window.add(0.0, [5.0])
    window.add(30.0, [7.0])

    assert window.quantiles(47.0, (0.0,)) == [5.0]
    assert window.quantiles(61.0, (0.0,)) == [7.0]
    assert window.quantiles(100.0, (0.0,)) is None


@pytest.mark.parametrize("burst", [1, 7, 500])
def test_thinning_keeps_the_quantiles(burst: int) -> None:
    samples = np.random.default_rng(1).lognormal(3.0, 0.4, 40_000).tolist()
    window = Window()
    for start in range(0, len(samples), burst):
        window.add(start / len(samples) * 55.0, samples[start : start + burst])

    seen = window.quantiles(55.0, QUANTILES)

    assert seen == pytest.approx(np.quantile(samples, QUANTILES).tolist(), rel=0.05)
    assert sum(len(step) for step in window._steps) <= 5 * (KEPT + burst)
