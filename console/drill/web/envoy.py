"""The gateway's metrics as Envoy writes them: two clusters for each model's route, durations in ms."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from console.drill.sim.fleet import Fleet
from console.drill.sim.gateway import BOUNDS_MS, Histogram, Route
from console.drill.sim.layer import STANDBY

PREFIX = "gw"


class Cluster(NamedTuple):
    """One upstream cluster and its counters; ``hosts`` are those it could reach."""

    name: str
    tried: int
    retried: int
    exhausted: int
    timed_out: int
    unconnected: int
    codes: Mapping[str, int]
    durations: Histogram
    hosts: int


def clusters(fleet: Fleet) -> list[Cluster]:
    """Two for each route: the fleet's servers, and the standby region."""
    hosts = sum(target.up for target in fleet.targets.values())
    return [cluster for route in fleet.routes.values() for cluster in _clusters(route, hosts)]


def _clusters(route: Route, hosts: int) -> tuple[Cluster, Cluster]:
    standby = route.stood_by
    return (
        Cluster(
            route.model,
            route.tried,
            route.retried,
            route.exhausted,
            route.timed_out,
            route.unconnected,
            route.codes,
            route.upstream,
            hosts,
        ),
        Cluster(
            f"{route.model}{STANDBY}", standby, 0, 0, 0, 0, {"2": standby, "4": 0, "5": 0}, route.standby, 1
        ),
    )


def exposition(fleet: Fleet) -> str:
    """The text of ``GET /stats/prometheus``."""
    return "".join(f"{line}\n" for line in _lines(list(fleet.routes.values()), clusters(fleet)))


def _lines(routes: list[Route], upstreams: list[Cluster]) -> Iterator[str]:
    for name, values in (
        ("rq_total", [(each, each.tried) for each in upstreams]),
        ("rq_retry", [(each, each.retried) for each in upstreams]),
        ("rq_retry_limit_exceeded", [(each, each.exhausted) for each in upstreams]),
        ("rq_timeout", [(each, each.timed_out) for each in upstreams]),
        ("cx_connect_fail", [(each, each.unconnected) for each in upstreams]),
    ):
        family = f"envoy_cluster_upstream_{name}"
        yield f"# TYPE {family} counter"
        for cluster, value in values:
            yield f'{family}{{envoy_cluster_name="{cluster.name}"}} {value}'
    yield "# TYPE envoy_cluster_upstream_rq_xx counter"
    for cluster in upstreams:
        for code, number in cluster.codes.items():
            yield (
                f'envoy_cluster_upstream_rq_xx{{envoy_response_code_class="{code}",'
                f'envoy_cluster_name="{cluster.name}"}} {number}'
            )
    yield "# TYPE envoy_http_downstream_rq_xx counter"
    for code in ("2", "4", "5"):
        number = sum(route.client_codes[code] for route in routes)
        yield (
            f'envoy_http_downstream_rq_xx{{envoy_response_code_class="{code}",'
            f'envoy_http_conn_manager_prefix="{PREFIX}"}} {number}'
        )
    yield "# TYPE envoy_cluster_upstream_rq_time histogram"
    for cluster in upstreams:
        yield from _histogram(
            "envoy_cluster_upstream_rq_time", f'envoy_cluster_name="{cluster.name}"', [cluster.durations]
        )
    yield "# TYPE envoy_http_downstream_rq_time histogram"
    yield from _histogram(
        "envoy_http_downstream_rq_time",
        f'envoy_http_conn_manager_prefix="{PREFIX}"',
        [route.downstream for route in routes],
    )


def _histogram(family: str, labels: str, parts: Iterable[Histogram]) -> Iterator[str]:
    parts = list(parts)
    total = 0
    bounds = [*(f"{bound:g}" if bound < 1e5 else f"{bound:.0f}" for bound in BOUNDS_MS), "+Inf"]
    for number, bound in enumerate(bounds):
        total += sum(part.counts[number] for part in parts)
        yield f'{family}_bucket{{{labels},le="{bound}"}} {total}'
    yield f"{family}_sum{{{labels}}} {sum(part.sum_ms for part in parts):.3f}"
    yield f"{family}_count{{{labels}}} {total}"
