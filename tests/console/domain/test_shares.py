"""Weights give the share that was asked for, within what whole numbers allow, and bend nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.shares import NEAR, against, of_total, share

WEIGHTS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.integers(1, 256), min_size=1, max_size=6
)


def test_one_server_against_another_gets_the_weight_of_the_formula() -> None:
    split = against(0.10, {"v2": 100}, {"v1": 100}, 256)

    assert split.kept == {"v2": 11}
    assert split.others == {"v1": 100}


def test_default_weights_of_one_are_scaled_because_there_is_nothing_under_one() -> None:
    split = against(0.10, {"v2": 1}, {"v1": 1}, 256)

    assert split.share == pytest.approx(0.10, abs=0.005)
    assert split.others["v1"] > 1


def test_others_are_scaled_down_where_the_share_needs_more_than_the_limit() -> None:
    split = against(0.95, {"v2": 100}, {"v1": 100}, 256)

    assert split.share == pytest.approx(0.95, abs=0.005)
    assert split.kept["v2"] <= 256


def test_a_group_keeps_its_own_proportions() -> None:
    split = against(0.5, {"a": 30, "b": 10}, {"c": 100}, 256)

    assert split.kept == {"a": 75, "b": 25}


@given(wanted=st.floats(0.01, 0.99), kept=WEIGHTS, others=WEIGHTS)
def test_every_weight_is_legal_and_one_against_one_is_never_off_by_more_than_a_point(
    wanted: float, kept: dict[str, int], others: dict[str, int]
) -> None:
    split = against(wanted, kept, others, 256)

    assert all(1 <= weight <= 256 for weight in [*split.kept.values(), *split.others.values()])
    if len(kept) == len(others) == 1:
        assert abs(split.share - wanted) <= NEAR


@given(wanted=st.floats(0.0, 1.0), kept=WEIGHTS, others=WEIGHTS)
def test_parts_of_a_total_sum_to_it(wanted: float, kept: dict[str, int], others: dict[str, int]) -> None:
    split = of_total(wanted, kept, others, (100, 10000))

    assert sum(split.kept.values()) + sum(split.others.values()) in {100, 10000}
    assert split.share == pytest.approx(wanted, abs=0.0051)


def test_a_share_in_whole_percents_is_written_in_percents() -> None:
    split = of_total(0.10, {"v2": 50}, {"v1": 50}, (100, 10000))

    assert (split.kept, split.others) == ({"v2": 10}, {"v1": 90})


def test_a_small_share_of_many_takes_the_finer_total_rather_than_starve_one() -> None:
    split = of_total(0.01, {"a": 50, "b": 50}, {"c": 100}, (100, 10000))

    assert split.kept == {"a": 50, "b": 50}


def test_a_cluster_that_had_no_weight_gets_none_while_another_has() -> None:
    split = of_total(0.5, {"a": 50}, {"b": 50, "idle": 0}, (100, 10000))

    assert split.others == {"b": 50, "idle": 0}


def test_no_weight_at_all_has_no_share() -> None:
    assert share({"a": 0}, {"b": 0}) is None
    assert share({"a": 1}, {"b": 3}) == 0.25
