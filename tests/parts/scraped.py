"""A fleet of two targets whose Prometheus a test makes up, and what a past makes of it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from console.domain.families import F
from console.domain.fleet import Fleet, ModelVersion, Target, Tls
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.domain.snapshot import Snapshot
from console.domain.triton import TritonReading
from console.engine.feed import feed
from console.engine.store import Store
from console.ports import Recording
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus_past import PrometheusPast
from tests.parts.clock import HandClock
from tests.parts.fake_prometheus import FakePrometheus, Series, serving

NOW = 1_700_000_000.0
SUCCESS = "nv_inference_request_success"
HOSTS = ("a", "b")
TARGETS = tuple(Target(f"triton-{h}", f"http://{h}:8000", f"http://{h}:8002/metrics") for h in HOSTS)
RANKER = ModelVersion("ranker", "7")
Samples = Iterable[tuple[float, float | str]]


def series(
    host: str, name: str, samples: Samples, key: ModelVersion | None = RANKER, **labels: str
) -> Series:
    """One of Triton's series as a job called ``triton`` scrapes it from a host."""
    whose = {"model": key.model, "version": key.version} if key else {}
    return Series(name, {"instance": f"{host}:8002", "job": "triton", **whose, **labels}, list(samples))


def scrapes(begin: float, end: float, every: float = 15.0, phase: float = 4.0) -> list[float]:
    """Times of scrapes, in seconds before and after NOW."""
    return [NOW + at + phase for at in np.arange(begin, end, every)]


def growing(times: Iterable[float], rate: float) -> list[tuple[float, float | str]]:
    """A counter that grows by so many a second."""
    return [(at, round(rate * (at - NOW + 10_000), 3)) for at in times]


async def opened(prometheus: FakePrometheus, since: float = 600.0, **fleet: Any) -> Recording | None:
    """What the past of a fleet with that Prometheus opens, from so many seconds before NOW on."""
    async with serving(prometheus) as url:
        return await asked(url, since, **fleet)


async def asked(url: str, since: float = 600.0, **fleet: Any) -> Recording | None:
    """The same of whatever answers at that URL."""
    http = Http({"admin-key": Secret("hush")}, Tls())
    try:
        settings = {"targets": TARGETS, "prometheus": url, **fleet}
        return await PrometheusPast(Fleet(**settings), Kit(HandClock(NOW), http)).open(NOW - since)
    finally:
        await http.close()


async def recorded(prometheus: FakePrometheus, **changes: Any) -> Recording:
    """A recording, and not None."""
    found = await opened(prometheus, **changes)
    assert found is not None
    return found


def readings(recording: Recording, target: str) -> dict[float, TritonReading]:
    """A target's readings by the time of their frame, in seconds before NOW."""
    return {
        round(frame.at - NOW, 3): sample.reading
        for frame in recording.frames()
        for sample in frame.inputs
        if isinstance(sample, Sample) and sample.target == target
        if isinstance(sample.reading, TritonReading)
    }


def value(reading: TritonReading, row: F, key: ModelVersion = RANKER) -> float:
    """One counter of a version."""
    assert reading.counters is not None
    return float(reading.counters.values[row, reading.counters.keys.index(key)])


def fed(recording: Recording) -> Snapshot:
    """What a store shows that was fed with all of it."""
    store = Store(Fleet(targets=TARGETS))
    for frame in recording.frames():
        for entry in frame.inputs:
            feed(store, entry)
        snapshot = store.tick(frame.at, frame.mono)
    return snapshot
