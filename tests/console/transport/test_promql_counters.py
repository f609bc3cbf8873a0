"""Counters made of rates: a store takes from them the rates that Prometheus told, and nothing that nobody saw."""

import numpy as np
import pytest

from console.domain.counters import delta
from console.domain.families import GROWING, ROWS, F
from console.domain.fleet import ModelVersion
from console.domain.triton import HostGauges
from console.transport.promql_counters import Counted, Sums
from console.transport.promql_figures import Step

RANKER, OCR = ModelVersion("ranker", "7"), ModelVersion("ocr", "1")
WINDOW_S = 60.0


def step(rates: dict[ModelVersion, float], buckets: dict[float, float] | None = None) -> Step:
    block = np.full((GROWING, len(rates)), np.nan)
    block[F.SUCCESS] = list(rates.values())
    gauges = np.full((ROWS - GROWING, len(rates)), np.nan)
    return Step(tuple(rates), block, gauges, {RANKER: buckets} if buckets else {}, HostGauges())


def rate(before: Counted, after: Counted, key: ModelVersion = RANKER) -> float:
    found = delta(before.counters, after.counters, after.at - before.at)
    return float(found.rates[F.SUCCESS, after.counters.keys.index(key)])


def test_the_first_look_is_as_long_as_its_window() -> None:
    before, after = Sums(WINDOW_S).add(1000.0, step({RANKER: 12.5}))

    assert after.at - before.at == WINDOW_S
    assert rate(before, after) == pytest.approx(12.5)


def test_each_look_gives_back_the_rates_that_were_told() -> None:
    sums = Sums(WINDOW_S)
    *_, last = sums.add(1000.0, step({RANKER: 10.0, OCR: 1.0}))
    for at, told in ((1005.0, 20.0), (1019.5, 0.0), (1079.0, 7.0)):
        (now,) = sums.add(at, step({RANKER: told, OCR: 2 * told}))
        assert rate(last, now) == pytest.approx(told)
        assert rate(last, now, OCR) == pytest.approx(2 * told)
        assert now.counters.keys is last.counters.keys
        last = now


def test_the_same_scrape_is_no_news() -> None:
    sums = Sums(WINDOW_S)
    list(sums.add(1000.0, step({RANKER: 10.0})))

    assert list(sums.add(1000.0, step({RANKER: 10.0}))) == []
    assert list(sums.add(990.0, step({RANKER: 10.0}))) == []


def test_no_request_is_made_up_for_a_time_that_nobody_asked_about() -> None:
    sums = Sums(WINDOW_S)
    *_, before = sums.add(1000.0, step({RANKER: 10.0}))
    begin, end = sums.add(5000.0, step({RANKER: 10.0}))

    grown = end.counters.values[F.SUCCESS] - before.counters.values[F.SUCCESS]

    assert grown.tolist() == [10.0 * WINDOW_S]
    assert rate(begin, end) == pytest.approx(10.0)


def test_what_is_not_told_is_unknown_and_goes_on_where_it_was() -> None:
    sums = Sums(WINDOW_S)
    *_, first = sums.add(1000.0, step({RANKER: 10.0}))
    (unknown,) = sums.add(1010.0, step({RANKER: np.nan}))
    (again,) = sums.add(1020.0, step({RANKER: 10.0}))

    assert np.isnan(unknown.counters.values[F.SUCCESS, 0])
    assert again.counters.values[F.SUCCESS, 0] == first.counters.values[F.SUCCESS, 0] + 100.0


def test_an_answer_that_is_not_whole_unloads_nothing() -> None:
    sums = Sums(WINDOW_S)
    list(sums.add(1000.0, step({RANKER: 10.0, OCR: 1.0})))
    (partial,) = sums.add(1010.0, step({RANKER: 10.0}), whole=False)
    (whole,) = sums.add(1020.0, step({RANKER: 10.0}))

    assert set(partial.counters.keys) == {RANKER, OCR}
    assert np.isnan(partial.counters.values[F.SUCCESS, partial.counters.keys.index(OCR)])
    assert whole.counters.keys == (RANKER,)


def test_histograms_grow_by_the_rates_of_their_buckets() -> None:
    before, after = Sums(WINDOW_S).add(1000.0, step({RANKER: 10.0}, {50.0: 9.0, float("inf"): 10.0}))

    assert before.histograms is not None and after.histograms is not None  # noqa: PT018 - for the types
    assert before.histograms[RANKER].counts == (0.0, 0.0)
    assert after.histograms[RANKER] == ((50.0, float("inf")), (9.0 * WINDOW_S, 10.0 * WINDOW_S))
