"""Whether the node's CPU is taken, by the server itself or by others."""

from collections.abc import Iterator

from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import scrape
from console.triage.scene import LOOKBACK_S, Scene
from console.triage.series import binned, line
from console.triage.shift import Shift
from console.triage.strain import MORE, Strain

NAME = "node_cpu"
_FULL = 0.85
# A CPU that was as full before is not what changed.
_RISE = 0.1
# Of many nodes the busiest are looked at.
_MOST = 16
_HINT = "Triton reports nv_cpu_utilization where it is built with CPU metrics; else ask node-exporter"
_WAIT = "keep the console open: what is usual is known after half a minute"


def check(scene: Scene) -> Finding:
    """Yes when a node is full, executions got slower, and the model had no more to do."""
    strain = Strain(scene.inner)
    hosts = list(_hosts(strain))
    evidence = tuple(_evidence(strain, name, value) for name, value in hosts)
    known = [(value.now, name, value) for name, value in hosts if value.now is not None]
    if not known:
        nothing = Evidence(NAME, Answer.UNKNOWN, "CPU of the node", hint=_HINT)
        return Finding(NAME, Answer.UNKNOWN, "the CPU of its nodes is not known", (nothing,), confidence=0.2)
    now, name, value = max(known)
    was = f", was {value.base:.0%}" if value.base is not None else ""
    if now < _FULL:
        return Finding(NAME, Answer.NO, f"the CPU of {name} is {now:.0%} busy{was}", evidence, confidence=0.8)
    if strain.slower is None and value.base is None:
        said = f"the CPU of {name} is {now:.0%} busy: whether it always was is not known"
        return Finding(NAME, Answer.UNKNOWN, said, _unsure(evidence, name), confidence=0.2)
    if not strain.by_service or (value.base is not None and now - value.base < _RISE):
        return Finding(
            NAME,
            Answer.NO,
            f"the CPU of {name} is {now:.0%} busy{was}: that is not what changed",
            evidence,
        )
    whose = (
        "its own work grew" if strain.more >= MORE else "the model has no more to do: something else takes it"
    )
    return Finding(
        NAME, Answer.YES, f"the CPU of {name} is {now:.0%} busy{was}, and {whose}", evidence, "external",
        0.8, scene.inner.model, target=name, at=scene.onset,
    )  # fmt: skip


def _hosts(strain: Strain) -> Iterator[tuple[str, Shift]]:
    scene = strain.scene
    for name in (strain.focus,) if strain.focus else _busiest(scene):
        points = scene.snapshot.history.host(name, "cpu_utilization", LOOKBACK_S)
        yield name, scene.against(binned(line(points), scene.width, scene.snapshot.at))


def _busiest(scene: Scene) -> list[str]:
    mine = set(scene.targets)
    rows = [row for row in scene.snapshot.targets if row.name in mine]
    rows.sort(key=lambda row: -(row.host.cpu_utilization or 0.0))
    return [row.name for row in rows[:_MOST]]


def _unsure(evidence: tuple[Evidence, ...], name: str) -> tuple[Evidence, ...]:
    """The evidence, where the CPU of ``name`` is full and nothing tells since when."""
    return tuple(
        each._replace(answer=Answer.UNKNOWN, hint=_WAIT) if each.subject == name else each
        for each in evidence
    )


def _evidence(strain: Strain, name: str, value: Shift) -> Evidence:
    target = next((t for t in strain.scene.snapshot.targets if t.name == name), None)
    answer = Answer.UNKNOWN if value.now is None else Answer.YES if value.now >= _FULL else Answer.NO
    return Evidence(
        NAME, answer, "CPU of the node", name, value.now, value.base, "ratio",
        value.told("gauge"), "Triton",
        target.age_s if target else None, scrape(strain.scene, name, "nv_cpu_utilization"),
        _HINT if value.now is None else "",
    )  # fmt: skip
