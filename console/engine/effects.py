"""What a plan did to a model's figures."""

from console.domain.action import ActionKind
from console.domain.plan import Plan
from console.domain.rows import ModelRow
from console.domain.run import Effect, Figures
from console.domain.snapshot import Snapshot


def models_of(plan: Plan) -> tuple[str, ...]:
    """The models whose figures a plan is meant to change; none for a freeze."""
    if plan.action.kind in {ActionKind.FREEZE, ActionKind.UNFREEZE}:
        return ()
    return plan.blast.models


def figures(snapshot: Snapshot | None, models: tuple[str, ...]) -> dict[str, Figures]:
    """Each model's figures now, those of its busiest version."""
    rows = snapshot.models if snapshot is not None else ()
    return {model: _busiest([row for row in rows if row.model == model]) for model in models}


def effects(before: dict[str, Figures], after: dict[str, Figures], seconds: float) -> tuple[Effect, ...]:
    """Before and after, model by model."""
    return tuple(Effect(model, seconds, was, after.get(model, Figures())) for model, was in before.items())


def _busiest(rows: list[ModelRow]) -> Figures:
    rows = [row for row in rows if not row.stale]
    if not rows:
        return Figures()
    row = max(rows, key=lambda each: each.rate or 0.0)
    percentiles = row.percentiles
    return Figures(
        p99_ms=percentiles.p99 if percentiles else None,
        basis=percentiles.basis.value if percentiles else "",
        queue_ms=row.queue_ms,
        error_ratio=row.error_ratio,
        rate=row.rate,
    )
