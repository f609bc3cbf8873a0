"""A history that answers every question about a fleet made by hand."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.config import ModelConfig, read_config
from console.domain.fleet import ModelVersion
from console.domain.rows import Lifetime, LoadRow, ReplicaRow, StateChange
from console.domain.snapshot import Points
from console.domain.triton import State

NOW = 1_760_000_000.0  # 2025-10-09T08:53:20Z


class FakeHistory:
    """A memory that answers every question: smooth curves with one gap, a load, one replica, a small config.

    ``replica_rows``, ``load_rows`` and ``configs`` (by model) replace the answers for every key.
    """

    def __init__(
        self,
        replica_rows: Sequence[ReplicaRow] | None = None,
        configs: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
        load_rows: Sequence[LoadRow] | None = None,
    ) -> None:
        self._load_rows = load_rows
        self._replica_rows = replica_rows
        self._configs = configs or {}

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        """A curve that depends on the column and the key alone."""
        return _curve(f"{key.model}/{key.version}/{column}", seconds)

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        """A curve that depends on the column and the GPU alone."""
        return _curve(f"{uuid}/{column}", seconds)

    def replica(self, target: str, key: ModelVersion, column: str, seconds: float) -> Points:
        """A curve that depends on the column, the key and the target alone."""
        return _curve(f"{target}/{key.model}/{key.version}/{column}", seconds)

    def lifetime(self, key: ModelVersion, target: str = "") -> Lifetime | None:
        """Nothing was served before the first look."""
        return None

    def host(self, target: str, column: str, seconds: float) -> Points:
        """A curve that depends on the column and the target alone."""
        return _curve(f"{target}/{column}", seconds)

    def route(self, name: str, column: str, seconds: float) -> Points:
        """A curve that depends on the column and the route alone."""
        return _curve(f"{name}/{column}", seconds)

    def states(self, key: ModelVersion) -> Sequence[StateChange]:
        """A load that began 190 s and ended 180 s before NOW."""
        del key
        return (
            StateChange(NOW - 190, "triton-0", State.LOADING, ""),
            StateChange(NOW - 180, "triton-0", State.READY, ""),
        )

    def replicas(self, key: ModelVersion) -> Sequence[ReplicaRow]:
        """The given replicas, or one that is well."""
        if self._replica_rows is not None:
            return self._replica_rows
        state = State.READY
        return (
            ReplicaRow(
                "triton-0", key, state, "", 412.0, 0.0002, 40.5, 120.0, 12.0, 26.0, 3.0, 0.4, stale=False
            ),
        )

    def loads(self, model: str = "") -> Sequence[LoadRow]:
        """The given loads, or those that the replicas make."""
        if self._load_rows is not None:
            return self._load_rows
        rows = self.replicas(ModelVersion(model or "ranker", "7"))
        return [
            LoadRow(
                r.target, r.rate, r.error_ratio, r.mean_ms, r.p99_ms, r.key, r.queue_ms, r.pending, (r.key,)
            )
            for r in rows
        ]

    def config(self, model: str) -> Mapping[str, ModelConfig]:
        """The given configs, or a python model's on triton-0."""
        small = {"name": model, "backend": "python", "max_batch_size": 8, "dynamic_batching": {}}
        given = self._configs.get(model, {"triton-0": small})
        return {target: read_config(raw) for target, raw in given.items()}


def _curve(seed: str, seconds: float) -> Points:
    phase = sum(seed.encode()) % 7
    count = max(2, min(int(seconds), 300))
    step = seconds / (count - 1)
    at = [NOW - seconds + step * i for i in range(count)]
    values: list[float | None] = [50 + 20 * math.sin(i / 9 + phase) for i in range(count)]
    values[count // 3] = None
    return Points(at, values)
