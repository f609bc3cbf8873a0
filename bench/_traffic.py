"""A fleet under load, poll by poll: every counter, percentile and batch size changes each second, as Triton counts them."""

import numpy as np

from console.domain.config import read_config
from console.domain.counters import Counters
from console.domain.families import DURATIONS, FAMILIES, ROWS, SUMMARY_QUANTILES, F
from console.domain.fleet import ModelVersion
from console.domain.gpu import GpuSample
from console.domain.sample import Sample
from console.domain.triton import (
    ControlMode,
    HostGauges,
    IndexEntry,
    ServerInfo,
    State,
    TritonReading,
    VersionStatistics,
)

# Queue, input, infer and output as shares of a request's time.
_SHARES = np.array([[1.0], [0.3], [0.05], [0.6], [0.04]])
_NS = 1e-6
_UNITS = np.ones((ROWS, 1))
for _families in FAMILIES.values():
    for _family in _families:
        _UNITS[_family.row] = _family.scale


class Server:
    """One Triton that has been up for a day: ``models`` models with 5 to 100 requests a second, batches of up to 16."""

    def __init__(self, name: str, models: int, seed: int) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self._name = name
        self._keys = tuple(ModelVersion(f"model_{number:04d}", "1") for number in range(models))
        self._index = tuple(IndexEntry(key.model, "1", State.READY) for key in self._keys)
        self._configs = {
            key.model: read_config({"name": key.model, "backend": "onnxruntime", "max_batch_size": 16})
            for key in self._keys
        }
        self._info = ServerInfo("triton", "2.51.0", ("statistics", "metrics"))
        self._rate = rng.uniform(5, 100, models)
        self._took_ns = rng.uniform(1e6, 2e7, models)
        self._requests = (self._rate * 86400).astype(np.int64)
        self._ns = np.rint(self._requests * self._took_ns * _SHARES)
        self._us = self._ns // 1000
        self._sizes = [sorted(rng.choice(np.arange(1, 17), 8, replace=False).tolist()) for _ in range(models)]
        self._batches = rng.integers(10**3, 10**6, (models, 8))
        self._cache = rng.integers(0, 10**6, (2, models))

    def poll(self, at: float, mono: float) -> Sample:
        """One second later."""
        rng = self._rng
        grown = rng.poisson(self._rate)
        self._requests = self._requests + grown
        spread = np.sqrt(grown + 1) * self._took_ns * _SHARES * 0.3
        took = np.rint(np.abs(rng.normal(grown * self._took_ns * _SHARES, spread)))
        self._ns = self._ns + took
        self._us = self._us + took // 1000
        self._batches = self._batches + rng.poisson(self._rate[:, None] / 32, self._batches.shape)
        self._cache = self._cache + rng.poisson(5, self._cache.shape)
        reading = TritonReading(
            live=True,
            ready=True,
            server=self._info,
            mode=ControlMode.EXPLICIT,
            index=self._index,
            statistics=self._statistics(at),
            statistics_at=mono - float(rng.random()) / 1e3,
            configs=dict(self._configs),
            counters=Counters(self._keys, self._counters()),
            counters_at=mono - float(rng.random()) / 1e3,
            gpus=tuple(self._gpu(number) for number in range(2)),
            host=HostGauges(float(rng.random()), float(rng.integers(2**36)), 2.0**37),
        )
        late = float(rng.random())
        return Sample(
            f"triton:{self._name}", self._name, at - late, mono - late, late / 50, 1.0, reading, None
        )

    def _counters(self) -> np.ndarray:
        models = len(self._keys)
        values = np.zeros((ROWS, models))
        values[[F.SUCCESS, F.INFERENCES, F.SUMMARY_COUNT]] = self._requests
        values[F.EXECUTIONS] = self._batches.sum(axis=1)
        values[list(DURATIONS)] = self._us
        values[[F.CACHE_HITS, F.CACHE_MISSES]] = self._cache
        values[F.PENDING] = self._rng.poisson(3, models)
        values[F.LOAD_S] = 1.2345
        for quantile, row in SUMMARY_QUANTILES:
            values[row] = self._took_ns / 1000 * (0.5 + quantile) * self._rng.normal(1, 0.05, models) // 1
        return values * _UNITS

    def _statistics(self, at: float) -> tuple[VersionStatistics, ...]:
        requests, executions = self._requests.tolist(), self._batches.sum(axis=1).tolist()
        hits, misses = self._cache.tolist()
        times = (self._ns * _NS).T.tolist()
        batches = [
            dict(zip(sizes, counts, strict=True))
            for sizes, counts in zip(self._sizes, self._batches.tolist(), strict=True)
        ]
        last = (int(at * 1000) - self._rng.integers(50, size=len(requests))).tolist()
        return tuple(
            VersionStatistics(
                key,
                last[n],
                requests[n],
                executions[n],
                requests[n],
                0,
                *times[n],
                hits[n],
                misses[n],
                batches[n],
            )
            for n, key in enumerate(self._keys)
        )

    def _gpu(self, number: int) -> GpuSample:
        rng = self._rng
        return GpuSample(
            f"GPU-{number}-{self._name}",
            utilization=int(rng.integers(100)) / 100,
            memory_used_bytes=float(rng.integers(2**10) << 20),
            memory_total_bytes=80.0 * 2**30,
            power_w=round(float(rng.uniform(100, 400)), 3),
            power_limit_w=400.0,
        )
