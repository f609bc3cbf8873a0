import numpy as np
import pytest

from console.domain.counters import Counters, delta, has_latencies
from console.domain.families import ROWS, F
from console.domain.fleet import ModelVersion

A, B = ModelVersion("a", "1"), ModelVersion("b", "1")


def counters(**by_model: dict[F, float]) -> Counters:
    keys = tuple(ModelVersion(name, "1") for name in by_model)
    values = np.full((ROWS, len(keys)), np.nan)
    for column, fields in enumerate(by_model.values()):
        for family, value in fields.items():
            values[family, column] = value
    return Counters(keys, values)


def test_rates_are_growth_over_time() -> None:
    change = delta(counters(a={F.SUCCESS: 10}), counters(a={F.SUCCESS: 30}), 4.0)

    assert change.rates[F.SUCCESS, 0] == 5.0
    assert not change.reset.any()


def test_a_counter_that_went_down_is_a_reset_not_a_negative_rate() -> None:
    before = counters(a={F.SUCCESS: 100, F.EXECUTIONS: 100}, b={F.SUCCESS: 5, F.EXECUTIONS: 5})
    after = counters(a={F.SUCCESS: 3, F.EXECUTIONS: 3}, b={F.SUCCESS: 6, F.EXECUTIONS: 6})

    change = delta(before, after, 1.0)

    assert change.reset.tolist() == [True, False]
    assert np.isnan(change.rates[F.SUCCESS, 0])
    assert change.rates[F.SUCCESS, 1] == 1.0
    assert not change.restarted


def test_when_every_busy_version_is_reset_the_process_restarted() -> None:
    before = counters(a={F.EXECUTIONS: 9}, b={F.EXECUTIONS: 5}, idle={F.EXECUTIONS: 0})
    after = counters(a={F.EXECUTIONS: 1}, b={F.EXECUTIONS: 0}, idle={F.EXECUTIONS: 0})

    assert delta(before, after, 1.0).restarted


def test_one_busy_version_that_is_reset_may_be_a_reload_but_forgotten_failures_are_not() -> None:
    before = counters(a={F.EXECUTIONS: 9, F.FAIL_BACKEND: 4}, idle={F.EXECUTIONS: 0})
    reload = counters(a={F.EXECUTIONS: 1, F.FAIL_BACKEND: 4}, idle={F.EXECUTIONS: 0})
    restart = counters(a={F.EXECUTIONS: 1, F.FAIL_BACKEND: 0}, idle={F.EXECUTIONS: 0})

    assert not delta(before, reload, 1.0).restarted
    assert delta(before, restart, 1.0).restarted


def test_one_busy_version_reset_by_a_server_that_was_away_is_a_restart() -> None:
    before = counters(a={F.EXECUTIONS: 9}, idle={F.EXECUTIONS: 0})
    after = counters(a={F.EXECUTIONS: 1}, idle={F.EXECUTIONS: 0})
    grown = counters(a={F.EXECUTIONS: 12}, idle={F.EXECUTIONS: 0})

    assert delta(before, after, 1.0, away=True).restarted
    assert not delta(before, grown, 1.0, away=True).restarted
    assert not delta(counters(a={F.EXECUTIONS: 0}), counters(a={F.EXECUTIONS: 0}), 1.0, away=True).restarted


def test_a_process_where_every_request_failed_restarted_when_that_is_forgotten() -> None:
    before = counters(a={F.EXECUTIONS: 0, F.FAIL_BACKEND: 4})
    after = counters(a={F.EXECUTIONS: 0, F.FAIL_BACKEND: 1})

    assert delta(before, after, 1.0).restarted


def test_failures_of_the_statistics_are_forgotten_at_each_reload() -> None:
    before = counters(a={F.EXECUTIONS: 9, F.FAIL_UNSPLIT: 4})
    after = counters(a={F.EXECUTIONS: 1, F.FAIL_UNSPLIT: 0})

    change = delta(before, after, 1.0)

    assert change.reset.tolist() == [True]
    assert not change.restarted


def test_a_process_that_came_back_without_one_of_its_models_restarted_all_the_same() -> None:
    before = counters(a={F.EXECUTIONS: 9}, b={F.EXECUTIONS: 5}, late={F.EXECUTIONS: 7})
    after = counters(a={F.EXECUTIONS: 1}, b={F.EXECUTIONS: 0})

    assert delta(before, after, 1.0).restarted
    assert not delta(before, counters(), 1.0).restarted


def test_a_version_not_seen_before_has_no_rate_yet() -> None:
    change = delta(counters(a={F.SUCCESS: 1}), counters(b={F.SUCCESS: 500}, a={F.SUCCESS: 3}), 1.0)

    assert np.isnan(change.rates[F.SUCCESS, 0])
    assert change.rates[F.SUCCESS, 1] == 2.0


def test_a_failure_counter_that_outlives_its_model_is_no_reset() -> None:
    before = counters(a={F.SUCCESS: 9, F.FAIL_BACKEND: 4})
    after = counters(a={F.FAIL_BACKEND: 4})

    assert not delta(before, after, 1.0).reset.any()


def test_two_polls_need_time_between_them() -> None:
    with pytest.raises(ValueError, match="time between"):
        delta(counters(a={}), counters(a={}), 0.0)


def test_what_a_server_counts_is_seen_in_its_series() -> None:
    assert has_latencies(counters(a={F.REQUEST_MS: 0.0}))
    assert not has_latencies(counters(a={F.SUCCESS: 3.0}))
