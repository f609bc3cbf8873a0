"""Whether a load, a config change or a deployment made it worse."""

from collections.abc import Sequence

from console.domain.marker import Marker, MarkerKind
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import call, listing, scraped
from console.triage.checks import promise_broken
from console.triage.harm import harm, innocent, since
from console.triage.queries import series
from console.triage.rollouts import Young, differing, previous, rollouts, slow_from_the_start, young
from console.triage.scene import CAUSE_S, Scene
from console.triage.shift import Shift
from console.triage.strain import SLOWER, Strain
from console.triage.words import clock

NAME = "recent_rollout"
_SHOWN = 6
_CLOSE_S = 60.0
# The console must have watched for this long to know that nothing was loaded before.
_WATCHED_S = 120.0


def check(scene: Scene) -> Finding:
    """Yes when such a change came shortly before the onset and each execution takes longer since, or fails."""
    inner = scene.inner
    strain = Strain(inner)
    found = [m for m in rollouts(scene) if not strain.focus or m.target in {"", strain.focus}]
    evidence = [_change(scene, marker) for marker in found[-_SHOWN:]]
    if not found:
        return _unseen(scene, strain)
    nearest = _nearest(scene, found)
    figures = _figures(strain)
    harmed = harm(strain) or _failing(scene) or since(strain, nearest.at)
    words = f"{visible(nearest.detail, 80)}{_on(found)} at {clock(nearest.at)}"
    if harmed:
        close = scene.onset is not None and abs(scene.onset - nearest.at) <= _CLOSE_S
        return Finding(
            NAME,
            Answer.YES,
            f"{words}{_apart(scene, nearest)}: {harmed}",
            (*evidence, *figures),
            "rollout",
            0.95 if close else 0.75,
            nearest.model or inner.model,
            previous(_of(scene, nearest), nearest.version),
            nearest.target if len({m.target for m in found}) == 1 else "",
            nearest.at,
        )
    quieted = [each._replace(answer=Answer.NO) for each in evidence]
    return Finding(NAME, Answer.NO, f"{words}, but {innocent(strain)}", (*quieted, *figures), confidence=0.8)


def _failing(scene: Scene) -> str:
    """What the ensemble itself says of errors: its parts may fail no more requests than before."""
    return (
        harm(Strain(scene)) if scene.inner is not scene and scene.shift("error_ratio").up(3.0, 0.01) else ""
    )


def _nearest(scene: Scene, found: Sequence[Marker]) -> Marker:
    """The change nearest to the onset, a load rather than what followed from it; without an onset the newest."""
    if scene.onset is None:
        return found[-1]
    began = scene.onset
    return min(found, key=lambda m: (abs(m.at - began), m.kind is not MarkerKind.LOAD))


def _of(scene: Scene, marker: Marker) -> Scene:
    return scene.of(marker.model) if marker.model else scene


def _on(found: Sequence[Marker]) -> str:
    targets = list(dict.fromkeys(m.target for m in found if m.target))
    return f" on {', '.join(targets[:4])}{' …' if len(targets) > 4 else ''}" if targets else ""


def _apart(scene: Scene, nearest: Marker) -> str:
    if scene.onset is None:
        return ""
    seconds = scene.onset - nearest.at
    return f", {seconds:.0f} s before it began" if seconds >= 1 else ", the moment it began"


def _change(scene: Scene, marker: Marker) -> Evidence:
    if marker.kind is MarkerKind.ROLLOUT:
        work = scene.snapshot.workloads
        query = next((each.query for each in work if each.query), "kubectl rollout history deployment")
        return Evidence(
            NAME, Answer.YES, visible(marker.detail, 120), marker.subject, basis="revision", source="Kubernetes",
            query=query, at=marker.at, age_s=scene.snapshot.at - marker.at,
        )  # fmt: skip
    places = (marker.target,) if marker.target else ()
    whose = f"{marker.subject} on {marker.target}" if marker.target else marker.subject
    told = listing(scene, places)
    if marker.kind is MarkerKind.CONFIG:
        told = told._replace(query=call(_of(scene, marker), "/v2/models/{model}/config", places))
    return Evidence(
        NAME, Answer.YES, visible(marker.detail, 120), whose, basis=told.basis, source=told.source, query=told.query,
        at=marker.at, age_s=scene.snapshot.at - marker.at,
    )  # fmt: skip


