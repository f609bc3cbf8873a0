"""Rows of a Prometheus as the figures of groups: each where it belongs, and nothing breaks on what is odd."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.families import GROWING, F
from console.domain.fleet import ModelVersion
from console.transport._prometheus_answer import Row
from console.transport._prometheus_series import Grid
from console.transport.promql_figures import FleetFigures, GroupFigures

RANKER = ModelVersion("ranker", "7")
NOW = Grid(1000.0, 1.0, 1)


def row(figure: str, value: object, **labels: str) -> Row:
    return Row({"figure": figure, **labels}, (1000.0, str(value)))


def of(figure: str, value: object, **labels: str) -> Row:
    return row(figure, value, model="ranker", version="7", **labels)


def only(*rows: Row) -> GroupFigures:
    figures = FleetFigures((), NOW)
    figures.take(rows)
    (group,) = figures.groups("prod", 10).values()
    return group


def test_rates_and_gauges_come_in_the_consoles_units() -> None:
    group = only(
        of("success", 10), of("failure", 2, reason="BACKEND"), of("request", 50_000), of("pending", 4),
        of("quantile", 183_000, quantile="0.99"), row("host", 0.5, __name__="nv_cpu_utilization"),
    )  # fmt: skip
    step = group.step(0)

    assert step.keys == (RANKER,)
    assert step.rates[[F.SUCCESS, F.FAIL_BACKEND, F.REQUEST_MS], 0].tolist() == [10.0, 2.0, 50.0]
    assert step.gauges[[F.PENDING - GROWING, F.P99 - GROWING], 0].tolist() == [4.0, 183.0]
    assert np.isnan(step.rates[F.QUEUE_MS, 0])
    assert step.host.cpu_utilization == 0.5


@pytest.mark.parametrize(
    ("over", "share"),
    [
        ({}, 0.0),
        ({"0.99": 100.0}, 0.01),
        ({"0.99": 1.0, "0.9": 1.0, "0.5": 1.0}, 0.005),
        ({"0.99": 100.0, "0.9": 50.0}, 0.055),
    ],
)
def test_the_share_of_slow_requests_is_what_each_servers_quantiles_prove(
    over: dict[str, float], share: float
) -> None:
    """One server of a hundred that is slow does not make the requests of all of them slow."""
    slow = [of("slow", rate, quantile=quantile) for quantile, rate in over.items()]

    step = only(
        of("success", 100), of("summaries", 100), of("quantile", 900_000, quantile="0.99"), *slow
    ).step(0)

    assert step.gauges[F.SLOW - GROWING, 0] == pytest.approx(share)


def test_without_summaries_nothing_tells_how_many_were_slow() -> None:
    assert np.isnan(only(of("success", 100)).step(0).gauges[F.SLOW - GROWING, 0])


def test_groups_are_called_after_their_labels_and_two_never_alike() -> None:
    figures = FleetFigures(("cluster", "pod"), NOW)
    figures.take(
        [
            row("now", 1, cluster="eu", pod="a/b"),
            row("now", 1, cluster="eu/a", pod="b"),
            row("now", 1, cluster="us"),
            row("up", 9),
        ]
    )

    assert sorted(figures.groups("prod", 10)) == ["eu/a/b", "eu/a/b#2", "us/–"]


def test_servers_without_the_label_are_a_group_of_their_own() -> None:
    figures = FleetFigures(("cluster",), NOW)
    figures.take([row("now", 2, cluster="eu"), row("now", 1), row("up", 3), row("of", 3)])

    assert sorted(figures.groups("prod", 10)) == ["eu", "–"]


def test_of_too_many_groups_those_with_most_servers_are_shown() -> None:
    figures = FleetFigures(("pod",), NOW)
    figures.take(row("seen", number, pod=f"p{number}") for number in range(50))

    assert list(figures.groups("prod", 3)) == ["p47", "p48", "p49"]
    assert figures.number == 50


_ODD = st.text(max_size=8)


@given(
    st.lists(
        st.builds(
            Row,
            st.dictionaries(
                st.sampled_from(
                    ["figure", "model", "version", "quantile", "le", "reason", "cluster", "__name__"]
                ),
                st.one_of(
                    _ODD,
                    st.sampled_from(["success", "slow", "bucket", "quantile", "host", "failure", "newest"]),
                ),
            ),
            st.one_of(st.none(), st.tuples(st.floats(), st.one_of(_ODD, st.floats().map(str)))),
        )
    )
)
def test_no_row_breaks_it(rows: list[Row]) -> None:
    figures = FleetFigures(("cluster",), NOW)
    figures.take(rows)
    for group in figures.groups("prod", 10).values():
        step = group.step(0)
        assert step.rates.shape == (GROWING, len(step.keys))
        assert not np.isinf(step.rates).any()
