"""Triton's metrics text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from console.drill.sim.repository import State
from console.drill.sim.server import Server
from console.drill.sim.tally import FIRST_RESPONSE_MS, Series

CONTENT_TYPE = "text/plain; charset=utf-8"
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)
POOL_BYTES = 268435456
MEMORY_BYTES = 67_108_864_000
_US = 1e6

# Family, help, counter of the tally, factor. Durations leave the simulation in seconds.
_COUNTERS = (
    (
        "nv_inference_request_success",
        "Number of successful inference requests, all batch sizes",
        "success",
        1,
    ),
    (
        "nv_inference_count",
        "Number of inferences performed (does not include cached requests)",
        "inferences",
        1,
    ),
    (
        "nv_inference_exec_count",
        "Number of model executions performed (does not include cached requests)",
        "executions",
        1,
    ),
    (
        "nv_inference_request_duration_us",
        "Cumulative inference request duration in microseconds (includes cached requests)",
        "request_s",
        _US,
    ),
    (
        "nv_inference_queue_duration_us",
        "Cumulative inference queuing duration in microseconds (includes cached requests)",
        "queue_s",
        _US,
    ),
    (
        "nv_inference_compute_input_duration_us",
        "Cumulative compute input duration in microseconds (does not include cached requests)",
        "input_s",
        _US,
    ),
    (
        "nv_inference_compute_infer_duration_us",
        "Cumulative compute inference duration in microseconds (does not include cached requests)",
        "infer_s",
        _US,
    ),
    (
        "nv_inference_compute_output_duration_us",
        "Cumulative inference compute output duration in microseconds (does not include cached requests)",
        "output_s",
        _US,
    ),
)
_CACHE = (
    ("nv_cache_num_hits_per_model", "Number of cache hits per model", "cache_hits", 1),
    (
        "nv_cache_hit_duration_per_model",
        "Total cache hit duration per model, in microseconds",
        "cache_hit_s",
        _US,
    ),
    ("nv_cache_num_misses_per_model", "Number of cache misses per model", "cache_misses", 1),
    (
        "nv_cache_miss_duration_per_model",
        "Total cache miss (insert+lookup) duration per model, in microseconds",
        "cache_miss_s",
        _US,
    ),
)
_FAILURE = ("nv_inference_request_failure", "Number of failed inference requests, all batch sizes")
_PENDING = (
    "nv_inference_pending_request_count",
    "Instantaneous number of pending requests awaiting execution per-model.",
)
# Summary family, its help as Triton has it, the window and the counter of the sum.
_SUMMARIES = (
    (
        "nv_inference_request_summary_us",
        "Summary of inference request duration in microseconds (includes cached requests)",
        "request",
        "request_s",
    ),
    (
        "nv_inference_queue_summary_us",
        "Summary of inference queuing duration in microseconds (includes cached requests)",
        "queue",
        "queue_s",
    ),
    (
        "nv_inference_compute_input_summary_us",
        "Cumulative compute input duration in microseconds (does not include cached requests)",
        "compute_input",
        "input_s",
    ),
    (
        "nv_inference_compute_infer_summary_us",
        "Cumulative compute inference duration in microseconds (does not include cached requests)",
        "compute_infer",
        "infer_s",
    ),
    (
        "nv_inference_compute_output_summary_us",
        "Cumulative inference compute output duration in microseconds (does not include cached requests)",
        "compute_output",
        "output_s",
    ),
)
_LOAD_S = ("nv_model_load_duration_secs", "Model load time in seconds")
_FIRST = (
    "nv_inference_first_response_histogram_ms",
    "Duration from request to first response in milliseconds",
)

Shown = list[tuple[str, Series, str]]


def exposition(server: Server) -> str:
    """The text of ``GET /metrics`` at the server's present second."""
    shown: Shown = [
        (f'model="{name}",version="{version}"', series, name)
        for (name, version), series in server.series.items()
        if series.shown
    ]
    return "".join(f"{line}\n" for line in _lines(server, shown))


def _lines(server: Server, shown: Shown) -> Iterator[str]:
    for number, (family, text, counter, factor) in enumerate(_COUNTERS):
        yield from _family(
            family,
            text,
            "counter",
            (f"{{{labels}}} {int(series.total(counter) * factor)}" for labels, series, _ in shown),
        )
        if number == 0:
            yield from _failures(server)
    cached = [(labels, series) for labels, series, name in shown if _caches(server, name)]
    for family, text, counter, factor in _CACHE:
        yield from _family(
            family,
            text,
            "counter",
            (f"{{{labels}}} {int(series.total(counter) * factor)}" for labels, series in cached),
        )
    yield from _family(*_PENDING, "gauge", _pending(server, shown))
    if server.spec.newer:
        yield from _newer(shown)
    yield from _gauges(server)
    if server.spec.summaries:
        yield from _summaries(server, shown)


