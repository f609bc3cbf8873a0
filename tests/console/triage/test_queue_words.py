"""What the queue check says of waiting that no lack of instances explains."""

from console.domain.triage import CheckUse, Finding
from console.triage.checks import run
from tests.parts.memory import Figure, Served, scene, stepped

CONFIG = {"backend": "python", "instance_group": [{"kind": "KIND_CPU", "count": 1}]}


def found(rate: Figure, infer_ms: float) -> Finding:
    waits, seen = stepped(0.1, 40.0, 60.0), stepped(12.0, 60.0, 60.0)
    served = Served(rate=rate, infer_ms=infer_ms, queue_ms=waits, p99_ms=seen, config=CONFIG)
    return run(CheckUse("queue_up"), scene(served))


def test_waiting_while_instances_idle_is_no_want_of_instances() -> None:
    idle = found(30.0, 10.0)
    assert "not for want of instances, which are busy 30% of the time" in idle.reason
    assert idle.confidence < 0.5


def test_waiting_while_instances_are_busy_is() -> None:
    busy = found(95.0, 10.0)
    assert "more is asked for than the instances serve, its instances are busy 95% of the time" in busy.reason
    assert busy.confidence == 0.9


def test_more_work_explains_it_however_busy_they_are() -> None:
    more = found(stepped(20.0, 40.0, 60.0), 10.0)
    assert "2.0× the inferences of before" in more.reason
    assert more.confidence == 0.9
