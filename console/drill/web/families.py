"""Triton's metric families: names, help texts, and where the simulation keeps their values."""

from typing import NamedTuple

US = 1e6


class Family(NamedTuple):
    """A family; ``source`` is the counter of ``Tally`` or the window, ``factor`` turns it into the family's unit."""

    name: str
    help: str
    source: str
    factor: float


def _rows(text: str) -> tuple[Family, ...]:
    """Families from lines of ``source factor name: help``."""
    rows = []
    for line in text.strip().splitlines():
        head, _, said = line.partition(": ")
        source, factor, name = head.split()
        rows.append(Family(name, said, source, US if factor == "us" else float(factor)))
    return tuple(rows)


SUCCESS, *_REST = _rows("""
success 1 nv_inference_request_success: Number of successful inference requests, all batch sizes
inferences 1 nv_inference_count: Number of inferences performed (does not include cached requests)
executions 1 nv_inference_exec_count: Number of model executions performed (does not include cached requests)
request_s us nv_inference_request_duration_us: Cumulative inference request duration in microseconds (includes cached requests)
queue_s us nv_inference_queue_duration_us: Cumulative inference queuing duration in microseconds (includes cached requests)
input_s us nv_inference_compute_input_duration_us: Cumulative compute input duration in microseconds (does not include cached requests)
infer_s us nv_inference_compute_infer_duration_us: Cumulative compute inference duration in microseconds (does not include cached requests)
output_s us nv_inference_compute_output_duration_us: Cumulative inference compute output duration in microseconds (does not include cached requests)
""")
COUNTERS = tuple(_REST)

FAILURE = Family(
    "nv_inference_request_failure", "Number of failed inference requests, all batch sizes", "failure", 1
)

# Of models with a response cache only.
CACHE_COUNTERS = _rows("""
cache_hits 1 nv_cache_num_hits_per_model: Number of cache hits per model
cache_hit_s us nv_cache_hit_duration_per_model: Total cache hit duration per model, in microseconds
cache_misses 1 nv_cache_num_misses_per_model: Number of cache misses per model
cache_miss_s us nv_cache_miss_duration_per_model: Total cache miss (insert+lookup) duration per model, in microseconds
""")

PENDING = Family(
    "nv_inference_pending_request_count",
    "Instantaneous number of pending requests awaiting execution per-model.",
    "pending",
    1,
)

# Window of each summary; its sum is the tally's duration, its count what was observed.
REQUEST_SUMMARY, *_OTHERS = _rows("""
request us nv_inference_request_summary_us: Summary of inference request duration in microseconds (includes cached requests)
queue us nv_inference_queue_summary_us: Summary of inference queuing duration in microseconds (includes cached requests)
compute_input us nv_inference_compute_input_summary_us: Cumulative compute input duration in microseconds (does not include cached requests)
compute_infer us nv_inference_compute_infer_summary_us: Cumulative compute inference duration in microseconds (does not include cached requests)
compute_output us nv_inference_compute_output_summary_us: Cumulative inference compute output duration in microseconds (does not include cached requests)
""")
SUMMARIES = tuple(_OTHERS)
CACHE_SUMMARIES = _rows("""
cache_hit us nv_cache_hit_summary_per_model: Summary of cache hit counts/durations per model, in microseconds.
cache_miss us nv_cache_miss_summary_per_model: Summary of cache miss counts/durations per model, in microseconds.
""")
# Window -> counters of the tally that are the summary's sum and count.
TOTALS = {
    "request": ("request_s", "success"),
    "queue": ("queue_s", "success"),
    "compute_input": ("input_s", "computed"),
    "compute_infer": ("infer_s", "computed"),
    "compute_output": ("output_s", "computed"),
    "cache_hit": ("cache_hit_s", "cache_hits"),
    "cache_miss": ("cache_miss_s", "cache_misses"),
}

CACHE_GAUGES = _rows("""
used 1 nv_cache_util: Cache utilization [0.0 - 1.0]
entries 1 nv_cache_num_entries: Number of responses stored in response cache
hits 1 nv_cache_num_hits: Number of cache hits in response cache
misses 1 nv_cache_num_misses: Number of cache misses in response cache
lookups 1 nv_cache_num_lookups: Number of cache lookups in response cache
evictions 1 nv_cache_num_evictions: Number of cache evictions in response cache
lookup_s us nv_cache_lookup_duration: Total cache lookup duration (hit and miss), in microseconds
insertion_s us nv_cache_insertion_duration: Total cache insertion duration, in microseconds
""")

GPU_GAUGES = _rows("""
utilization 1 nv_gpu_utilization: GPU utilization rate [0.0 - 1.0)
total_bytes 1 nv_gpu_memory_total_bytes: GPU total memory, in bytes
used_bytes 1 nv_gpu_memory_used_bytes: GPU used memory, in bytes
power_w 1 nv_gpu_power_usage: GPU power usage in watts
power_limit_w 1 nv_gpu_power_limit: GPU power management limit in watts
""")
GPU_ENERGY = Family(
    "nv_energy_consumption", "GPU energy consumption in joules since the Triton Server started", "energy_j", 1
)

HOST_GAUGES = _rows("""
pool_bytes 1 nv_pinned_memory_pool_total_bytes: Pinned memory pool total memory size, in bytes
pool_used_bytes 1 nv_pinned_memory_pool_used_bytes: Pinned memory pool used memory size, in bytes
cpu 1 nv_cpu_utilization: CPU utilization rate [0.0 - 1.0]
memory_bytes 1 nv_cpu_memory_total_bytes: CPU total memory (RAM), in bytes
memory_used_bytes 1 nv_cpu_memory_used_bytes: CPU used memory (RAM), in bytes
""")

# Of newer Tritons only.
LOAD_SECONDS = Family("nv_model_load_duration_secs", "Model load time in seconds", "load_s", 1)
FIRST_RESPONSE = Family(
    "nv_inference_first_response_histogram_ms",
    "Duration from request to first response in milliseconds",
    "first_response",
    1,
)
