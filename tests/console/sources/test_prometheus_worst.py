"""The worst servers of each version, from rows that a Prometheus picked."""

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion
from console.sources._prometheus_worst import MOST, doubled, worst_servers
from console.transport.promql_client import Row

RANKER = ModelVersion("ranker", "7")


def row(figure: str, value: object, **labels: str) -> Row:
    return Row({"figure": figure, "model": "ranker", "version": "7", **labels}, (1.0, str(value)))


def at(pod: str, **labels: str) -> dict[str, str]:
    return {"job": "triton", "instance": f"{pod}:8002", "pod": pod, **labels}


def test_the_slowest_comes_first_with_its_requests_and_the_median() -> None:
    found = worst_servers(
        [
            row("worst_summary", 40_000, **at("a"), quantile="0.99", __name__="x"),
            row("worst_summary", 160_000, **at("b"), quantile="0.99", __name__="x"),
            row("worst_summary", "NaN", **at("c")),
            row("median_summary", 40_000),
            row("worst_rate", 12.5, **at("b")),
            row("worst_odd", 1, **at("d")),
        ]
    )

    assert [(each.instance, each.value_ms, each.median_ms, each.rate) for each in found] == [
        ("b:8002", 160.0, 40.0, 12.5),
        ("a:8002", 40.0, 40.0, None),
    ]
    assert found[0].labels == at("b")
    assert {each.basis for each in found} == {Basis.SUMMARY}


def test_a_histogram_is_in_ms_and_a_mean_in_us_as_triton_has_them() -> None:
    found = worst_servers([row("worst_histogram", 30, **at("a")), row("worst_mean", 30_000, **at("b"))])

    assert [(each.basis, each.value_ms) for each in found] == [(Basis.HISTOGRAM, 30.0), (Basis.MEAN, 30.0)]


def test_of_very_many_those_are_kept_that_are_furthest_from_their_median() -> None:
    rows = [row("worst_summary", 1000 * (n + 1), **at(f"p{n}")) for n in range(2 * MOST)]

    found = worst_servers([*rows, row("median_summary", 1000)])

    assert len(found) == MOST
    assert found[0].value_ms == 2 * MOST


def test_servers_that_two_prometheus_scrape_are_told_by_the_label_that_differs() -> None:
    twice = [row("worst_summary", 1, **at("a", prometheus_replica=name)) for name in ("p-0", "p-1")]

    assert doubled(worst_servers(twice)) == "prometheus_replica"
    assert (
        doubled(worst_servers([twice[0], row("worst_summary", 1, **at("b", prometheus_replica="p-1"))])) == ""
    )


def test_labels_are_harmless_and_few() -> None:
    (found,) = worst_servers(
        [row("worst_summary", 1, instance="a\x1b[31m", **{f"l{n}": "x" for n in range(99)})]
    )

    assert found.instance == "a\\e[31m"
    assert len(found.labels) <= 12
