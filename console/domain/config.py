"""A model's configuration: the text as served, and the facts that rules ask for."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class ModelConfig(NamedTuple):
    """One model's config: canonical JSON text, its hash, and what rules need of it.

    ``queue_limit`` is the smallest ``max_queue_size`` set anywhere (0 is unlimited);
    ``instances`` counts all groups; ``composing`` lists the models an ensemble calls.
    """

    text: str
    digest: str
    backend: str
    max_batch: int
    dynamic: bool
    preferred: tuple[int, ...]
    queue_delay_us: int
    queue_limit: int
    instances: int
    gpus: tuple[int, ...]
    policy: tuple[str, tuple[int, ...]]
    composing: tuple[str, ...]

    @property
    def tree(self) -> Mapping[str, Any]:
        """The whole config, parsed anew at each call."""
        parsed: Mapping[str, Any] = json.loads(self.text)
        return parsed


def read_config(raw: Mapping[str, Any]) -> ModelConfig:
    """Facts of a config as the server gives it; missing or odd parts fall back to Triton's defaults."""
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    batching = _table(raw.get("dynamic_batching"))
    groups = [_table(group) for group in _list(raw.get("instance_group"))]
    steps = [_table(step) for step in _list(_table(raw.get("ensemble_scheduling")).get("step"))]
    return ModelConfig(
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        backend=str(raw.get("backend") or raw.get("platform") or ""),
        max_batch=_int(raw.get("max_batch_size")),
        dynamic="dynamic_batching" in raw,
        preferred=tuple(_int(size) for size in _list(batching.get("preferred_batch_size"))),
        queue_delay_us=_int(batching.get("max_queue_delay_microseconds")),
        queue_limit=_queue_limit(batching),
        instances=sum(_int(group.get("count")) or 1 for group in groups),
        gpus=tuple(sorted({_int(gpu) for group in groups for gpu in _list(group.get("gpus"))})),
        policy=_policy(_table(raw.get("version_policy"))),
        composing=tuple(str(step.get("model_name", "")) for step in steps),
    )


def _queue_limit(batching: Mapping[str, Any]) -> int:
    policies = [_table(batching.get("default_queue_policy"))]
    policies += [_table(p) for p in _table(batching.get("priority_queue_policy")).values()]
    limits = [size for size in (_int(p.get("max_queue_size")) for p in policies) if size > 0]
    return min(limits, default=0)


def _policy(raw: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
    if "specific" in raw:
        return "specific", tuple(sorted(_int(v) for v in _list(_table(raw["specific"]).get("versions"))))
    if "all" in raw:
        return "all", ()
    return "latest", (_int(_table(raw.get("latest")).get("num_versions")) or 1,)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _int(value: object) -> int:
    """JSON from protobuf gives int64 as text."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0
