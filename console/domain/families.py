"""The Triton families that the console derives from, and the rows they take in a matrix.

Durations arrive in µs and leave in ms; a family's ``scale`` does that on ingest.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class F(IntEnum):
    """Row of a counters matrix. Everything before ``PENDING`` only grows.

    ``FAIL_UNSPLIT`` holds failures whose reason the statistics do not tell. ``SLOW`` is the least share of requests that
    took longer than promised, where whoever counted them says so; else the percentiles tell.
    """

    SUCCESS = 0
    FAIL_REJECTED = 1
    FAIL_CANCELED = 2
    FAIL_BACKEND = 3
    FAIL_OTHER = 4
    FAIL_UNSPLIT = 5
    INFERENCES = 6
    EXECUTIONS = 7
    REQUEST_MS = 8
    QUEUE_MS = 9
    INPUT_MS = 10
    INFER_MS = 11
    OUTPUT_MS = 12
    CACHE_HITS = 13
    CACHE_MISSES = 14
    PENDING = 15
    LOAD_S = 16
    P50 = 17
    P90 = 18
    P95 = 19
    P99 = 20
    P999 = 21
    SUMMARY_COUNT = 22
    SLOW = 23


ROWS = len(F)
GROWING = int(F.PENDING)
FAILURES = {
    "REJECTED": F.FAIL_REJECTED,
    "CANCELED": F.FAIL_CANCELED,
    "BACKEND": F.FAIL_BACKEND,
    "OTHER": F.FAIL_OTHER,
    "UNKNOWN": F.FAIL_UNSPLIT,
}
# A client that gave up says nothing about the server: it does not count against the promise.
COUNTED_FAILURES = tuple(row for reason, row in FAILURES.items() if reason != "CANCELED")
DURATIONS = (F.REQUEST_MS, F.QUEUE_MS, F.INPUT_MS, F.INFER_MS, F.OUTPUT_MS)
SUMMARY_QUANTILES = ((0.5, F.P50), (0.9, F.P90), (0.95, F.P95), (0.99, F.P99), (0.999, F.P999))


class Family(NamedTuple):
    """Where a series goes: its row, the factor to the console's unit, and the label that must match."""

    row: F
    scale: float = 1.0
    label: str = ""
    value: str = ""


_US = 1e-3

FAMILIES: dict[str, tuple[Family, ...]] = {
    "nv_inference_request_success": (Family(F.SUCCESS),),
    "nv_inference_request_failure": tuple(
        Family(row, 1.0, "reason", reason) for reason, row in FAILURES.items() if reason != "UNKNOWN"
    ),
    "nv_inference_count": (Family(F.INFERENCES),),
    "nv_inference_exec_count": (Family(F.EXECUTIONS),),
    "nv_inference_request_duration_us": (Family(F.REQUEST_MS, _US),),
    "nv_inference_queue_duration_us": (Family(F.QUEUE_MS, _US),),
    "nv_inference_compute_input_duration_us": (Family(F.INPUT_MS, _US),),
    "nv_inference_compute_infer_duration_us": (Family(F.INFER_MS, _US),),
    "nv_inference_compute_output_duration_us": (Family(F.OUTPUT_MS, _US),),
    "nv_cache_num_hits_per_model": (Family(F.CACHE_HITS),),
    "nv_cache_num_misses_per_model": (Family(F.CACHE_MISSES),),
    "nv_inference_pending_request_count": (Family(F.PENDING),),
    "nv_model_load_duration_secs": (Family(F.LOAD_S),),
    "nv_inference_request_summary_us": (
        Family(F.P50, _US, "quantile", "0.5"),
        Family(F.P90, _US, "quantile", "0.9"),
        Family(F.P95, _US, "quantile", "0.95"),
        Family(F.P99, _US, "quantile", "0.99"),
        Family(F.P999, _US, "quantile", "0.999"),
    ),
    "nv_inference_request_summary_us_count": (Family(F.SUMMARY_COUNT),),
}

# What the reader of Triton's metrics wants besides: gauges of GPUs and of the host by their field, and a histogram.
GPU_GAUGES = {
    "nv_gpu_utilization": "utilization",
    "nv_gpu_memory_used_bytes": "memory_used_bytes",
    "nv_gpu_memory_total_bytes": "memory_total_bytes",
    "nv_gpu_power_usage": "power_w",
    "nv_gpu_power_limit": "power_limit_w",
}
HOST_GAUGES = {
    "nv_cpu_utilization": "cpu_utilization",
    "nv_cpu_memory_used_bytes": "memory_used_bytes",
    "nv_cpu_memory_total_bytes": "memory_total_bytes",
}
BUCKETS = "nv_inference_first_response_histogram_ms_bucket"
# No counter of a real server comes near; sums and squares of anything below stay finite.
ABSURD = 2.0**64


def family_of(name: str, labels: Mapping[str, str]) -> Family | None:
    """Where a model's series goes; None for one that nothing is derived from."""
    if "model" not in labels:
        return None
    for family in FAMILIES.get(name, ()):
        if not family.label or labels.get(family.label) == family.value:
            return family
    return None
