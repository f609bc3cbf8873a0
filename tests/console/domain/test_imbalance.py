"""Differences between replicas are named, and chance is not."""

from random import Random
from typing import Any

import pytest

from console.domain.config import read_config
from console.domain.fleet import ModelVersion
from console.domain.imbalance import differing_versions, imbalance_warnings, imbalances
from console.domain.rows import ReplicaRow
from console.domain.triton import State
from tests.snapshots import percentiles

KEY = ModelVersion("ranker", "7")


def replica(number: int, **changes: Any) -> ReplicaRow:
    row = ReplicaRow(
        f"triton-{number}", KEY, State.READY, "", 40.0, 0.0, 20.0, 46.0, 1.0, 10.0, 0.0, 0.4, stale=False
    )
    return row._replace(**changes)


def texts(rows: list[ReplicaRow], seconds: float = 60.0) -> list[str]:
    return [found.text for found in imbalances(rows, seconds)]


def test_the_slow_one_is_named_with_its_factor_and_both_figures() -> None:
    rows = [replica(0), replica(1), replica(2), replica(3, p99_ms=183.0)]
    (found,) = imbalances(rows, 60.0)
    assert found.text == "p99 of triton-3 is 4× the median (183 against 46 ms, summary)"
    assert found.target == "triton-3"
    assert found.ratio == pytest.approx(183 / 46)


def test_without_percentiles_the_mean_is_compared_and_said_to_be_one() -> None:
    rows = [replica(number, p99_ms=None) for number in range(3)] + [replica(3, p99_ms=None, mean_ms=100.0)]
    assert texts(rows) == ["mean of triton-3 is 5× the median (100 against 20 ms, mean)"]


def test_too_few_requests_say_nothing_of_latency_or_traffic() -> None:
    rows = [replica(number, rate=0.5) for number in range(3)] + [replica(3, rate=0.5, p99_ms=900.0)]
    assert texts(rows) == []


def test_of_two_only_a_large_factor_is_named() -> None:
    assert texts([replica(0), replica(1, p99_ms=120.0)]) == []
    assert texts([replica(0), replica(1, p99_ms=230.0)]) == [
        "p99 of triton-1 is 5× the other's (230 against 46 ms, summary)"
    ]


def test_a_factor_of_little_is_little() -> None:
    rows = [replica(number, p99_ms=1.0) for number in range(3)] + [replica(3, p99_ms=4.0)]
    assert texts(rows) == []


def test_replicas_that_all_differ_are_not_one_odd_one() -> None:
    rows = [replica(number, p99_ms=float(value)) for number, value in enumerate((20, 60, 100, 140, 210))]
    assert texts(rows) == []


def test_one_that_gets_no_requests_while_others_do() -> None:
    rows = [replica(0), replica(1), replica(2, rate=0.0, mean_ms=None, p99_ms=None, queue_ms=None)]
    assert texts(rows) == ["triton-2 gets no requests (the median 40/s)"]


def test_one_that_gets_far_more() -> None:
    assert texts([replica(0), replica(1), replica(2, rate=120.0)]) == [
        "triton-2 gets 3× the requests of the median (120 against 40/s)"
    ]


def test_queue_time_of_one() -> None:
    assert texts([replica(0), replica(1), replica(2, queue_ms=30.0)]) == [
        "queue time of triton-2 is 30× the median (30 against 1 ms, mean)"
    ]


def test_errors_beyond_chance() -> None:
    rows = [replica(0), replica(1), replica(2, error_ratio=0.05)]
    assert texts(rows) == ["triton-2 fails 5 % of its requests, the others 0 %"]
    assert texts([replica(0), replica(1), replica(2, error_ratio=0.001)]) == []


def test_one_that_does_not_serve_comes_first() -> None:
    rows = [replica(0), replica(1), replica(2, p99_ms=230.0)]
    rows.append(replica(3, state=State.UNAVAILABLE, reason="no\nmemory", rate=None, p99_ms=None))
    assert texts(rows)[0] == "triton-3 is UNAVAILABLE (no\\nmemory); 3 of 4 serve"


def test_a_version_that_serves_nowhere_is_no_imbalance() -> None:
    assert texts([replica(n, state=State.UNAVAILABLE, rate=None, p99_ms=None) for n in range(3)]) == []


def test_configs_that_differ_name_their_fields() -> None:
    same = read_config({"name": "ranker", "max_batch_size": 8})
    other = read_config({"name": "ranker", "max_batch_size": 4, "dynamic_batching": {}})
    rows = [replica(number) for number in range(3)]
    (found,) = imbalances(rows, 60.0, {"triton-0": same, "triton-1": other, "triton-2": same})
    assert found.text == (
        "config of triton-1 differs from that of 2 others: dynamic_batching, max_batch_size"
    )


def test_versions_that_differ_are_named_against_what_most_serve() -> None:
    serving = {"triton-0": ["7"], "triton-1": ["7"], "triton-2": ["6", "7"], "triton-3": []}
    (found,) = differing_versions(serving)
    assert found.text == "triton-2 serves v6, v7, v7 on 2 others"
    assert differing_versions({"triton-0": ["7"], "triton-1": ["7"]}) == ()


def test_a_table_warns_of_a_worst_target_that_is_far_from_the_median_one() -> None:
    known = percentiles(183.0, target="triton-3", median_p99=46.0)
    (warned,) = imbalance_warnings(known, 4, 100.0, 10.0)
    assert (warned.id, warned.note) == ("imbalance", False)
    assert warned.text == "p99 of triton-3 is 4× the median target's (183 against 46 ms, summary)"
    assert list(imbalance_warnings(known, 4, 10.0, 10.0)) == []
    assert list(imbalance_warnings(known._replace(median_p99=90.0), 4, 100.0, 10.0)) == []
    assert list(imbalance_warnings(known._replace(median_p99=None), 1, 100.0, 10.0)) == []
    assert list(imbalance_warnings(None, 4, 100.0, 10.0)) == []


def test_chance_alone_is_never_named() -> None:
    chance = Random(7)
    for _ in range(300):
        number = chance.randint(2, 40)
        rate = chance.choice((2.0, 20.0, 200.0))
        rows = [
            replica(
                each,
                rate=max(chance.gauss(rate * 60, (rate * 60) ** 0.5), 0) / 60,
                error_ratio=0.002,
                mean_ms=chance.gauss(20, 1.5),
                p99_ms=chance.gauss(46, 5),
                queue_ms=abs(chance.gauss(1, 0.3)),
            )
            for each in range(number)
        ]
        assert texts(rows) == []


def test_a_hundred_odd_ones_are_bounded_and_names_are_harmless() -> None:
    rows = [replica(number) for number in range(300)]
    rows += [replica(number, target=f"\x1b[31m{number}", p99_ms=900.0) for number in range(300, 400)]
    found = texts(rows)
    assert len(found) <= 12
    assert all("\x1b" not in text for text in found)
    assert texts([]) == []
