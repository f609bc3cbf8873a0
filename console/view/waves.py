"""Changes in a word each, and the same change on one target after the other as one."""

from collections.abc import Callable, Hashable, Iterable

from console.domain.marker import Marker, MarkerKind

# A rollout goes from target to target: steps this close belong to one.
WAVE_S = 30.0

WORDS: dict[MarkerKind, str] = {
    MarkerKind.LOAD: "load",
    MarkerKind.UNLOAD: "unload",
    MarkerKind.FAILURE: "load failed",
    MarkerKind.CONFIG: "config",
    MarkerKind.RESET: "reset",
    MarkerKind.RESTART: "restart",
    MarkerKind.DOWN: "down",
    MarkerKind.UP: "up",
    MarkerKind.PROBE: "probe",
    MarkerKind.FREEZE: "freeze",
    MarkerKind.UNFREEZE: "unfreeze",
    MarkerKind.DRIFT: "drift",
    MarkerKind.ACTION: "action",
    MarkerKind.EFFECT: "effect",
    MarkerKind.ROLLOUT: "rollout",
    MarkerKind.WEIGHT: "weight",
    MarkerKind.TRIAGE: "triage",
    MarkerKind.ALERT: "alert",
    MarkerKind.NOTE: "note",
    MarkerKind.INCIDENT: "incident",
}


def waves(
    markers: Iterable[Marker], same: Callable[[Marker], Hashable], gap: float, *, again: bool = True
) -> list[list[Marker]]:
    """Markers that are the ``same``, each at most ``gap`` seconds after the one before; by the time of the first.

    ``markers`` come oldest first. Without ``again`` a target that changes a second time begins another wave.
    """
    found: list[list[Marker]] = []
    running: dict[Hashable, tuple[list[Marker], set[str]]] = {}
    for marker in markers:
        what = same(marker)
        wave, targets = running.get(what, ([], set()))
        if wave and marker.at - wave[-1].at <= gap and (again or marker.target not in targets):
            wave.append(marker)
            targets.add(marker.target)
            continue
        running[what] = [marker], {marker.target}
        found.append(running[what][0])
    return found
