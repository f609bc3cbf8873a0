"""Targets that come and go while they are watched."""

import numpy as np

from console.domain.around import LinkReading
from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import ROWS, F
from console.domain.fleet import Discovery, Fleet, ModelVersion, Target
from console.domain.gpu import GpuSample
from console.domain.prospect import TargetsReading
from console.domain.sample import Reading, Sample
from console.domain.triton import TritonReading
from console.engine.store import Store

KEY = ModelVersion("ranker", "7")
POD_A = Target("pod-a", "http://10.0.0.1:8000", "http://10.0.0.1:8002/metrics", node="node-1")
POD_B = Target("pod-b", "http://10.0.0.2:8000", "http://10.0.0.2:8002/metrics", node="node-2")
FOUND = Fleet("k8s", discovery=Discovery(kubernetes="app=triton"))


def sample(source: str, target: str | None, at: float, reading: Reading | None) -> Sample:
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


def failing(name: str, at: float, kind: FailureKind) -> Sample:
    return sample(f"triton:{name}", name, at, None)._replace(failure=Failure(kind, "live", f"live: {kind}"))


def test_where_nothing_that_was_found_can_be_reached_the_way_is_said() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A, POD_B))
    store.take(failing("pod-a", 1.0, FailureKind.TIMEOUT))
    store.take(poll("pod-b", 1.0, 10))
    some = store.tick(1.0, 1.0).notes

    store.take(found(2.0, POD_A))
    none = store.tick(2.0, 2.0).notes

    assert some == ()
    assert "none of the 1 servers that were found can be reached from this machine" in none[0]
    assert "kubectl port-forward" in none[0]


def test_a_server_that_refuses_is_no_matter_of_the_way() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A))
    store.take(failing("pod-a", 1.0, FailureKind.REFUSED))

    assert store.tick(1.0, 1.0).notes == ()


def test_what_failed_of_a_target_that_is_gone_is_not_shown_any_more() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A, POD_B))
    for name in ("pod-a", "pod-b"):
        store.take(poll(name, 1.0, 10))
        store.take(sample(f"network:{name}", name, 1.0, LinkReading(name, connect_ms=1.0)))
        store.take(
            sample(f"triton:{name}", name, 1.0, TritonReading(live=True, gpus=(GpuSample(f"GPU-{name}"),)))
        )
    broken = sample("network:pod-a", "pod-a", 1.5, None)
    store.take(broken._replace(failure=Failure(FailureKind.INTERNAL, "poll", "network broke")))
    before = store.tick(1.5, 1.5)

    store.take(found(2.0, POD_B))
    store.take(broken._replace(failure=Failure(FailureKind.INTERNAL, "poll", "network broke")))
    after = store.tick(2.0, 2.0)

    assert any("network broke" in note for note in before.notes)
    assert after.notes == ()
    assert [row.link.target for row in after.links] == ["pod-b"]
    assert [row.gpu.uuid for row in after.gpus] == ["GPU-pod-b"]


def test_a_server_that_was_found_is_down_only_when_it_has_been_looked_up_whether_it_is_there() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A, POD_B))
    for name in ("pod-a", "pod-b"):
        store.take(poll(name, 1.0, 10))
    store.tick(1.0, 1.0)
    store.take(failing("pod-a", 2.0, FailureKind.REFUSED))
    at_once = store.tick(2.0, 2.0).alerts
    store.take(poll("pod-b", 8.0, 10))
    later = store.tick(8.0, 8.0).alerts

    assert at_once == ()
    assert [(alert.id, alert.target) for alert in later] == [("target-down", "pod-a")]


def test_where_every_server_is_gone_somebody_is_paged() -> None:
    store = Store(FOUND)
    store.take(found(1.0))
    never = store.tick(1.0, 1.0).alerts
    store.take(found(2.0, POD_A))
    store.take(poll("pod-a", 2.0, 10))
    well = store.tick(2.0, 2.0).alerts
    store.take(found(3.0))
    gone = store.tick(3.0, 3.0).alerts

    assert (never, well) == ((), ())
    assert [(alert.id, alert.subject, alert.severity) for alert in gone] == [("none-found", "k8s", "page")]


def test_a_pod_that_ends_and_is_taken_away_ended_once() -> None:
    store = Store(FOUND)
    store.take(found(1.0, POD_A, POD_B))
    for name in ("pod-a", "pod-b"):
        store.take(poll(name, 1.0, 10))
    store.take(failing("pod-a", 2.0, FailureKind.REFUSED))
    store.take(found(3.0, POD_B))
    store.take(found(4.0, POD_A, POD_B))
    store.take(poll("pod-a", 4.0, 1))

    assert "crash-loop" not in [alert.id for alert in store.tick(4.0, 4.0).alerts]

    store.take(failing("pod-a", 40.0, FailureKind.REFUSED))

    assert "crash-loop" in [alert.id for alert in store.tick(40.0, 40.0).alerts]
