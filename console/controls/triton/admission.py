"""Letting fewer requests wait inside Triton, where no gateway can send fewer there."""

from fnmatch import fnmatchcase
from math import floor
from typing import NamedTuple

from console.controls.triton.draft import Draft, Wish, able, told_of_loads
from console.controls.triton.loads import changed
from console.domain.config import read_config
from console.domain.fleet import Fleet
from console.domain.model_change import Admission, admitting, knobs
from console.domain.plan import Check, Proposal
from console.domain.rows import ModelRow
from console.domain.serving import Config
from console.domain.surfaces import CommandGateway

# Waiting batches for each instance where nothing better is known.
_BATCHES = 2


class Bound(NamedTuple):
    """A bounded queue and why it is as it is."""

    admission: Admission
    why: str


def gateway_serves(fleet: Fleet, model: str) -> bool:
    """Whether a gateway of the settings has a route for the model."""
    if fleet.gateway is None:
        return False
    if isinstance(fleet.gateway, CommandGateway):
        return True
    return any(fnmatchcase(model, route.model) for route in fleet.gateway.routes)


def admit(wish: Wish) -> Proposal:
    """A bounded queue on each target; the rest is answered 503."""
    draft = Draft()
    for seen in able(wish, draft):
        serving, name = seen.models[wish.model], seen.target.name
        if serving.config is None:
            draft.refusals.append(
                f"{name}: no version of {wish.shown} is ready, so its config cannot be read"
            )
            continue
        base = wish.place(seen, pin=True).back(serving)
        bound = _bound(wish, base)
        try:
            made, field = admitting(base, bound.admission)
        except ValueError as error:
            draft.refusals.append(f"{name}: {wish.shown}: {error}; only a gateway can reduce its traffic")
            continue
        if knobs(made) == knobs(base):
            draft.warnings.append(f"{name}: the queue of {wish.shown} is bounded so already")
            continue
        values = {key: knobs(made)[key] for key in ("queue_size", "queue_timeout_us", "queue_action")}
        step = changed(wish, seen, serving, made, (field, values))
        if isinstance(step, str):
            draft.refusals.append(f"{name}: {step}")
            continue
        draft.steps.append(step)
        draft.checks += [Check(name, wish.model, version) for version in serving.ready]
        draft.warnings.append(f"{name}: at most {bound.admission.size} requests wait: {bound.why}")
        told_of_loads(wish, seen, draft)
    if draft.steps:
        draft.warnings.append("what is refused is answered 503 at once; clients that retry come back")
        draft.unknown += [
            "which share is let in: Triton bounds what waits, not what comes, so a percentage cannot be asked of it",
            "how many are refused: a full queue's 503s are in no counter of Triton",
        ]
    return draft.proposal()


def _bound(wish: Wish, config: Config) -> Bound:
    """As many as can be answered within the objective; never more than may wait now."""
    objective = wish.fleet.objective(wish.model)
    facts = read_config(config)
    rows = [row for row in wish.situation.snapshot.models if row.model == wish.model and row.compute_ms]
    size, why = _by_figures(rows, objective.latency_ms) if rows else (0, "")
    if size < 1:
        size = _BATCHES * max(facts.max_batch, 1) * max(facts.instances, 1)
        why = f"{_BATCHES} batches for each instance, since its speed is not known"
    if 0 < facts.queue_limit < size:
        size, why = facts.queue_limit, "as now"
    return Bound(
        Admission(size, round(objective.latency_ms * 1000)),
        f"{why}; none longer than {objective.latency_ms:g} ms",
    )


def _by_figures(rows: list[ModelRow], latency_ms: float) -> tuple[int, str]:
    row = max(rows, key=lambda each: each.rate or 0.0)
    compute, targets = row.compute_ms or 0.0, max(row.ready, 1)
    rate = (row.rate or 0.0) / targets
    left = latency_ms - compute
    size = floor(rate * left / 1000) if left > 0 else 1
    return (
        size,
        f"it answers {rate:.0f} a second here and computes {compute:.0f} ms of the {latency_ms:g} ms promised",
    )
