"""What the pace of failures says: a dead Python instance takes a second for each, code that raises takes none."""

import numpy as np

from console.domain.rows import ReplicaRow
from console.triage.scene import LONGEST_NOW_S, Scene
from console.triage.series import Floats

# Triton waits a second for a dead instance before it fails the request: an instance fails no more than one a second.
_PACE = 1.1
# An instance that has requests waiting fails no fewer.
_SLOWEST = 0.55
# Failures that come evenly scatter this much less than such as come by chance, of which the variance is the mean.
_EVEN = 0.45
_LEAST_FAILURES = 5.0
_LEAST_COUNTS = 3


def all_dead(scene: Scene, replica: ReplicaRow) -> bool:
    """Whether failures come no faster than dead instances let them: what fails more often is alive and says no."""
    config = scene.config
    instances = config.instances if config is not None else 0
    refresh = scene.snapshot.fleet.refresh
    counts = _failures(scene, replica)
    batch = config.max_batch if config is not None else 0
    # The requests of a batch fail together.
    most = _PACE * max(instances, 1) * max(batch, 1) * refresh
    # One more may fall between two polls than fits between them.
    return not len(counts) or float(np.median(counts)) <= most + 1


def some_dead(scene: Scene, replica: ReplicaRow) -> bool:
    """Whether failures come evenly, about one a second for each of fewer instances than there are.

    Requests that the model itself cannot answer fail as they come.
    """
    config = scene.config
    if config is None or config.backend != "python" or config.instances < 2:
        return False
    counts = _failures(scene, replica)
    if counts.sum() < _LEAST_FAILURES or len(counts) < _LEAST_COUNTS:
        return False
    mean = float(counts.mean())
    each = mean / scene.snapshot.fleet.refresh
    dead = round(each)
    paced = 1 <= dead < config.instances and _SLOWEST * dead <= each <= _PACE * dead
    return paced and float(np.var(counts)) <= _EVEN * mean


def _failures(scene: Scene, replica: ReplicaRow) -> Floats:
    """Failed requests between one poll and the next, since it began or over the last minute."""
    since = max(scene.snapshot.at - LONGEST_NOW_S, scene.onset or 0.0)
    failed = scene.version(replica.key, replica.target).raw("failed", replica.key)
    return failed.between(since, scene.snapshot.at).known.values * scene.snapshot.fleet.refresh
