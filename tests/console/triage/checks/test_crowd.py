"""Of very many GPUs, nodes and ways the one that is ill is found, wherever it stands among them."""

import pytest

from console.domain.triage import Answer
from console.domain.triton import HostGauges
from console.triage.checks import co_tenant, cpu_preprocessing, gpu_memory, gpu_saturated, network, node_cpu
from tests.parts.memory import Served, scene
from tests.parts.pictures import ENSEMBLE, link, since
from tests.snapshots import GIB, gpu_row, target_row

MANY = 40
SLOW = Served(infer_ms=since(8.0, 24.0))


@pytest.fixture(params=[0, MANY // 2, MANY - 1])
def place(request: pytest.FixtureRequest) -> int:
    return request.param


def test_the_gpu_that_is_full(place: int) -> None:
    gpus = tuple(
        gpu_row(f"GPU-{n}", memory_free_bytes=0.1 * GIB if n == place else 30 * GIB) for n in range(MANY)
    )
    assert gpu_memory.check(scene(Served(), gpus=gpus)).answer is Answer.YES


def test_the_gpu_that_is_busy_or_taken(place: int) -> None:
    gpus = tuple(
        gpu_row(f"GPU-{n}", number=str(n), sm_active=0.98 if n == place else 0.3) for n in range(MANY)
    )
    past = {(f"GPU-{n}", "", "sm_active"): since(0.3, 0.98) if n == place else 0.3 for n in range(MANY)}
    for check in (gpu_saturated.check, co_tenant.check):
        found = check(scene(SLOW, gpus=gpus, courses=past))
        assert found.answer is Answer.YES
        assert f"GPU {place} node-0" in found.reason


def test_the_node_that_is_busy(place: int) -> None:
    names = tuple(f"triton-{n:02}" for n in range(MANY))
    targets = [target_row(name, host=HostGauges(0.97 if n == place else 0.3)) for n, name in enumerate(names)]
    past = {
        (name, "cpu_utilization"): since(0.3, 0.97) if n == place else 0.3 for n, name in enumerate(names)
    }
    found = node_cpu.check(scene(Served(on=names, infer_ms=since(8.0, 24.0)), targets=targets, courses=past))
    assert (found.answer, found.target) == (Answer.YES, names[place])


@pytest.mark.parametrize("ill", [{"connect_ms": 90.0}, {"connect_ms": None, "failed": "connect"}])
def test_the_way_that_is_slow_or_broken(place: int, ill: dict[str, object]) -> None:
    names = tuple(f"triton-{n:02}" for n in range(MANY))
    links = tuple(link(name, **(ill if n == place else {})) for n, name in enumerate(names))
    past = {(name, "connect_ms"): since(0.4, 90.0) if n == place else 0.4 for n, name in enumerate(names)}
    found = network.check(scene(Served(on=names), links=links, courses=past))
    assert (found.answer, found.target) == (Answer.YES, names[place])


def test_a_part_on_the_cpu_that_is_as_fast_as_before_is_not_blamed() -> None:
    cpu = {"name": "tokens", "instance_group": [{"kind": "KIND_CPU"}]}
    parts = (
        Served("search", infer_ms=0.0, mean_ms=20.0, config=ENSEMBLE),
        Served("ranker"),
        Served("tokens", infer_ms=since(8.0, 8.4), config=cpu),
    )
    assert cpu_preprocessing.check(scene(*parts)).answer is Answer.NO
