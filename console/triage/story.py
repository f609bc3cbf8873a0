"""The sentence that says when it began and what changed just before."""

from console.domain.text import visible
from console.triage.scene import Scene
from console.triage.words import NAMES, clock, moved_words


def story(scene: Scene) -> str:
    """When a symptom left its band and the change nearest to that; empty where none did."""
    moved = scene.moved
    if moved is None:
        return ""
    said = f"{NAMES[moved.column]} of {visible(scene.model, 60)} left its band at {clock(moved.at)}"
    said += f" ({moved_words(moved)})"
    near = scene.changes()
    if not near:
        return f"{said}; nothing is known to have changed before"
    nearest = min(near, key=lambda marker: abs(marker.at - moved.at))
    where = f" on {visible(nearest.target, 60)}" if nearest.target else ""
    return f"{said}; {visible(nearest.detail, 100)}{where} came {_apart(moved.at - nearest.at)}"


def _apart(seconds: float) -> str:
    if abs(seconds) < 1:
        return "in the same moment"
    return f"{seconds:.0f} s before" if seconds > 0 else f"{-seconds:.0f} s after"
