"""What doctor says of a fleet that is seen through Prometheus."""

from typing import Any

import pytest

from console.cli._check import Check, Status
from console.cli._check_fleet import fleet_checks
from console.domain.prospect import Asking, Group, PrometheusReading
from tests.snapshots import fleet, snapshot

ASKED = (
    Asking("servers: how many are scraped, and when", "count(up)", 0.012, 6),
    Asking("requests", "sum(rate(x[1m]))", 0.25, 40),
    Asking("durations", "sum(rate(y[1m]))", 0.1, 0, "prometheus: no answer within 9 s"),
)
TOLD = PrometheusReading(
    100.0, (Group("eu", {"cluster": "eu"}, 24, 25, 4.0), Group("us", {}, 25, 25, 4.0)), (), ASKED,
    "Prometheus 2.42.0", 15.0, 60.0, ("prometheus: 1 server is found no more",),
)  # fmt: skip


def checks(
    told: PrometheusReading | None = TOLD, refresh: float = 5.0, **settings: Any
) -> dict[str, list[Check]]:
    """Every check by its id."""
    seen = fleet(
        prometheus="http://prom:9090",
        through_prometheus=True,
        **{"selector": 'job="triton"', "by": ("cluster",), **settings},
    )
    found: dict[str, list[Check]] = {}
    for check in fleet_checks(snapshot(fleet=seen, prometheus=told, targets=()), refresh):
        found.setdefault(check.id, []).append(check)
    return found


def test_the_number_of_queries_is_told_and_each_with_its_time_and_series() -> None:
    found = checks()

    assert found["prometheus.queries"][0].message == (
        "3 queries a refresh, whatever the fleet's size: 0.36 s together, 46 series, every 5 s"
    )
    assert [(check.subject, check.message) for check in found["prometheus.query"]] == [
        ("servers: how many are scraped, and when", "0.012 s, 6 series"),
        ("requests", "0.250 s, 40 series"),
        ("durations", "no answer within 9 s"),
    ]
    assert found["prometheus.query"][2].status is Status.WARN


def test_servers_are_counted_group_by_group() -> None:
    eu, us = checks()["prometheus.servers"]

    assert (eu.subject, eu.status, eu.message) == ("eu", Status.WARN, "24 of 25 answer when they are scraped")
    assert us.status is Status.OK
    assert checks()["prometheus.selector"][0].message == '{job="triton"}: 50 servers in 2 groups, by cluster'


def test_a_selector_without_a_job_is_warned_of() -> None:
    (check,) = checks(selector='namespace="prod"')["prometheus.selector"]

    assert check.status is Status.WARN
    assert "name their job" in check.hint


def test_queries_that_take_most_of_the_time_between_refreshes_are_too_much() -> None:
    (check,) = checks(refresh=0.5)["prometheus.queries"]

    assert check.status is Status.WARN
    assert check.hint == "with refresh = 15 in the settings it is asked less often"


@pytest.mark.parametrize(
    ("told", "check", "status", "message"),
    [
        (None, "prometheus.reach", Status.FAIL, "no answer from http://prom:9090"),
        (TOLD._replace(groups=()), "prometheus.selector", Status.FAIL, "no Triton is scraped"),
        (TOLD._replace(scrape_s=None), "prometheus.scrape", Status.WARN, "how often it scrapes is not told"),
        (TOLD, "prometheus.scrape", Status.OK, "every 15 s; rates are means of 60 s"),
        (TOLD._replace(groups=(Group("eu", {}, 1, 1, 300.0),)), "prometheus.scrape", Status.WARN, "eu: the oldest"),
        (TOLD, "prometheus.notes", Status.WARN, "1 server is found no more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    told: PrometheusReading | None, check: str, status: Status, message: str
) -> None:
    (found,) = checks(told)[check]

    assert found.status is status
    assert message in found.message
