"""Plans, runs and entries of the journal as tests need them."""

from dataclasses import replace
from typing import Any

from console.domain.action import Action, ActionKind
from console.domain.journal import Entry, Runner
from console.domain.plan import Blast, Part, PartName, Plan, Standing, Step
from console.domain.run import Effect, Figures, Measured, Outcome, Result, Run, StepRun, Verdict

AT = 1_740_825_667.0
HOSTILE = "\x1b[31mevil\u202e\x07名" * 3
CONFIG = '{"name":"multi","input":[' + ",".join(f'"INPUT{i}"' for i in range(400)) + "]}"


def step(number: int = 1, **changed: Any) -> Step:
    """A step that sets version 2 instead of 3 on one target, with the inverse."""
    there = Step(
        control="triton",
        subject=f"multi on triton-{number}",
        title=f"serve version 2 of multi on triton-{number}",
        call=f"curl -sS http://triton-{number}:8000/v2/repository/models/multi/load -d '{CONFIG}'",
        before={"versions": ["3"]},
        after={"versions": ["2"]},
        effect="2 is loaded beside 3, then 3 is unloaded; no request fails",
    )
    back = replace(
        there, title=f"serve version 3 of multi on triton-{number}", before=there.after, after=there.before
    )
    return replace(replace(there, inverse=replace(back, call="curl back")), **changed)


def plan(*steps: Step, **changed: Any) -> Plan:
    """A rollback of ``multi`` by two steps, with everything that a plan can say."""
    parts = zip(
        PartName,
        [
            Standing.SAME,
            Standing.RESTORE,
            Standing.RESTORE,
            Standing.UNKNOWN,
            Standing.MUTABLE,
            Standing.UNKNOWN,
        ],
        strict=True,
    )
    whole = Plan(
        Action(ActionKind.ROLLBACK, model="multi", version="2", reason="p99 left its band", who="ana"),
        "roll back multi to version 2 on 2 targets",
        "20250301-104107-ab12",
        steps or (step(1), step(2)),
        Blast(("multi",), ("triton-1", "triton-2"), ("ens",), 0.432),
        ("requests of a sequence that is under way fail",),
        ("whether the image is the one of the release",),
        tuple(Part(name, standing, f"why it is {standing}") for name, standing in parts),
    )
    return replace(whole, **changed)


def run(of: Plan | None = None, *outcomes: Outcome, **changed: Any) -> Run:
    """A run of the plan whose steps ended so; without outcomes all are done and verified."""
    of = of or plan()
    ends = outcomes or tuple(Outcome.DONE for _ in of.steps)
    steps = tuple(
        StepRun(end, 1.43, "", each.before, each.after if end is Outcome.DONE else None)
        for each, end in zip(of.steps, ends, strict=True)
    )
    made = Run(
        of.id,
        of,
        steps,
        Result.VERIFIED,
        verdicts=(Verdict("version ready", "triton-1 multi/2", passed=True),),
        measured=Measured(0.5, 0.493, 1240, 5.0),
        effects=(
            Effect(
                "multi",
                60.0,
                Figures(183.2, "summary", 140.0, 0.0002, 400.0),
                Figures(41.0, "summary", 1.2, None, 410.0),
            ),
        ),
    )
    return replace(made, **changed)


def entry(of: Run | None = None, **changed: Any) -> Entry:
    """What the journal says of a run."""
    of = of or run()
    made = Entry(
        of.id,
        AT,
        "ana",
        of.plan.action.reason,
        Runner("host-7", 4242, AT - 100),
        of.plan,
        of.steps,
        {"triton-1": "http://triton-1:8000", "triton-2": "http://triton-2:8000"},
        of.result,
        of.message,
        of.verdicts,
        of.measured,
        of.effects,
    )
    return replace(made, **changed)
