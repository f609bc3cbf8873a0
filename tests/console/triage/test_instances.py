"""Failures by their pace: dead instances fail one request a second each, code that raises fails them as they come."""

from dataclasses import replace
from random import Random

import pytest

from console.domain.marker import Marker, MarkerKind
from console.domain.triage import CheckUse, Finding
from console.triage.checks import run
from tests.fake_history import NOW
from tests.parts.memory import Course, Memory, Served, scene, stepped

USE = CheckUse("every_request_fails")


def python(instances: int) -> dict[str, object]:
    return {"backend": "python", "instance_group": [{"kind": "KIND_CPU", "count": instances}]}


def evenly(rate: float) -> Course:
    """So many a second, as whole requests between polls a second apart."""
    return lambda ago: float(int((1000 - ago) * rate) - int((999 - ago) * rate))


def by_chance(share: float, rate: int) -> Course:
    return lambda ago: float(sum(Random(f"{ago:.0f} {each}").random() < share for each in range(rate)))


def found(served: Served, *markers: Marker) -> Finding:
    return run(USE, scene(served, memory=Memory(watched_s=90.0), markers=markers))


def test_a_dead_process_fails_one_request_a_second() -> None:
    dead = stepped(0.0, 1.0, 30.0)
    said = found(Served(rate=stepped(20.0, 1.0, 30.0), failed=dead, config=python(1)))
    assert said.verdict == "dead_stub"
    assert "one a second for each instance" in said.reason


def test_a_dead_process_fails_a_batch_a_second() -> None:
    served = Served(rate=stepped(20.0, 7.0, 30.0), failed=stepped(0.0, 7.0, 30.0))
    batching = {**python(2), "max_batch_size": 4}
    assert found(replace(served, config=batching)).verdict == "dead_stub"
    assert found(replace(served, config=python(2))).verdict == "errors"


def test_code_that_raises_fails_them_as_they_come() -> None:
    said = found(Served(rate=20.0, failed=stepped(0.0, 20.0, 30.0), config=python(1)))
    assert said.verdict == "errors"
    assert "its process lives" in said.reason


def test_code_that_raises_since_a_load_is_a_rollout() -> None:
    load = Marker(NOW - 32.0, MarkerKind.LOAD, "ranker v2", "v2 READY", "ranker", "2", "triton-0")
    both = Served(version="2", rate=20.0, failed=stepped(0.0, 20.0, 30.0), config=python(1))
    said = found(both, load)
    assert said.verdict == "rollout"
    assert said.at == load.at
    assert "v2 READY" in said.reason
    early = found(both, load._replace(at=NOW - 600.0))
    assert early.verdict == "errors"


@pytest.mark.parametrize(("instances", "pace"), [(2, 0.9), (4, 1.0), (4, 2.0)])
def test_some_of_several_instances_are_dead(instances: int, pace: float) -> None:
    said = found(Served(rate=20.0, failed=stepped(0.0, evenly(pace), 30.0), config=python(instances)))
    assert said.verdict == "dead_stub"
    assert "some of its instances" in said.reason


def test_failures_by_chance_are_no_dead_instance() -> None:
    said = found(Served(rate=20.0, failed=stepped(0.0, by_chance(0.05, 20), 30.0), config=python(4)))
    assert said.verdict == ""


def test_more_failures_than_dead_instances_could_cause() -> None:
    assert found(Served(rate=20.0, failed=stepped(0.0, 3.0, 30.0), config=python(2))).verdict == ""


def test_a_single_instance_is_dead_or_is_not() -> None:
    assert found(Served(rate=20.0, failed=stepped(0.0, 1.0, 30.0), config=python(1))).verdict == ""


def test_nothing_gets_through_of_late() -> None:
    just = stepped(0.0, 1.0, 6.0)
    said = found(Served(rate=stepped(20.0, 1.0, 6.0), failed=just, config=python(1)))
    assert said.verdict == "dead_stub"
