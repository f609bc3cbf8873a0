import numpy as np

from console.domain.history import LEAST_SLOTS, Ring, Tier, Track


def block(*values: float) -> np.ndarray:
    return np.array([list(values)], dtype=np.float32)


def test_full_resolution_is_kept_for_as_many_slots_as_asked() -> None:
    track = Track(["rate"], Tier(0, 3))
    for second in range(1, 6):
        track.append(float(second), block(second * 10.0))

    times, values = track.series("rate", 0, since=0.0)

    assert times.tolist() == [3.0, 4.0, 5.0]
    assert values.tolist() == [30.0, 40.0, 50.0]


def test_what_left_full_resolution_is_still_there_as_bucket_means() -> None:
    track = Track(["rate"], Tier(0, 5), [Tier(10, 10)])
    for second in range(35):
        track.append(float(second), block(float(second)))

    times, values = track.series("rate", 0, since=-1.0)

    assert times.tolist() == [10.0, 20.0, 30.0, 31.0, 32.0, 33.0, 34.0]
    assert values.tolist()[:2] == [4.5, 14.5]
    assert values.tolist()[-1] == 34.0


def test_a_row_that_came_late_is_unknown_before() -> None:
    track = Track(["rate"], Tier(0, 5))
    track.append(1.0, block(1.0))
    track.append(2.0, block(1.0, 2.0))

    _, values = track.series("rate", 1, since=0.0)

    assert np.isnan(values[0])
    assert values[1] == 2.0


def test_rows_beyond_the_first_capacity_keep_the_past() -> None:
    track = Track(["rate"], Tier(0, 5))
    track.append(1.0, block(7.0))
    track.append(2.0, block(*range(500)))

    assert track.series("rate", 0, since=0.0)[1].tolist() == [7.0, 0.0]
    assert track.series("rate", 499, since=0.0)[1].tolist()[-1] == 499.0


def test_a_bucket_of_nothing_known_is_unknown_not_zero() -> None:
    track = Track(["rate"], Tier(0, 1), [Tier(10, 10)])
    for second in range(25):
        track.append(float(second), block(float("nan") if second < 10 else 3.0))

    _, values = track.series("rate", 0, since=-1.0)

    assert np.isnan(values[0])
    assert values[1] == 3.0


def test_each_tier_keeps_to_its_budget_whether_or_not_it_keeps_extremes() -> None:
    for extremes in (False, True):
        track = Track(["rate"], Tier(0, 500), [Tier(2, 500)], LEAST_SLOTS * 4 * 1000, extremes=extremes)
        for second in range(700):
            track.append(float(second), block(*[float(second)] * 1000))

        times, values = track.series("rate", 999, since=-1.0)
        assert 2 * LEAST_SLOTS - 4 <= times[-1] - times[0] <= 2 * LEAST_SLOTS
        assert values[-1] == 699.0


def test_many_rows_cost_the_oldest_slots_not_more_memory() -> None:
    ring = Ring(columns=1, slots=500, budget=LEAST_SLOTS * 2 * 4 * 1000)
    for second in range(400):
        ring.append(float(second), block(float(second)))
    ring.append(400.0, block(*range(1000)))

    slots = ring.since(-1.0)
    assert ring.times(slots)[-1] == 400.0
    assert ring.slots == LEAST_SLOTS * 2
    assert ring.times(slots)[0] == 401.0 - LEAST_SLOTS * 2 + 0.0
    assert ring.series(slots, 0, 0)[:2].tolist() == ring.times(slots)[:2].tolist()
