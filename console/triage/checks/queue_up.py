"""Whether requests wait because there are more of them than the instances can serve."""

from collections.abc import Iterator

from console.domain.triage import Answer, Evidence, Finding
from console.triage.queries import promql
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import MORE, Strain
from console.triage.words import times

NAME = "queue_up"
# Without a baseline: waiting that takes this share of the objective, and more than computing does.
_SHARE = 0.3
_BUSY, _IDLE = 0.85, 0.5


def check(scene: Scene) -> Finding:
    """Yes when the queue time rose and neither slower executions nor a gateway's repeats explain it."""
    strain = Strain(scene.inner)
    queue = strain.shift("queue_ms")
    evidence = tuple(_figures(strain, queue))
    if queue.now is None:
        return Finding(NAME, Answer.UNKNOWN, "the queue time is unknown", evidence[:1], confidence=0.2)
    if strain.scene.quiet:
        said = f"requests wait {queue.now:.1f} ms, and too few of them came to say more"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.6)
    if not _raised(strain, queue):
        usual = "as usual" if queue.base is not None else "less than computing takes"
        said = f"requests wait {queue.now:.1f} ms, {usual}"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.9 if queue.base is not None else 0.5)
    waits = f"requests wait {queue.now:.1f} ms" + (
        f" instead of {queue.base:.1f}" if queue.base is not None else ""
    )
    waits += strain.where
    if strain.by_service:
        said = f"{waits}, but because an execution takes {times(strain.slower)} as long: the cause is deeper"
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.8)
    if strain.by_repeats:
        said = (
            f"{waits}, but clients ask as before: the gateway sends each request {strain.repeated:.1f} times"
        )
        return Finding(NAME, Answer.NO, said, evidence, confidence=0.8)
    return Finding(
        NAME, Answer.YES, f"{waits}: {_why(strain)}", evidence, "queue", _confidence(strain, queue),
        strain.scene.model, target=strain.focus, at=scene.onset,
    )  # fmt: skip


def _raised(strain: Strain, queue: Shift) -> bool:
    row = strain.scene.row
    threshold = row.slo.objective.latency_ms if row else 0.0
    up = queue.up(1.5, max(1.0, 0.02 * threshold))
    if up or (up is not None and not strain.scene.late):
        return up
    compute = strain.shift("compute_ms").now or 0.0
    return (queue.now or 0.0) > max(_SHARE * threshold, compute)


def _why(strain: Strain) -> str:
    busy = _busy(strain)
    used = f", its instances are busy {min(busy, 1.0):.0%} of the time" if busy is not None else ""
    if strain.more >= MORE:
        return f"{times(strain.more)} the inferences of before{used}"
    if busy is not None and busy < _IDLE:
        return f"not for want of instances, which are busy {busy:.0%} of the time: something keeps them from starting"
    return f"more is asked for than the instances serve{used}"


def _confidence(strain: Strain, queue: Shift) -> float:
    if queue.base is None:
        return 0.5
    busy = _busy(strain)
    if strain.more >= MORE or (busy or 0.0) >= _BUSY:
        return 0.9
    return 0.4 if busy is not None and busy < _IDLE else 0.7


def _busy(strain: Strain) -> float | None:
    """The share of time that an instance executes, on average; over 1 where instances overlap. None if unknown."""
    executions, took = strain.shift("executions").now, strain.shift("exec_ms").now
    config = strain.scene.config
    servers = 1 if strain.focus else sum(row.ready for row in strain.scene.rows)
    if executions is None or took is None or config is None or not config.instances or not servers:
        return None
    return executions * took / 1000 / (config.instances * servers)


def _product(executions: str, model: str) -> str:
    """How many instances execute at once: over how many there are it is the share of their time."""
    return f"{executions} * ({promql('exec_ms', model)}) / 1000"


def _figures(strain: Strain, queue: Shift) -> Iterator[Evidence]:
    scene, focus = strain.scene, strain.focus
    up = queue.up(1.5, 1.0)
    answer = Answer.UNKNOWN if up is None else Answer.YES if up else Answer.NO
    yield scene.figure(NAME, answer, "queue time", queue, focus)
    yield scene.figure(NAME, answer, "requests waiting", strain.shift("pending"), focus)
    yield scene.figure(NAME, answer, "inferences", strain.shift("inferences"), focus)
    yield scene.figure(NAME, answer, "one execution", strain.shift("exec_ms"), focus)
    busy = _busy(strain)
    if busy is not None:
        over = Answer.YES if busy >= _BUSY else Answer.NO
        made = scene.figure(NAME, over, "instances busy", Shift(busy, None, column="executions"), focus)
        yield made._replace(unit="ratio", basis="estimate", query=_product(made.query, scene.model))
