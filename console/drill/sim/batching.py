"""The scheduling rules that a model's config asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How requests are grouped and how long they may wait.

    ``enough`` is how many items start a batch before ``delay_s`` is over. ``max_queue_size``
    and ``timeout_s`` are 0 for no limit.
    """

    instances: int = 1
    dynamic: bool = False
    max_batch: int = 1
    preferred: tuple[int, ...] = ()
    delay_s: float = 0.0
    max_queue_size: int = 0
    timeout_s: float = 0.0

    @property
    def enough(self) -> int:
        """Items that make the batcher stop waiting for company."""
        return self.preferred[0] if self.preferred else self.max_batch

    def batch_limit(self, waiting: int) -> int:
        """Most items of the next batch: the largest preferred size that is there, else all up to the maximum."""
        fitting = [size for size in self.preferred if size <= waiting]
        return fitting[-1] if fitting else self.max_batch


def instance_count(config: Mapping[str, Any]) -> int:
    """Instances over all groups; Triton makes a count under one to one."""
    return sum(max(1, group.get("count", 1)) for group in config.get("instance_group", ())) or 1


def batch_policy(config: Mapping[str, Any]) -> BatchPolicy:
    """The rules in a model config that Triton has normalised."""
    batching = config.get("dynamic_batching")
    largest = max(1, config["max_batch_size"])
    if batching is None or config["max_batch_size"] == 0:
        return BatchPolicy(instance_count(config), max_batch=largest)
    queue = batching.get("default_queue_policy") or {}
    delays = queue.get("timeout_action", "REJECT") == "DELAY"
    return BatchPolicy(
        instances=instance_count(config),
        dynamic=True,
        max_batch=largest,
        preferred=tuple(sorted(size for size in batching["preferred_batch_size"] if size <= largest)),
        delay_s=batching["max_queue_delay_microseconds"] * 1e-6,
        max_queue_size=queue.get("max_queue_size", 0),
        timeout_s=0.0 if delays else queue.get("default_timeout_microseconds", 0) * 1e-6,
    )


def on_gpu(config: Mapping[str, Any]) -> bool:
    """True where instances run on a GPU."""
    return any(group["kind"] == "KIND_GPU" for group in config.get("instance_group", ()))
