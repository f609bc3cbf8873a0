"""The gateway's metrics as Envoy writes them: one cluster for each model's route, durations in ms."""

from collections.abc import Iterable, Iterator

from console.drill.sim.fleet import Fleet
from console.drill.sim.gateway import BOUNDS_MS, Histogram, Route

PREFIX = "gw"


def exposition(fleet: Fleet) -> str:
    """The text of ``GET /stats/prometheus``."""
    return "".join(f"{line}\n" for line in _lines(list(fleet.routes.values())))


def _lines(routes: list[Route]) -> Iterator[str]:
    for name, values in (
        ("rq_total", [(route, route.tried) for route in routes]),
        ("rq_retry", [(route, route.retried) for route in routes]),
        ("rq_retry_limit_exceeded", [(route, route.exhausted) for route in routes]),
        ("rq_timeout", [(route, route.timed_out) for route in routes]),
        ("cx_connect_fail", [(route, route.unconnected) for route in routes]),
    ):
        family = f"envoy_cluster_upstream_{name}"
        yield f"# TYPE {family} counter"
        for route, value in values:
            yield f'{family}{{envoy_cluster_name="{route.model}"}} {value}'
    yield "# TYPE envoy_cluster_upstream_rq_xx counter"
    for route in routes:
        for code, number in route.codes.items():
            yield (
                f'envoy_cluster_upstream_rq_xx{{envoy_response_code_class="{code}",'
                f'envoy_cluster_name="{route.model}"}} {number}'
            )
    yield "# TYPE envoy_http_downstream_rq_xx counter"
    for code in ("2", "4", "5"):
        number = sum(route.client_codes[code] for route in routes)
        yield (
            f'envoy_http_downstream_rq_xx{{envoy_response_code_class="{code}",'
            f'envoy_http_conn_manager_prefix="{PREFIX}"}} {number}'
        )
    yield "# TYPE envoy_cluster_upstream_rq_time histogram"
    for route in routes:
        yield from _histogram(
            "envoy_cluster_upstream_rq_time", f'envoy_cluster_name="{route.model}"', [route.upstream]
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