def _family(name: str, text: str, kind: str, samples: Iterable[str]) -> Iterator[str]:
    """Help, type and samples; nothing at all for a family without samples, as prometheus-cpp does."""
    rows = [f"{name}{sample}" for sample in samples]
    if rows:
        yield f"# HELP {name} {text}"
        yield f"# TYPE {name} {kind}"
        yield from rows


def _failures(server: Server) -> Iterator[str]:
    rows = [
        f'{{model="{name}",reason="{reason}",version="{version}"}} {number}'
        for (name, version), series in server.series.items()
        for reason, number in series.failures().items()
    ]
    return _family(*_FAILURE, "counter", rows)


def _pending(server: Server, shown: Shown) -> Iterator[str]:
    waiting = {
        f'model="{name}",version="{version}"': slot.runtime.pending
        for name, model in server.models.items()
        for version, slot in model.slots.items()
        if slot.runtime is not None
    }
    return (f"{{{labels}}} {waiting.get(labels, 0)}" for labels, _, _ in shown)


def _caches(server: Server, name: str) -> bool:
    config: Mapping[str, Any] = server.models[name].config or {}
    return bool((config.get("response_cache") or {}).get("enable"))


def _gauges(server: Server) -> Iterator[str]:
    if server.gpu is not None:
        yield from _gpu_gauges(server)
    loaded = sum(
        slot.state is State.READY for model in server.models.values() for slot in model.slots.values()
    )
    used = int(2.1e9 + loaded * 190e6)
    for name, text, value in (
        ("nv_pinned_memory_pool_total_bytes", "Pinned memory pool total memory size, in bytes", POOL_BYTES),
        ("nv_pinned_memory_pool_used_bytes", "Pinned memory pool used memory size, in bytes", 0),
        ("nv_cpu_utilization", "CPU utilization rate [0.0 - 1.0]", server.cpu),
        ("nv_cpu_memory_total_bytes", "CPU total memory (RAM), in bytes", MEMORY_BYTES),
        ("nv_cpu_memory_used_bytes", "CPU used memory (RAM), in bytes", used),
    ):
        yield from _family(name, text, "gauge", [f" {value}"])


def _gpu_gauges(server: Server) -> Iterator[str]:
    gpu = server.gpu
    if gpu is None:
        return
    mib = 1024 * 1024
    for name, text, kind, value in (
        ("nv_gpu_utilization", "GPU utilization rate [0.0 - 1.0)", "gauge", round(gpu.utilization, 2)),
        (
            "nv_gpu_memory_total_bytes",
            "GPU total memory, in bytes",
            "gauge",
            int(gpu.spec.memory_mib * mib),
        ),
        ("nv_gpu_memory_used_bytes", "GPU used memory, in bytes", "gauge", int(gpu.used_mib * mib)),
        ("nv_gpu_power_usage", "GPU power usage in watts", "gauge", round(gpu.power_w, 3)),
        ("nv_gpu_power_limit", "GPU power management limit in watts", "gauge", gpu.spec.power_limit_w),
        (
            "nv_energy_consumption",
            "GPU energy consumption in joules since the Triton Server started",
            "counter",
            round(gpu.energy_j, 3),
        ),
    ):
        yield from _family(name, text, kind, [f'{{gpu_uuid="{gpu.spec.uuid}"}} {value}'])


def _newer(shown: Shown) -> Iterator[str]:
    yield from _family(
        *_LOAD_S, "gauge", (f"{{{labels}}} {series.load_s:.6f}" for labels, series, _ in shown)
    )
    yield f"# HELP {_FIRST[0]} {_FIRST[1]}"
    yield f"# TYPE {_FIRST[0]} histogram"
    for labels, series, _ in shown:
        counts = series.first_response.cumsum().tolist()
        yield f"{_FIRST[0]}_count{{{labels}}} {counts[-1]}"
        yield f"{_FIRST[0]}_sum{{{labels}}} {int(series.first_response_ms)}"
        for bound, number in zip((*map(str, FIRST_RESPONSE_MS), "+Inf"), counts, strict=True):
            yield f'{_FIRST[0]}_bucket{{{labels},le="{bound}"}} {number}'


def _summaries(server: Server, shown: Shown) -> Iterator[str]:
    for family, text, window, counter in _SUMMARIES:
        yield f"# HELP {family} {text}"
        yield f"# TYPE {family} summary"
        for labels, series, _ in shown:
            yield f"{family}_count{{{labels}}} {int(series.total('success'))}"
            yield f"{family}_sum{{{labels}}} {int(series.total(counter) * _US)}"
            values = series.windows[window].quantiles(server.now, QUANTILES)
            for number, quantile in enumerate(QUANTILES):
                value = "Nan" if values is None else str(int(values[number] * _US))
                yield f'{family}{{{labels},quantile="{quantile}"}} {value}'
