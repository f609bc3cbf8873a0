"""Walks and runbooks made by hand: the p99 of ranker after a load, with evidence of every kind."""

from typing import Any

from console.domain.action import Action, ActionKind
from console.domain.triage import (
    Advice,
    Answer,
    CheckUse,
    Evidence,
    Finding,
    Mitigation,
    Overrule,
    Point,
    Runbook,
    RunbookStep,
    Settled,
    Walk,
    WalkedStep,
    Way,
)
from tests.fake_history import NOW

PAGE = RunbookStep(
    "page",
    "Does the model break its promise?",
    (CheckUse("promise_broken"),),
    Way("change"),
    Way(verdict="none"),
    Way("change"),
)
CHANGE = RunbookStep(
    "change",
    "Was there a recent rollout or traffic shift?",
    (CheckUse("recent_rollout"), CheckUse("traffic_shift")),
    Way(verdict="*"),
    Way("queue"),
    Way("queue"),
    act=("freeze",),
)
QUEUE = RunbookStep(
    "queue",
    "Is the queue time up?",
    (CheckUse("queue_up"),),
    Way(verdict="queue"),
    Way(verdict="unknown"),
    Way(verdict="unknown"),
)
RECOVERY = RunbookStep("recovery", "Is p99 back in its band?", (CheckUse("in_band"),), Way(), Way(), Way())
ROLLBACK = Mitigation("rollback", "Roll back", "it began with the load", ("rollout",), ActionKind.ROLLBACK)
MOVE = Mitigation("move", "Move tenants", "they share the GPU", ("rollout", "gpu"))
BOOK = Runbook(
    "p99-latency",
    "p99 is over its promise",
    "",
    ("latency-objective",),
    40,
    (PAGE, CHANGE, QUEUE),
    (
        Point("queue", "Queue time and pending requests", (CheckUse("queue_up"),)),
        Point("gpu", "GPU memory and SM"),
    ),
    (ROLLBACK, MOVE),
    RECOVERY,
)

P99 = Evidence(
    "promise_broken",
    Answer.YES,
    "p99",
    "ranker/7",
    183.4,
    38.2,
    "ms",
    "summary",
    "metrics of triton-0",
    0.8,
    'nv_inference_request_summary_us{model="ranker",quantile="0.99"}',
)
LOAD = Evidence(
    "recent_rollout",
    Answer.YES,
    "load of version 7",
    "ranker/7",
    at=NOW - 180,
    basis="index",
    source="triton-0",
)
SM = Evidence(
    "gpu_saturated", Answer.UNKNOWN, "SM activity", "GPU 0", hint="set gpu.dcgm in the fleet's settings"
)


def finding(check: str = "promise_broken", answer: Answer = Answer.YES, **changes: Any) -> Finding:
    """What a check found."""
    given: dict[str, Any] = {"reason": f"{check} says {answer.value}", **changes}
    return Finding(check, answer, **given)


def walked(
    step: RunbookStep = PAGE, answer: Answer = Answer.YES, *findings: Finding, **changes: Any
) -> WalkedStep:
    """A step with its answer."""
    given: dict[str, Any] = {"reason": "p99 183.4 ms is over the promised 50 ms", "found": answer, **changes}
    return WalkedStep(step, answer, findings=findings, **given)


def overruled(answer: Answer = Answer.NO, note: str = "known and accepted", who: str = "ana") -> Overrule:
    """An engineer's word."""
    return Overrule(answer, note, who, NOW)


def walk(verdict: str = "rollout", **changes: Any) -> Walk:
    """The walk that ends in a rollout."""
    given: dict[str, Any] = {
        "runbook": BOOK,
        "model": "ranker",
        "at": NOW,
        "confidence": 0.9,
        "path": (
            walked(PAGE, Answer.YES, finding(evidence=(P99,))),
            walked(
                CHANGE,
                Answer.YES,
                finding("recent_rollout", evidence=(LOAD, SM)),
                reason="version 7 was loaded",
            ),
        ),
        "points": (
            Settled(BOOK.points[0], Answer.NO, "queue 1.2 ms, as before"),
            Settled(BOOK.points[1], Answer.UNKNOWN, "SM activity is not collected"),
        ),
        "advice": (
            Advice(
                ROLLBACK,
                Action(ActionKind.ROLLBACK, model="ranker", version="6"),
                "Roll back ranker to version 6",
                "it began with the load",
            ),
            Advice(
                MOVE, None, "Move tenants to another GPU", "they share it", "kubectl edit deployment/triton"
            ),
        ),
        "onset": NOW - 140,
        "story": "p99 of ranker left its band at 08:51:00Z; the load of version 7 came 40 s before",
        "recovery": walked(RECOVERY, Answer.NO, finding("in_band", Answer.NO), reason="p99 is 183.4 ms"),
    }
    return Walk(verdict=verdict, **{**given, **changes})
