"""What an autoscaler would make of the figures."""

from typing import Any

import pytest

from console.domain.around import WorkloadReading
from console.domain.basis import Missing
from console.domain.config import read_config
from console.domain.scaling import Inputs, Scaling, desired, fleet_scaling, scaling
from tests.snapshots import GIB, gpu_row, model_row, percentiles, target_row

CONFIG = read_config({"name": "ranker", "max_batch_size": 4, "instance_group": [{"count": 2}]})


def scaled(replicas: int | None = 4, **changes: Any) -> Scaling:
    row = model_row(**{"queue_ms": 20.0, "pending": 4.0, "rate": 100.0, "mean_ms": 40.0, **changes})
    return scaling(Inputs(row, replicas, (target_row(),), (gpu_row(),), (CONFIG,)))


def wanted(found: Scaling) -> dict[str, int | None]:
    return {signal.id: signal.wanted for signal in found.signals}


@pytest.mark.parametrize(
    ("replicas", "value", "target", "number"),
    [
        (4, 20.0, 10.0, 8),
        (4, 10.5, 10.0, 4),
        (4, 9.1, 10.0, 4),
        (4, 8.0, 10.0, 4),
        (4, 7.5, 10.0, 3),
        (3, 0.0, 10.0, 1),
        (3, 12.0, 10.0, 4),
        (10, 1.4, 0.7, 20),
    ],
)
def test_the_rule_is_that_of_the_horizontal_pod_autoscaler(
    replicas: int, value: float, target: float, number: int
) -> None:
    assert desired(replicas, value, target) == number


def test_each_signal_asks_and_the_highest_decides() -> None:
    found = scaled(queue_ms=60.0)
    assert wanted(found)["queue"] == 12
    assert found.wanted == 12
    assert found.by == "queue"
    assert found.replicas == 4


def test_in_flight_is_rate_times_time_against_what_the_instances_hold() -> None:
    signal = next(each for each in scaled().signals if each.id == "concurrency")
    assert signal.value == pytest.approx(100 * 0.040 / 4)
    assert signal.target == pytest.approx(0.7 * 2 * 4)
    assert signal.wanted == 1


def test_what_is_unknown_says_why_and_asks_for_nothing() -> None:
    found = scaled(percentiles=None, latency_missing=Missing.UNSUPPORTED)
    p99 = next(each for each in found.signals if each.id == "p99")
    assert (p99.value, p99.wanted, p99.unknown) == (None, None, "not supported here")


def test_an_unknown_metric_keeps_an_autoscaler_from_scaling_down() -> None:
    low: dict[str, Any] = {"queue_ms": 0.1, "pending": 0.0, "percentiles": percentiles(1.0)}
    row = model_row(rate=1.0, mean_ms=1.0, **low)
    idle_gpu = gpu_row(utilization=0.01)
    whole = scaling(Inputs(row, 4, (target_row(),), (idle_gpu,), (CONFIG,)))
    assert whole.wanted == 2  # the host's CPU
    assert not whole.held
    part = scaling(Inputs(row, 4, (target_row(),), (), (CONFIG,)))
    assert part.wanted == 2
    assert part.held


def test_without_a_number_of_replicas_nothing_is_computed() -> None:
    found = scaled(None)
    assert found.wanted is None
    assert set(wanted(found).values()) == {None}
    assert next(each for each in found.signals if each.id == "queue").value == 20.0
    assert next(each for each in found.signals if each.id == "pending").unknown == "replicas unknown"


def test_without_a_config_concurrency_has_no_target() -> None:
    found = scaling(Inputs(model_row(), 2, (), (), ()))
    signal = next(each for each in found.signals if each.id == "concurrency")
    assert signal.value is not None
    assert signal.target is None
    assert "config" in signal.unknown


def test_pods_that_are_asked_for_and_not_there() -> None:
    workloads = (
        WorkloadReading("deployment/triton", replicas=(9, 12)),
        WorkloadReading("deployment/other", replicas=None),
    )
    found = scaling(
        Inputs(model_row(), 9, (), (gpu_row(memory_free_bytes=2 * GIB), gpu_row("b")), (), workloads)
    )
    assert (found.available, found.asked, found.pending) == (9, 12, 3)
    assert found.free_bytes == 2 * GIB
    assert scaled().pending is None


def test_a_fleet_asks_for_what_its_most_demanding_model_asks_for() -> None:
    calm, busy = scaled(), scaled(queue_ms=60.0)
    found = fleet_scaling((calm, busy), 4, (), ())
    assert found.wanted == 12
    assert found.by == "queue"
    assert fleet_scaling((), 4, (), ()).wanted is None
