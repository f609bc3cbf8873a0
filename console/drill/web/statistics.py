"""The objects of ``/v2/models/stats``."""

from collections.abc import Callable, Iterable
from typing import Any

from console.drill.sim.tally import Tally


def _duration(count: int, seconds: float) -> dict[str, int]:
    return {"count": count, "ns": int(seconds * 1e9)}


def statistics(name: str, version: int, tally: Tally, wall_ms: Callable[[float], int]) -> dict[str, Any]:
    """One version's statistics; ``wall_ms`` turns the simulation's second into the epoch's milliseconds."""
    done, failed = tally.success, sum(tally.failure.values())
    return {
        "name": name,
        "version": str(version),
        "last_inference": 0 if tally.last is None else wall_ms(tally.last),
        "inference_count": tally.inferences,
        "execution_count": tally.executions,
        "inference_stats": {
            "success": _duration(done, tally.request_s),
            "fail": _duration(failed, tally.failure_s),
            "queue": _duration(done, tally.queue_s),
            "compute_input": _duration(tally.computed, tally.input_s),
            "compute_infer": _duration(tally.computed, tally.infer_s),
            "compute_output": _duration(tally.computed, tally.output_s),
            "cache_hit": _duration(tally.cache_hits, tally.cache_hit_s),
            "cache_miss": _duration(tally.cache_misses, tally.cache_miss_s),
        },
        "response_stats": {},
        "batch_stats": [
            {
                "batch_size": size,
                "compute_input": _duration(row.executions, row.input_s),
                "compute_infer": _duration(row.executions, row.infer_s),
                "compute_output": _duration(row.executions, row.output_s),
            }
            for size, row in sorted(tally.batches.items())
        ],
        "memory_usage": [],
    }


def model_stats(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer."""
    return {"model_stats": list(rows)}
