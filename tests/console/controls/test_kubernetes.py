"""Freezing workloads through real kubectl on the stand-in cluster, by the door."""

import asyncio

import pytest

from console.domain.action import Action, ActionKind
from console.domain.run import Outcome, Result
from console.domain.surfaces import Freeze
from tests.parts.kubernetes_bench import cluster, door, fleet, typed

FREEZE = Action(ActionKind.FREEZE)
BOTH = Freeze(kubernetes=("deployment/web", "shop/rollout/web"))


async def test_a_freeze_pauses_and_its_undo_leaves_no_trace() -> None:
    api = cluster()
    before = {plural: api.get(plural, "web")["spec"] for plural in ("deployments", "rollouts")}
    console = door(fleet(BOTH))

    plan = await console.plan(FREEZE)
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert [step.subject for step in plan.steps] == ["shop/deployment/web", "shop/rollout/web"]
    assert all(api.get(plural, "web")["spec"]["paused"] is True for plural in before)

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert {plural: api.get(plural, "web")["spec"] for plural in before} == before


async def test_what_was_written_as_not_paused_is_written_so_again() -> None:
    api = cluster()
    api.edit("rollouts", "web", lambda each: each["spec"].update(paused=False))
    console = door(fleet(Freeze(kubernetes=("rollout/web",))))

    plan = await console.plan(FREEZE)
    await console.run(plan)
    await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert api.get("rollouts", "web")["spec"]["paused"] is False


async def test_what_somebody_else_paused_is_left_paused_and_said() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))

    plan = await door(fleet(BOTH)).plan(FREEZE)

    assert [step.subject for step in plan.steps] == ["shop/rollout/web"]
    assert any("shop/deployment/web is paused already" in warning for warning in plan.warnings)


async def test_a_pause_in_the_middle_of_a_rollout_is_warned_of() -> None:
    api = cluster()
    api.controllers.healthy = False
    api.edit("deployments", "web", _image("nginx:1.28"))

    plan = await door(fleet(Freeze(kubernetes=("deployment/web",)))).plan(FREEZE)

    assert any("1 of 2 pods updated" in warning and "half-way" in warning for warning in plan.warnings)


async def test_the_call_shown_does_what_the_step_does() -> None:
    api = cluster()
    plan = await door(fleet(Freeze(kubernetes=("deployment/web",)))).plan(FREEZE)

    await asyncio.to_thread(typed, plan.steps[0].call)

    assert api.get("deployments", "web")["spec"]["paused"] is True


async def test_patches_carry_the_consoles_own_field_manager() -> None:
    api = cluster()
    console = door(fleet(Freeze(kubernetes=("deployment/web",))))
    await console.run(await console.plan(FREEZE))

    assert [each.query["fieldManager"] for each in api.patches()] == [["triton-console"]]


async def test_who_may_not_patch_is_told_before_anything_runs() -> None:
    api = cluster()

    plan = await door(fleet(BOTH, context="viewer")).plan(FREEZE)

    assert "ask for patch on deployments.apps in shop" in plan.refusal
    assert "ask for patch on rollouts.argoproj.io in shop" in plan.refusal
    assert api.patches() == []


async def test_one_thing_that_cannot_be_paused_does_not_keep_the_others_running() -> None:
    cluster()

    plan = await door(fleet(Freeze(kubernetes=("deployment/nope", "rollout/web")))).plan(FREEZE)

    assert [step.subject for step in plan.steps] == ["shop/rollout/web"]
    assert any('deployments.apps "nope" not found' in warning for warning in plan.warnings)


async def test_a_right_that_cannot_be_asked_about_is_unknown_and_not_a_no() -> None:
    api = cluster()
    api.unasked = True

    plan = await door(fleet(Freeze(kubernetes=("deployment/web",)))).plan(FREEZE)

    assert len(plan.steps) == 1
    assert any("could not be asked" in each for each in plan.unknown)


async def test_a_change_between_plan_and_step_stops_the_step() -> None:
    api = cluster()
    console = door(fleet(Freeze(kubernetes=("deployment/web",))))
    plan = await console.plan(FREEZE)
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert api.patches() == []


async def test_a_change_between_read_and_patch_is_refused_by_the_cluster_and_told() -> None:
    api = cluster()
    console = door(fleet(Freeze(kubernetes=("rollout/web",))))
    plan = await console.plan(FREEZE)
    api.meanwhile(lambda: api.edit("rollouts", "web", lambda each: each["spec"].update(paused=True)))

    run = await console.run(plan)

    # Somebody else paused it in between: what was wanted is so, and nothing of theirs was overwritten.
    assert api.get("rollouts", "web")["spec"]["paused"] is True
    assert len(api.patches()) == 1
    assert run.steps[0].outcome is Outcome.DONE
    assert "no longer as planned" in run.steps[0].message


async def test_an_unrelated_change_in_between_does_not_stop_a_freeze() -> None:
    api = cluster()
    console = door(fleet(Freeze(kubernetes=("deployment/web",))))
    plan = await console.plan(FREEZE)
    api.meanwhile(lambda: api.edit("deployments", "web", lambda each: each["spec"].update(replicas=5)))

    run = await console.run(plan)

    assert run.result is Result.VERIFIED
    spec = api.get("deployments", "web")["spec"]
    assert (spec["replicas"], spec["paused"]) == (5, True)
    assert len(api.patches()) == 2


async def test_what_changes_faster_than_it_can_be_patched_is_given_up_and_said() -> None:
    api = cluster()
    console = door(fleet(Freeze(kubernetes=("deployment/web",))))
    plan = await console.plan(FREEZE)

    def scale() -> None:
        api.edit(
            "deployments", "web", lambda each: each["spec"].update(replicas=each["spec"]["replicas"] + 1)
        )
        api.meanwhile(scale)

    api.meanwhile(scale)
    run = await console.run(plan)

    assert run.result is Result.FAILED
    assert "changes faster than it can be patched" in run.message
    assert "paused" not in api.get("deployments", "web")["spec"]


@pytest.mark.parametrize("context", ["bad", "anon", "nowhere"])
async def test_a_login_that_fails_is_said_with_what_to_do(context: str) -> None:
    cluster()

    plan = await door(fleet(Freeze(kubernetes=("deployment/web",)), context=context)).plan(FREEZE)

    said = {"bad": "log in again", "anon": "give the context a user", "nowhere": "no such context: nowhere"}
    assert said[context] in plan.refusal


async def test_no_token_is_in_any_plan() -> None:
    cluster()
    plan = await door(fleet(BOTH)).plan(FREEZE)

    assert "s3cr3t" not in repr(plan)


def _image(name: str):
    def change(each) -> None:
        each["spec"]["template"]["spec"]["containers"][0]["image"] = name

    return change
