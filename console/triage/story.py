"""The sentence that says when it began and what changed just before."""

from console.domain.text import visible
from console.triage.scene import LATE_S, Scene
from console.triage.words import NAMES, clock, moved_words


def story(scene: Scene) -> str:
    """When a symptom left its band and the change nearest to that; empty where none did."""
    moved = scene.moved
    if moved is None:
        return ""
    said = f"{NAMES[moved.column]} of {visible(scene.model, 60)} left its band at {clock(moved.at)}"
    said += f" ({moved_words(moved)})"
    before = [marker for marker in scene.changes() if marker.at <= moved.at + LATE_S]
    if not before:
        return f"{said}; nothing is known to have changed before"
    nearest = min(before, key=lambda marker: abs(marker.at - moved.at))
    apart = moved.at - nearest.at
    when = f"{apart:.0f} s before" if apart >= 1 else "in the same moment"
    where = f" on {visible(nearest.target, 60)}" if nearest.target else ""
    return f"{said}; {visible(nearest.detail, 100)}{where} came {when}"
