"""Taking the runtime image back through real kubectl on the stand-in cluster, by the door."""

import asyncio
import shutil

from console.domain.action import Action, ActionKind
from console.domain.plan import Phase, Standing
from console.domain.run import Outcome, Result
from console.domain.surfaces import Freeze
from tests.parts.kubernetes_bench import arguments, cluster, typed
from tests.parts.kubernetes_deploys import (
    BAD,
    GOOD,
    SECRET,
    SUBJECT,
    console_with,
    deploy,
    good_release,
    part,
    planned,
)
from tests.parts.missing import missing


async def test_the_image_goes_back_and_the_undo_brings_the_new_one_again() -> None:
    api = cluster()
    release = await good_release()
    before = api.get("deployments", "web")["spec"]
    deploy(api)
    bad = api.get("deployments", "web")["spec"]
    console = await console_with(release)

    plan = await planned(console, release)
    run = await console.run(plan)

    assert part(plan).standing is Standing.RESTORE
    assert run.result is Result.VERIFIED, run
    assert api.get("deployments", "web")["spec"] == before

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert api.get("deployments", "web")["spec"] == bad


async def test_a_rollback_leaves_annotations_that_kubectl_undo_would_replace() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    api.edit("deployments", "web", lambda each: each["metadata"]["annotations"].update(team="search"))
    console = await console_with(release)

    await console.run(await planned(console, release))

    assert api.get("deployments", "web")["metadata"]["annotations"]["team"] == "search"


async def test_nothing_secret_of_the_template_is_in_plan_run_or_command_line() -> None:
    api = cluster()
    deploy(api, GOOD)
    release = await good_release()
    deploy(api, BAD)
    console = await console_with(release)

    plan = await planned(console, release)
    run = await console.run(plan)

    assert run.result is Result.VERIFIED
    assert SECRET in repr(api.patches()[-1].body)
    assert SECRET not in repr((plan, run, console._parts.journal.records))
    assert SECRET not in arguments()


async def test_the_calls_shown_do_what_the_steps_do() -> None:
    if shutil.which("jq") is None:
        missing("jq is not installed")
    api = cluster()
    release = await good_release()
    before = api.get("deployments", "web")["spec"]
    deploy(api)
    plan = await planned(await console_with(release), release)

    for step in plan.steps:
        await asyncio.to_thread(typed, step.call)

    assert api.get("deployments", "web")["spec"] == before


async def test_a_paused_deployment_is_resumed_taken_back_and_paused_again_in_one_plan() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))
    frozen = api.get("deployments", "web")["spec"]
    console = await console_with(release)

    plan = await planned(console, release)
    run = await console.run(plan)

    assert [step.phase for step in plan.steps] == [Phase.LIFT, Phase.CHANGE, Phase.CHANGE, Phase.HOLD]
    assert run.result is Result.VERIFIED, run
    spec = api.get("deployments", "web")["spec"]
    assert (spec["template"]["spec"]["containers"][0]["image"], spec["paused"]) == (GOOD, True)
    assert any("resumed and paused again" in warning for warning in plan.warnings)

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert api.get("deployments", "web")["spec"] == frozen


async def test_it_is_not_paused_again_while_its_pods_are_on_their_way() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(progressDeadlineSeconds=1))
    release = await good_release()
    deploy(api)
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))
    console = await console_with(release)
    plan = await planned(console, release)
    api.controllers.healthy = False

    run = await console.run(plan)

    assert run.result is Result.FAILED
    assert [each.outcome for each in run.steps[:3]] == [Outcome.DONE, Outcome.DONE, Outcome.STILL_RUNNING]
    assert "1 of 2 pods updated" in run.message
    assert "paused" not in api.get("deployments", "web")["spec"]


async def test_nor_is_it_paused_by_an_undo_while_its_pods_are_on_their_way() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    api.edit("deployments", "web", lambda each: each["spec"].update(progressDeadlineSeconds=1, paused=True))
    console = await console_with(release)
    plan = await planned(console, release)
    await console.run(plan)
    api.controllers.healthy = False

    run = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert run.result is Result.FAILED
    assert "it is not paused, as that would stop it half-way" in run.message
    assert "paused" not in api.get("deployments", "web")["spec"]


async def test_a_replicaset_that_keeps_another_template_now_is_not_used() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    console = await console_with(release)
    plan = await planned(console, release)
    name = release.images[SUBJECT]["replicaset"]
    api.edit("replicasets", name, lambda each: each["spec"]["template"]["spec"].update(hostNetwork=True))

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert "no longer keeps the pod template of the plan" in run.message
    assert api.patches() == []


async def test_pods_that_never_come_up_end_the_plan_with_their_reason() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    console = await console_with(release)
    plan = await planned(console, release)
    api.controllers.failing = True

    run = await console.run(plan)

    assert run.result is Result.FAILED
    assert "the new pods do not come up" in run.message


async def test_a_change_that_no_controller_takes_up_is_not_called_done() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(progressDeadlineSeconds=1))
    release = await good_release()
    deploy(api)
    console = await console_with(release)
    plan = await planned(console, release)
    api.controllers.seeing = False

    run = await console.run(plan)

    assert run.result is Result.FAILED
    assert "the controller has not taken up the change yet" in run.message


async def test_a_template_that_changed_after_the_plan_is_left_alone() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    console = await console_with(release)
    plan = await planned(console, release)
    deploy(api, "nginx:1.29")

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert api.get("deployments", "web")["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.29"


async def test_a_template_that_changes_under_the_patch_is_left_alone() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    console = await console_with(release)
    plan = await planned(console, release)
    api.meanwhile(lambda: deploy(api, "nginx:1.29"))

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert api.get("deployments", "web")["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.29"


async def test_a_rollout_goes_back_by_its_replicaset() -> None:
    api = cluster()
    api.settle("rollouts", "web")
    release = await good_release("rollout/web")
    deploy(api, BAD, "rollouts")
    assert api.get("rollouts", "web")["status"]["phase"] == "Paused"
    console = await console_with(release, "rollout/web")

    plan = await planned(console, release)
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert api.get("rollouts", "web")["status"]["phase"] == "Healthy"
    image = api.get("rollouts", "web")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "nginx:1.25"


async def test_a_frozen_fleet_rolls_back_and_is_still_frozen() -> None:
    api = cluster()
    release = await good_release()
    console = await console_with(release, freeze=Freeze(kubernetes=("deployment/web",)))
    deploy(api)
    await console.run(await console.plan(Action(ActionKind.FREEZE)))

    run = await console.run(await planned(console, release))

    assert run.result is Result.VERIFIED, run
    spec = api.get("deployments", "web")["spec"]
    assert (spec["template"]["spec"]["containers"][0]["image"], spec["paused"]) == (GOOD, True)
