"""Whether the process of a target that has the model dies again and again."""

from collections.abc import Iterator

from console.domain.marker import Marker, MarkerKind
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene
from console.triage.words import clock

NAME = "crash_loop"
WINDOW_S = 600.0
_TWICE = 2
_RESTART_S = 60.0


def check(scene: Scene) -> Finding:
    """Yes when a target restarted twice within ten minutes, or once and its counters show that it just had before."""
    evidence = []
    for name in scene.targets:
        deaths = list(_deaths(scene, name))
        evidence.append(_evidence(name, deaths))
        if len(deaths) >= _TWICE or (deaths and _was_young(scene, name, deaths[0])):
            said = f"{name} went away {len(deaths)} times in {WINDOW_S / 60:.0f} min, last at {clock(deaths[-1])}"
            return Finding(
                NAME,
                Answer.YES,
                said,
                tuple(evidence),
                "crash_loop",
                0.9,
                scene.model,
                target=name,
                at=deaths[0],
            )
    if not evidence:
        return Finding(NAME, Answer.UNKNOWN, "no target has it", confidence=0.2)
    once = [each for each in evidence if each.now]
    said = f"{once[0].subject} restarted once" if once else "no target of it restarted"
    return Finding(NAME, Answer.NO, said, tuple(evidence), confidence=0.8)


def _deaths(scene: Scene, target: str) -> Iterator[float]:
    """When the process went away, each death once: going down and starting anew belong together."""
    since = scene.snapshot.at - WINDOW_S
    last = -_RESTART_S
    markers = [m for m in scene.snapshot.markers if m.target == target and m.at >= since and _of_process(m)]
    for marker in markers:
        if marker.kind is MarkerKind.DOWN or marker.at - last > _RESTART_S:
            yield marker.at
        last = marker.at


def _of_process(marker: Marker) -> bool:
    return marker.kind in {MarkerKind.DOWN, MarkerKind.RESTART}


def _was_young(scene: Scene, target: str, died: float) -> bool:
    """Whether the first look found the target's counters far behind those of the others."""
    served = {name: _served(scene, name) for name in {t.name for t in scene.snapshot.targets}}
    others = [value for name, value in served.items() if name != target and value]
    return bool(others) and served.get(target, 0.0) < 0.2 * min(others) and died <= scene.snapshot.at


def _served(scene: Scene, target: str) -> float:
    lives = (scene.snapshot.history.lifetime(row.key, target) for row in scene.snapshot.models)
    return sum(life.requests for life in lives if life is not None)


def _evidence(target: str, deaths: list[float]) -> Evidence:
    return Evidence(
        NAME, Answer.YES if len(deaths) >= _TWICE else Answer.NO, "went away or restarted", target, float(len(deaths)),
        0.0, f"in {WINDOW_S / 60:.0f} min", "counter", "polls", None, f"kubectl get pod {target}  # RESTARTS",
        at=deaths[-1] if deaths else None,
    )  # fmt: skip
