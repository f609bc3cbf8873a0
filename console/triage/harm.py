"""What a change did to a model: what got worse since, other than by more work."""

from console.triage.strain import MORE, SLOWER, Strain
from console.triage.words import times


def harm(strain: Strain) -> str:
    """What got worse, in words; empty when nothing did, or with too few requests to say."""
    if strain.scene.quiet:
        return ""
    if strain.by_service and not _by_waiting(strain):
        return _service(strain)
    errors = strain.shift("error_ratio")
    if errors.up(3.0, 0.01):
        return f"errors rose to {errors.now:.1%}{strain.where}"
    queue = strain.shift("queue_ms")
    if queue.up(1.5, 1.0) and strain.more < MORE:
        return f"requests wait {queue.now:.1f} ms instead of {queue.base:.1f} ms{strain.where}, at the same traffic"
    moved = strain.scene.moved
    if moved is not None and strain.more < MORE and strain.slower is None:
        return "it is slower since, at the same traffic"
    return ""


def since(strain: Strain, at: float) -> str:
    """Whether the work takes longer than in the minute before a change, where there was more of it already; in words."""
    if strain.scene.quiet or strain.more < MORE:
        return ""
    before = Strain(strain.scene.since(at))
    return _service(before) if before.by_service else ""


def innocent(strain: Strain) -> str:
    """Why a change did no harm, in words."""
    if strain.scene.quiet:
        return "too few requests came to say whether it harms"
    if strain.more >= MORE:
        return f"what grew is the work: {times(strain.more)} the inferences, each execution as before"
    return "executions take as long as before, and nothing fails more"


def _by_waiting(strain: Strain) -> bool:
    """Whether waiting grew more than executions did, which only carry what has gathered."""
    waits, execution = strain.shift("queue_ms"), strain.shift("exec_ms")
    item = strain.shift("item_ms").ratio
    return (
        bool(waits.up(1.5, 1.0))
        and (waits.difference or 0.0) > (execution.difference or 0.0)
        and item is not None
        and item < SLOWER
    )


def _service(strain: Strain) -> str:
    execution, item = strain.shift("exec_ms"), strain.shift("item_ms")
    whole = execution.ratio is not None and strain.slower == execution.ratio
    what, shift = ("an execution", execution) if whole else ("an inference", item)
    return (
        f"{what} takes {times(strain.slower)} as long ({shift.base:.1f} → {shift.now:.1f} ms){strain.where}"
    )
