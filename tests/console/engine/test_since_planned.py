"""Servers that came or went between a plan and its run, or before an undo."""

from dataclasses import replace

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Discovery, Fleet, Target
from console.domain.plan import Check, Plan, Proposal, Step
from console.domain.run import Result
from console.domain.snapshot import Snapshot
from console.engine._since_planned import for_those_left
from tests.parts.knobs import Knobs, bench, knob_step
from tests.snapshots import model_row, snapshot, target_row

BACK = Action(ActionKind.ROLLBACK, model="ranker", version="2")


def target(name: str, host: str = "") -> Target:
    host = host or name
    return Target(name, f"http://{host}:8000", f"http://{host}:8002/metrics", pod=name)


def seen(*targets: Target, serving: tuple[str, ...] = (), silent: tuple[str, ...] = ()) -> Snapshot:
    rows = [target_row(each.name)._replace(age_s=None if each.name in silent else 1.0) for each in targets]
    fleet = Fleet("shop", targets, discovery=Discovery(kubernetes="app=triton"))
    return replace(snapshot([model_row("ranker", "7", targets=serving)], fleet=fleet), targets=tuple(rows))


def of_server(name: str, host: str = "") -> Step:
    change = {"target": name, "url": f"http://{host or name}:8000", "model": "ranker"}
    return replace(knob_step("a", 1, 2), subject=f"{name}/ranker", change=change)


class Stand:
    """A door that sees one picture after the other."""

    def __init__(self, first: Snapshot, *steps: Step) -> None:
        self.now = first
        knobs = Knobs(values={step.subject: 1 for step in steps}, proposal=Proposal(steps=steps))
        self._bench = bench(first, knobs)
        self.door = self._bench.door
        self.door._see = lambda: self.now

    async def ran(self, then: Snapshot, action: Action = BACK) -> tuple[Result, str]:
        plan = await self.door.plan(action)
        self.now = then
        run = await self.door.run(plan)
        return run.result, run.message


A, B, C = (target(name) for name in ("pod-a", "pod-b", "pod-c"))


async def test_a_plan_for_the_servers_of_now_runs() -> None:
    first = seen(A, B, serving=("pod-a", "pod-b"))

    result, _ = await Stand(first, of_server("pod-a"), of_server("pod-b")).ran(first)

    assert result is Result.VERIFIED


@pytest.mark.parametrize("more", [{"serving": ("pod-a", "pod-c")}, {"silent": ("pod-c",)}])
async def test_a_plan_made_before_a_server_of_the_model_came_is_refused(
    more: dict[str, tuple[str, ...]],
) -> None:
    stand = Stand(seen(A, serving=("pod-a",)), of_server("pod-a"))

    result, said = await stand.ran(seen(A, C, **{"serving": ("pod-a",), **more}))

    assert (result, said) == (Result.REFUSED, "pod-c came since this plan was made: make it anew")


async def test_a_server_that_came_and_does_not_serve_the_model_is_no_matter() -> None:
    stand = Stand(seen(A, serving=("pod-a",)), of_server("pod-a"))

    result, _ = await stand.ran(seen(A, C, serving=("pod-a",)))

    assert result is Result.VERIFIED


@pytest.mark.parametrize("now", [(A,), (A, target("pod-b", "elsewhere"))])
async def test_a_plan_for_a_server_that_went_away_or_was_replaced_is_refused(now: tuple[Target, ...]) -> None:
    stand = Stand(seen(A, B, serving=("pod-a", "pod-b")), of_server("pod-a"), of_server("pod-b"))

    result, said = await stand.ran(seen(*now, serving=("pod-a",)))

    assert result is Result.REFUSED
    assert said == "pod-b went away or was replaced since this plan was made: make it anew"


async def test_a_plan_that_changes_no_server_is_no_matter_of_who_came() -> None:
    stand = Stand(seen(A), knob_step("a", 1, 2))

    result, _ = await stand.ran(seen(A, C, serving=("pod-c",)))

    assert result is Result.VERIFIED


async def test_a_plan_for_named_targets_is_not_for_those_that_came() -> None:
    stand = Stand(seen(A, serving=("pod-a",)), of_server("pod-a"))

    result, _ = await stand.ran(seen(A, C, serving=("pod-a", "pod-c")), replace(BACK, targets=("pod-a",)))

    assert result is Result.VERIFIED


def test_an_undo_leaves_out_servers_that_are_gone_and_says_so() -> None:
    steps = (of_server("pod-a"), of_server("pod-b"), of_server("pod-c", "old-address"))
    checks = (Check("pod-a", "ranker"), Check("pod-b", "ranker"))
    plan = Plan(BACK, "undo", steps=steps, checks=checks)

    made = for_those_left(plan, (A, C))

    assert [step.subject for step in made.steps] == ["pod-a/ranker"]
    assert [check.target for check in made.checks] == ["pod-a"]
    assert made.warnings == (
        "pod-b, pod-c went away since, and what was changed there with it: nothing is done there",
    )


def test_an_undo_of_a_file_waits_for_the_servers_that_are_left() -> None:
    file = replace(
        knob_step("config.pbtxt", {"sha256": "2"}, {"sha256": "1"}),
        change={"model": "ranker", "ready": {"pod-a": ["6"], "pod-b": ["6"]}},
        before={"sha256": "2", "ready": {"pod-a": ["7"], "pod-b": ["7"]}},
        after={"sha256": "1", "ready": {"pod-a": ["6"], "pod-b": ["6"]}},
    )

    (step,) = for_those_left(Plan(BACK, "undo", steps=(file,)), (A,)).steps

    assert step.change["ready"] == {"pod-a": ["6"]}
    assert (step.before, step.after) == (
        {"sha256": "2", "ready": {"pod-a": ["7"]}},
        {"sha256": "1", "ready": {"pod-a": ["6"]}},
    )


def test_a_plan_whose_servers_are_all_there_is_as_it_was() -> None:
    plan = Plan(BACK, "undo", steps=(of_server("pod-a"), knob_step("a", 1, 2)))

    assert for_those_left(plan, (A, B)) is plan
