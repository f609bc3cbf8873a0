"""Triton's metrics text."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from console.drill.sim.cache import INSERT_S, LOOKUP_S
from console.drill.sim.gpu import Gpu
from console.drill.sim.repository import State
from console.drill.sim.server import Server
from console.drill.sim.tally import FIRST_RESPONSE_MS, Series
from console.drill.web.families import (
    CACHE_COUNTERS,
    CACHE_GAUGES,
    CACHE_SUMMARIES,
    COUNTERS,
    FAILURE,
    FIRST_RESPONSE,
    GPU_ENERGY,
    GPU_GAUGES,
    HOST_GAUGES,
    LOAD_SECONDS,
    PENDING,
    REQUEST_SUMMARY,
    SUCCESS,
    SUMMARIES,
    TOTALS,
    Family,
)

CONTENT_TYPE = "text/plain; charset=utf-8"
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
POOL_BYTES = 268435456
MEMORY_BYTES = 67_108_864_000
_BASE_BYTES, _MODEL_BYTES = 2_100_000_000, 190_000_000
_MIB = 1024 * 1024


class _Shown(NamedTuple):
    """The series of one version, with its labels and its present queue."""

    labels: str
    series: Series
    pending: int
    cached: bool


def exposition(server: Server) -> str:
    """The text of ``GET /metrics`` at the server's present second."""
    shown = [
        _shown(server, name, version, series)
        for (name, version), series in server.series.items()
        if series.shown
    ]
    return "".join(f"{line}\n" for line in _lines(server, shown))


def _shown(server: Server, name: str, version: int, series: Series) -> _Shown:
    slot = server.models[name].slots.get(version)
    runtime, config = (slot.runtime, slot.config) if slot else (None, {})
    return _Shown(
        f'model="{name}",version="{version}"',
        series,
        runtime.pending if runtime else 0,
        bool((config.get("response_cache") or {}).get("enable")),
    )


def _lines(server: Server, shown: list[_Shown]) -> Iterator[str]:
    cached = [row for row in shown if row.cached]
    yield from _counters((SUCCESS,), shown)
    yield from _failures(server)
    yield from _counters(COUNTERS, shown)
    yield from _counters(CACHE_COUNTERS, cached)
    yield from _family(PENDING, "gauge", (f"{{{row.labels}}} {row.pending}" for row in shown))
    if server.spec.newer:
        yield from _newer(shown)
    yield from _host(server)
    if server.gpu is not None:
        yield from _gpu(server.gpu)
    if server.cache is not None:
        yield from _cache(server)
    if server.spec.summaries:
        # Triton keeps no request summary for a model with a cache.
        yield from _summary(REQUEST_SUMMARY, [row for row in shown if not row.cached], server.now)
        for family in SUMMARIES:
            yield from _summary(family, shown, server.now)
        for family in CACHE_SUMMARIES:
            yield from _summary(family, cached, server.now)


def _family(family: Family, kind: str, samples: Iterable[str]) -> Iterator[str]:
    """Help, type and samples; nothing at all for a family without samples, as prometheus-cpp does."""
    rows = [f"{family.name}{sample}" for sample in samples]
    if rows:
        yield f"# HELP {family.name} {family.help}"
        yield f"# TYPE {family.name} {kind}"
        yield from rows


def _counters(families: Iterable[Family], rows: list[_Shown]) -> Iterator[str]:
    for family in families:
        samples = (f"{{{row.labels}}} {int(row.series.total(family.source) * family.factor)}" for row in rows)
        yield from _family(family, "counter", samples)


def _failures(server: Server) -> Iterator[str]:
    samples = (
        f'{{model="{name}",reason="{reason}",version="{version}"}} {number}'
        for (name, version), series in server.series.items()
        for reason, number in series.failures().items()
    )
    return _family(FAILURE, "counter", samples)


def _gauges(families: Iterable[Family], values: dict[str, float], labels: str = "") -> Iterator[str]:
    for family in families:
        yield from _family(family, "gauge", [f"{labels} {values[family.source]}"])


def _host(server: Server) -> Iterator[str]:
    loaded = sum(
        slot.state is State.READY for model in server.models.values() for slot in model.slots.values()
    )
    values = {
        "pool_bytes": POOL_BYTES,
        "pool_used_bytes": 0,
        "cpu": server.cpu,
        "memory_bytes": MEMORY_BYTES,
        "memory_used_bytes": _BASE_BYTES + loaded * _MODEL_BYTES,
    }
    return _gauges(HOST_GAUGES, values)


def _gpu(gpu: Gpu) -> Iterator[str]:
    labels = f'{{gpu_uuid="{gpu.spec.uuid}"}}'
    values = {
        "utilization": round(gpu.utilization, 2),
        "total_bytes": int(gpu.spec.memory_mib * _MIB),
        "used_bytes": int(gpu.used_mib * _MIB),
        "power_w": round(gpu.power_w, 3),
        "power_limit_w": gpu.spec.power_limit_w,
    }
    yield from _gauges(GPU_GAUGES, values, labels)
    yield from _family(GPU_ENERGY, "counter", [f"{labels} {gpu.energy_j:.3f}"])


def _cache(server: Server) -> Iterator[str]:
    cache = server.cache
    if cache is None:
        return
    values = {
        "used": cache.used,
        "entries": cache.entries,
        "hits": cache.hits,
        "misses": cache.misses,
        "lookups": cache.lookups,
        "evictions": cache.evictions,
        "lookup_s": int(cache.lookups * LOOKUP_S * 1e6),
        "insertion_s": int(cache.misses * INSERT_S * 1e6),
    }
    yield from _gauges(CACHE_GAUGES, values)


def _newer(shown: list[_Shown]) -> Iterator[str]:
    loads = (f"{{{row.labels}}} {row.series.load_s:.6f}" for row in shown)
    yield from _family(LOAD_SECONDS, "gauge", loads)
    yield from _family(
        FIRST_RESPONSE, "histogram", (sample for row in shown for sample in _first_response(row))
    )


def _first_response(row: _Shown) -> Iterator[str]:
    counts = row.series.first_response.cumsum().tolist()
    yield f"_count{{{row.labels}}} {counts[-1]}"
    yield f"_sum{{{row.labels}}} {int(row.series.first_response_ms)}"
    for bound, number in zip((*map(str, FIRST_RESPONSE_MS), "+Inf"), counts, strict=True):
        yield f'_bucket{{{row.labels},le="{bound}"}} {number}'


def _summary(family: Family, rows: list[_Shown], now: float) -> Iterator[str]:
    return _family(family, "summary", (sample for row in rows for sample in _quantiles(family, row, now)))


def _quantiles(family: Family, row: _Shown, now: float) -> Iterator[str]:
    total, count = TOTALS[family.source]
    yield f"_count{{{row.labels}}} {int(row.series.total(count))}"
    yield f"_sum{{{row.labels}}} {int(row.series.total(total) * family.factor)}"
    values = row.series.windows[family.source].quantiles(now, QUANTILES)
    for number, quantile in enumerate(QUANTILES):
        value = "Nan" if values is None else str(int(values[number] * family.factor))
        yield f'{{{row.labels},quantile="{quantile}"}} {value}'
