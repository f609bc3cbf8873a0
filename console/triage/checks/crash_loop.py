"""Whether the process of a target that has the model dies again and again."""

from collections.abc import Iterable, Iterator, Sequence
from shlex import quote

from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow, TargetRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import absent, scraped
from console.triage.queries import among, series
from console.triage.scene import Scene
from console.triage.words import clock

NAME = "crash_loop"
WINDOW_S = 600.0
_TWICE = 2
_RESTART_S = 60.0
# Of so many targets the counters are looked at, over so many models, and compared with those of so many others.
_COMPARED = 8


def check(scene: Scene) -> Finding:
    """Yes when a target restarted twice within ten minutes, or once and its counters show that it just had before."""
    if scraped(scene):
        return _of_groups(scene)
    evidence = []
    seen = _by_target(scene)
    rows = {row.name: row for row in scene.snapshot.targets}
    looked = [name for name in scene.targets if name in seen][:_COMPARED]
    for name in scene.targets:
        deaths = list(_deaths(seen.get(name, ())))
        evidence.append(_evidence(name, rows.get(name), deaths))
        if len(deaths) >= _TWICE or (deaths and name in looked and _was_young(scene, name, deaths[0])):
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
        return Finding(NAME, Answer.UNKNOWN, "no target has it", (absent(NAME),), confidence=0.2)
    once = [each for each in evidence if each.now]
    said = f"{once[0].subject} restarted once" if once else "no target of it restarted"
    return Finding(NAME, Answer.NO, said, tuple(evidence), confidence=0.8)


def _of_groups(scene: Scene) -> Finding:
    """Of a group one server's restart is in no figure: Prometheus takes it out of its rates."""
    counted = series("nv_inference_request_success", among(scene.snapshot), model=scene.model)
    restarts = Evidence(
        NAME, Answer.UNKNOWN, "restarts of its servers", scene.model, basis="counter", source="prometheus",
        query=f"max by (instance) (resets({counted}[{WINDOW_S:.0f}s]))", hint="ask Prometheus this: from 2 on it is a loop",
    )  # fmt: skip
    said = "the console does not see which server of a group restarts; Prometheus can be asked"
    return Finding(NAME, Answer.UNKNOWN, said, (restarts,), confidence=0.2)


def _by_target(scene: Scene) -> dict[str, list[Marker]]:
    """The markers of processes within the window, by target, oldest first."""
    since = scene.snapshot.at - WINDOW_S
    found: dict[str, list[Marker]] = {}
    for marker in scene.snapshot.markers:
        if marker.at >= since and _of_process(marker):
            found.setdefault(marker.target, []).append(marker)
    return found


def _deaths(markers: Iterable[Marker]) -> Iterator[float]:
    """When the process went away, each death once: going down and starting anew belong together."""
    last = -_RESTART_S
    for marker in markers:
        if marker.kind is MarkerKind.DOWN or marker.at - last > _RESTART_S:
            yield marker.at
        last = marker.at


def _of_process(marker: Marker) -> bool:
    return marker.kind in {MarkerKind.DOWN, MarkerKind.RESTART}


def _was_young(scene: Scene, target: str, died: float) -> bool:
    """Whether the first look found the target's counters far behind those of the others."""
    busiest = sorted(scene.snapshot.models, key=lambda row: -(row.rate or 0.0))[:_COMPARED]
    names = [row.name for row in scene.snapshot.targets if row.name != target][:_COMPARED]
    others = [served for name in names if (served := _served(scene, name, busiest))]
    served = _served(scene, target, busiest)
    return bool(others) and served is not None and served < 0.2 * min(others) and died <= scene.snapshot.at


def _served(scene: Scene, target: str, rows: Sequence[ModelRow]) -> float | None:
    """The requests at the first look; None where nothing is left of it, as after a restart."""
    lives = [scene.snapshot.history.lifetime(row.key, target) for row in rows]
    known = [life.requests for life in lives if life is not None]
    return sum(known) if known else None


def _evidence(target: str, row: TargetRow | None, deaths: list[float]) -> Evidence:
    return Evidence(
        NAME, Answer.YES if len(deaths) >= _TWICE else Answer.NO, f"went away or restarted in {WINDOW_S / 60:.0f} min", target, float(len(deaths)),
        0.0, "restarts", "polls, none is usual", "console", row.age_s if row else None,
        f"kubectl get pod {quote(target)}  # RESTARTS", at=deaths[-1] if deaths else None,
    )  # fmt: skip