def _figures(strain: Strain) -> tuple[Evidence, ...]:
    known = strain.slower
    slower = Answer.UNKNOWN if known is None else Answer.YES if known >= SLOWER else Answer.NO
    scene = strain.scene
    return (
        scene.figure(NAME, slower, "one execution", strain.shift("exec_ms"), strain.focus),
        scene.figure(NAME, slower, "one inference in it", strain.shift("item_ms"), strain.focus),
        scene.figure(NAME, Answer.NO, "inferences", strain.shift("inferences"), strain.focus),
    )


def _unseen(scene: Scene, strain: Strain) -> Finding:
    """No change was seen: what is left is how old the counters are."""
    inner = strain.scene
    alone = _on_one_target(strain)
    if alone is not None:
        return alone
    came = _young_part(scene)
    watched = min(_watched_s(scene), CAUSE_S)
    if came is None and watched < _WATCHED_S and inner.past() is None:
        return _unwatched(scene, strain)
    if came is None:
        said = (
            f"no load, config change or deployment in the {watched / 60:.0f} min before"
            if watched >= 60
            else (
                "no load, config change or deployment since the console watches, and its counters are as old as the others'"
            )
        )
        return Finding(
            NAME, Answer.NO, said, _figures(strain), confidence=0.9 if watched >= _WATCHED_S else 0.6
        )
    of = scene.of(came.row.model)
    evidence = (_young(of, came), *_figures(strain))
    said = f"v{came.row.version} has served for about {came.age_s:.0f} s, by its counters, others for {came.oldest_s:.0f} s"
    slow = (came.row.compute_ms or 0.0) >= (came.row.queue_ms or 0.0) and slow_from_the_start(of, came.row)
    if slow and scene.onset is None and promise_broken.check(scene).answer is Answer.YES:
        return Finding(
            NAME, Answer.YES, f"{said}; what was before is not known", evidence, "rollout", 0.5, came.row.model,
            previous(of, came.row.version), at=scene.snapshot.at - came.age_s,
        )  # fmt: skip
    return Finding(
        NAME, Answer.NO, f"{said}, and nothing is slow about its executions", evidence, confidence=0.5
    )


def _watched_s(scene: Scene) -> float:
    """For how long loads were seen, in seconds: Prometheus remembers those of before the watch, too."""
    snapshot = scene.snapshot
    if snapshot.recalled is not None and scraped(scene):
        return snapshot.at - snapshot.recalled.since
    return snapshot.elapsed_s


def _young_part(scene: Scene) -> Young | None:
    """The model where the time is spent, or the whole, or any part that came after the others."""
    for name in dict.fromkeys((scene.inner.model, scene.model, *scene.parts)):
        came = young(scene.of(name))
        if came is not None:
            return came
    return None


def _on_one_target(strain: Strain) -> Finding | None:
    """Where the trouble is older than the watch: the target that stands out serves a version that no other does."""
    inner = strain.scene
    version = differing(inner, strain.focus) if strain.focus and inner.late else ""
    if not version or not strain.by_service:
        return None
    said = f"v{version} serves on {strain.focus} alone: {harm(strain)}, against the others"
    told = listing(inner, (strain.focus,))
    index = Evidence(
        NAME, Answer.YES, f"v{version} serves there alone", inner.model, basis=told.basis, source=told.source,
        query=told.query,
    )  # fmt: skip
    return Finding(
        NAME, Answer.YES, said, (index, *_figures(strain)), "rollout", 0.7, inner.model, previous(inner, version),
        strain.focus,
    )  # fmt: skip


def _unwatched(scene: Scene, strain: Strain) -> Finding:
    told = listing(scene)
    nothing = Evidence(
        NAME, Answer.UNKNOWN, "change before the watch", scene.model, basis=told.basis, source=told.source,
        query=told.query, hint="ask who deployed; the console knows what it watched",
    )  # fmt: skip
    said = f"the console watches for {scene.snapshot.elapsed_s:.0f} s, and no counters tell what was before"
    return Finding(NAME, Answer.UNKNOWN, said, (nothing, *_figures(strain)), confidence=0.2)


def _young(scene: Scene, came: Young) -> Evidence:
    shift = Shift(came.age_s, came.oldest_s, 0.0, "the oldest version's", "rate")
    made = scene.figure(NAME, Answer.YES, f"age of v{came.row.version} by its counters", shift)
    return made._replace(
        unit="s",
        basis="estimate, by its requests and the rate of now",
        query=series("nv_inference_request_success", model=came.row.model, version=came.row.version),
        at=scene.snapshot.at - came.age_s,
    )
