"""Targets that come and go while they are watched."""

import numpy as np

from console.domain.counters import Counters
from console.domain.families import ROWS, F
from console.domain.fleet import Discovery, Fleet, ModelVersion, Target
from console.domain.prospect import TargetsReading
from console.domain.sample import Reading, Sample
from console.domain.triton import TritonReading
from console.engine.store import Store

KEY = ModelVersion("ranker", "7")
POD_A = Target("pod-a", "http://10.0.0.1:8000", "http://10.0.0.1:8002/metrics", node="node-1")
POD_B = Target("pod-b", "http://10.0.0.2:8000", "http://10.0.0.2:8002/metrics", node="node-2")
FOUND = Fleet("k8s", discovery=Discovery(kubernetes="app=triton"))


def sample(source: str, target: str | None, at: float, reading: Reading) -> Sample:
    return Sample(source, target, at, at, 0.01, 1.0, reading, None)


def found(at: float, *targets: Target) -> Sample:
    return sample("discovery", None, at, TargetsReading(targets))


def poll(name: str, at: float, requests: float) -> Sample:
    values = np.full((ROWS, 1), np.nan)
    values[F.SUCCESS] = requests
    reading = TritonReading(live=True, counters=Counters((KEY,), values), counters_at=at)
    return sample(f"triton:{name}", name, at, reading)


def test_nothing_is_shown_as_whole_before_it_is_known_which_targets_there_are() -> None:
    store = Store(FOUND)

    before = store.roll.complete
    store.take(found(1.0, POD_A))
    told = store.roll.complete
    store.take(poll("pod-a", 1.0, 10))

    assert (before, told, store.roll.complete) == (False, False, True)


def test_pods_that_are_found_are_watched_and_named_with_their_node() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A))
    store.take(poll("pod-a", 1.0, 0))
    store.tick(1.0, 1.0)

    store.take(found(2.0, POD_A, POD_B))
    for second in (2.0, 3.0):
        store.take(poll("pod-a", second, 10 * second))
        store.take(poll("pod-b", second, 5 * second))
        shown = store.tick(second, second)

    assert [target.name for target in shown.fleet.targets] == ["pod-a", "pod-b"]
    assert shown.up == 2
    assert shown.models[0].reporting == 2
    assert [marker.detail for marker in shown.markers] == ["found at http://10.0.0.2:8000 on node-2"]


def test_pods_that_are_gone_leave_the_picture_with_a_marker() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A, POD_B))
    for name in ("pod-a", "pod-b"):
        store.take(poll(name, 1.0, 10))
    store.tick(1.0, 1.0)

    store.take(found(2.0, POD_B))
    shown = store.tick(2.0, 2.0)
    store.take(poll("pod-a", 2.5, 12))

    assert [target.name for target in shown.targets] == ["pod-b"]
    assert shown.models[0].targets == ("pod-b",)
    assert [(marker.target, marker.detail) for marker in shown.markers] == [
        ("pod-a", "gone: it is no longer found")
    ]


def test_a_pod_of_the_same_name_at_another_address_begins_anew() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A))
    store.take(poll("pod-a", 1.0, 1000))
    store.tick(1.0, 1.0)

    moved = Target("pod-a", "http://10.0.0.9:8000", "http://10.0.0.9:8002/metrics", node="node-3")
    store.take(found(2.0, moved))
    store.take(poll("pod-a", 2.0, 1010))
    shown = store.tick(2.0, 2.0)

    assert shown.models[0].rate is None
    assert "replaced at http://10.0.0.9:8000 on node-3" in [marker.detail for marker in shown.markers]


def test_targets_of_the_settings_stay_beside_those_that_are_found() -> None:
    given = Target("given", "http://given:8000", "http://given:8002/metrics")
    store = Store(Fleet("both", targets=(given,), discovery=Discovery(kubernetes="app=triton")))

    store.take(found(1.0, POD_A))
    store.take(found(2.0))

    assert [target.name for target in store.tick(2.0, 2.0).targets] == ["given"]
