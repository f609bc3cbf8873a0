"""Facts of an incident as tests need them: every part has something to say."""

from dataclasses import replace
from typing import Any

from console.domain.basis import Basis
from console.domain.fleet import Fleet, Objective, Target
from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.report import (
    AlertSpan,
    Answered,
    Budget,
    Counted,
    Done,
    Facts,
    GatewayImpact,
    Impact,
    Peak,
    Remains,
    Served,
    Stretch,
    Tape,
    Versions,
    Watched,
)
from tests.parts import plans
from tests.parts.walks import walk

AT = 1_740_825_667.0
"""2025-03-01 10:41:07Z, when the incident was opened."""
SINCE, UNTIL = AT - 1800, AT + 600


def impact(model: str = "ranker", **changes: Any) -> Impact:
    """A model that was slow for five minutes, and failed some."""
    made = Impact(
        model=model,
        objective=Objective(latency_ms=50.0),
        versions=("6", "7"),
        counted=Counted(240_000.0, {"BACKEND": 1_204.0, "CANCELED": 3.0}, (), 9_000.0, "summary"),
        budget=Budget(0.0123, Peak(21.4, AT - 60, "ranker/7"), "5m", latency=True),
        p99=Peak(183.4, AT - 30, "ranker/7 on triton-0", Basis.SUMMARY.value),
        percentile=Peak(183.4, AT - 30, "ranker/7 on triton-0", Basis.SUMMARY.value),
        mean=Peak(61.0, AT - 30, "ranker/7", Basis.MEAN.value),
        slow_s=300.0,
        failing_s=20.0,
        broken_s=310.0,
        judged_s=2400.0,
        first=AT - 130,
        last=AT + 180,
        within=True,
    )
    return replace(made, **changes)


def facts(**changes: Any) -> Facts:
    """An incident that was recorded, triaged, acted upon and closed."""
    rollback = plans.entry(at=AT + 60)
    made = Facts(
        fleet=Fleet("prod", (Target("triton-0", "http://triton-0:8000", "http://triton-0:8002/metrics"),)),
        window=Stretch(SINCE, UNTIL, "half an hour before the incident was opened, until it was closed"),
        written=UNTIL + 3600,
        console="1.0.0",
        incident=Incident("0301-k3f", AT, "ana@bastion", "p99 of ranker", "fr33ze", UNTIL, "ana@bastion"),
        tape=Tape("/state/incidents/0301-k3f.tcinc", SINCE - 4, UNTIL, ("1.0.0",), looks=900, every_s=1.0),
        impacts=(
            impact(),
            impact("embed", broken_s=0.0, slow_s=0.0, failing_s=0.0, counted=Counted(90_000.0)),
        ),
        gateways=(
            GatewayImpact(
                "ranker",
                "haproxy",
                ("ranker",),
                requests=241_000.0,
                refused=300.0,
                failed=1_504.0,
                retries=12.0,
                timeouts=0.0,
            ),
        ),
        alerts=(
            AlertSpan(
                "budget-burn",
                "ranker/7",
                "ranker/7 burns its error budget 21.0 times too fast",
                "5 m burn 21.0, 1 h 9.4",
                AT - 120,
                AT - 90,
                AT + 200,
                model="ranker",
            ),
        ),
        markers=(
            Marker(AT - 130, MarkerKind.LOAD, "ranker/7", "ranker v7 READY", "ranker", "7", "triton-0"),
            Marker(AT - 125, MarkerKind.LOAD, "ranker/7", "ranker v7 READY", "ranker", "7", "triton-1"),
            Marker(AT - 90, MarkerKind.ALERT, "ranker/7", "page: ranker/7 burns", "ranker", "7"),
            Marker(AT, MarkerKind.INCIDENT, "0301-k3f", "opened by ana@bastion"),
            Marker(AT + 10, MarkerKind.NOTE, "fleet", "ana: looking at the rollout"),
        ),
        answers=(Answered(walk(at=AT + 20, onset=AT - 130), recorded=True, again=2, last=AT + 50),),
        done=(Done(rollback, AT + 75),),
        served=(
            Served("ranker", Versions({"6": 2}, {"e561": 2}), Versions({"6": 2}, {"0376": 2})),
            Served("embed", Versions({"3": 2}, {"aaaa": 2}), Versions({"3": 2}, {"aaaa": 2})),
        ),
        targets=(Watched("triton-0", "http://triton-0:8000", up=True, server="2.51.0", mode="explicit"),),
        remains=Remains(UNTIL),
    )
    return replace(made, **changes)
