"""A model's targets beside each other: which of them stands out, and by how much."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from console.triage.shift import Shift, level

if TYPE_CHECKING:
    from console.triage.scene import Scene

# A target stands out that grew by this factor over the others; of many, so many are compared from either end.
_UNEVEN, _COMPARED = 1.3, 4
# Fewer requests on a target in the last minute are chance.
_LEAST_ON_ONE = 5


def uneven(scene: "Scene") -> str:
    """The target whose mean latency grew well more than the others'; empty where none did, or there is but one."""
    ratios = {name: scene.shift("mean_ms", name).ratio for name in _compared(scene)}
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    if len(known) < 2:
        return ""
    worst = max(known, key=lambda name: known[name])
    others = median(ratio for name, ratio in known.items() if name != worst)
    return worst if known[worst] >= _UNEVEN * max(others, 1.0) else ""


def against_peers(scene: "Scene", column: str, target: str) -> Shift | None:
    """A figure of one target now against the same on the others; None where no other tells."""
    since = scene.snapshot.at - scene.now_s
    peers = [name for name in _compared(scene) if name != target]
    found = [level(scene.figures(name).bins(column), since) for name in peers]
    known = [value for value in found if value is not None]
    if not known:
        return None
    now = level(scene.figures(target).bins(column), since)
    others = f"{len(known)} other target{'s' if len(known) > 1 else ''}"
    return Shift(now, median(known), 0.0, f"median of {others} now", column)


def _compared(scene: "Scene") -> Sequence[str]:
    """The slowest targets by their newest mean, and as many of the fastest, of those with traffic."""
    means: dict[str, float] = {}
    for row in scene.rows:
        for replica in scene.snapshot.history.replicas(row.key):
            if replica.mean_ms is not None:
                means[replica.target] = max(replica.mean_ms, means.get(replica.target, 0.0))
    order = sorted(means, key=lambda name: means[name])
    ends = order if len(order) <= 2 * _COMPARED else [*order[:_COMPARED], *order[-_COMPARED:]]
    return [name for name in ends if scene.requests(name) >= _LEAST_ON_ONE]
