"""A model's config as a server gives it, shortened."""

from typing import Any

SERVED: dict[str, Any] = {
    "name": "multi",
    "platform": "",
    "backend": "python",
    "version_policy": {"latest": {"num_versions": 1}},
    "max_batch_size": 8,
    "input": [{"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
    "output": [{"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
    "instance_group": [{"name": "multi_0", "kind": "KIND_CPU", "count": 1}],
    "dynamic_batching": {"preferred_batch_size": [8], "max_queue_delay_microseconds": 25000},
    "parameters": {},
}
