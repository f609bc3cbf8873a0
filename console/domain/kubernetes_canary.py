"""An Argo Rollout as a traffic route: the weight of its canary follows from its steps, or from an abort."""

from collections.abc import Mapping
from typing import Any

from console.domain.kubernetes import Member, Path, member
from console.domain.states import Json

STEPS: Path = ("spec", "strategy", "canary", "steps")
ABORT: Path = ("status", "abort")
_STATUS = ("status",)


def canary_state(obj: Any) -> dict[str, Json]:
    """The steps, and whether the update was aborted."""
    steps = member(obj, STEPS)
    return {"steps": steps if isinstance(steps, list) else None, "aborted": member(obj, ABORT) is True}


def running(obj: Any) -> bool:
    """Whether a canary takes traffic beside the stable pods."""
    stable, newest = member(obj, (*_STATUS, "stableRS")), member(obj, (*_STATUS, "currentPodHash"))
    return bool(stable) and bool(newest) and stable != newest and member(obj, ABORT) is not True


def canary_percent(obj: Any) -> float | None:
    """The percent that the canary is meant to get now; None where that cannot be said."""
    if member(obj, ABORT) is True:
        return 0.0
    told = member(obj, (*_STATUS, "canary", "weights", "canary", "weight"))
    if isinstance(told, int):
        return _percent(told)
    steps, index = member(obj, STEPS), member(obj, (*_STATUS, "currentStepIndex"))
    if not isinstance(steps, list) or not isinstance(index, int) or index >= len(steps):
        return None
    for step in reversed(steps[: index + 1]):
        weight = step.get("setWeight") if isinstance(step, Mapping) else None
        if isinstance(weight, int):
            return _percent(weight)
    return 0.0


def _percent(weight: int) -> float | None:
    return float(weight) if 0 <= weight <= 100 else None


def canary_service(obj: Any) -> str:
    """The service of the canary's pods; empty where there is none."""
    return str(member(obj, ("spec", "strategy", "canary", "canaryService")) or "")


def routed(obj: Any) -> bool:
    """Whether a traffic router gives the canary its weight; else the number of pods does, and only roughly."""
    return member(obj, ("spec", "strategy", "canary", "trafficRouting")) is not None


def holding(percent: float) -> Member:
    """Steps that give the canary a weight and wait there until somebody goes on."""
    steps: list[Json] = [{"setWeight": round(percent)}, {"pause": {}}]
    return Member(STEPS, steps)


def aborted() -> Member:
    """The abort that Argo Rollouts itself offers: everything goes to the stable pods at once."""
    return Member(ABORT, value=True)
