"""Automated sync of Argo CD off and on again, through real kubectl on the stand-in cluster, by the door."""

from console.domain.action import Action, ActionKind
from console.domain.run import Result
from console.domain.surfaces import Freeze
from tests.parts.kubernetes_bench import cluster, door, fleet

FREEZE = Action(ActionKind.FREEZE)


def of(**other):
    return fleet(Freeze(argocd=("ranker",)), **other)


async def test_a_freeze_turns_automated_sync_off_and_its_undo_restores_it_exactly() -> None:
    api = cluster()
    before = api.get("applications", "ranker")["spec"]
    console = door(of())

    plan = await console.plan(FREEZE)
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert "automated" not in api.get("applications", "ranker")["spec"]["syncPolicy"]

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert api.get("applications", "ranker")["spec"] == before


async def test_sync_that_is_off_already_stays_off_and_is_said() -> None:
    api = cluster()
    api.edit(
        "applications", "ranker", lambda each: each["spec"]["syncPolicy"]["automated"].update(enabled=False)
    )

    plan = await door(of()).plan(FREEZE)

    assert plan.steps == ()
    assert any("is off already" in warning for warning in plan.warnings)


async def test_an_application_of_a_set_is_refused_with_what_to_do() -> None:
    api = cluster()
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "models", "uid": "x"}
    api.edit("applications", "ranker", lambda each: each["metadata"].update(ownerReferences=[owner]))

    plan = await door(of()).plan(FREEZE)

    assert "made by the ApplicationSet models" in plan.refusal
    assert "ignoreApplicationDifferences" in plan.refusal


async def test_a_policy_that_changed_meanwhile_is_left_alone() -> None:
    api = cluster()
    console = door(of())
    plan = await console.plan(FREEZE)
    api.meanwhile(
        lambda: api.edit(
            "applications", "ranker", lambda each: each["spec"]["syncPolicy"]["automated"].update(prune=False)
        )
    )

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert api.get("applications", "ranker")["spec"]["syncPolicy"]["automated"]["prune"] is False


async def test_reports_of_argo_cd_beside_it_do_not_stop_a_freeze() -> None:
    api = cluster()
    console = door(of())
    plan = await console.plan(FREEZE)
    # Argo CD writes the status of an Application as part of the object: its generation counts that.
    api.meanwhile(lambda: api.edit("applications", "ranker", lambda each: each.update(status={"sync": {}})))

    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run


async def test_a_running_sync_and_a_parent_application_are_warned_of() -> None:
    api = cluster()
    mark = {"argocd.argoproj.io/tracking-id": "root:argoproj.io/Application:argocd/ranker"}
    api.edit("applications", "ranker", lambda each: each["metadata"]["annotations"].update(mark))
    api.edit(
        "applications", "ranker", lambda each: each.update(status={"operationState": {"phase": "Running"}})
    )

    plan = await door(of()).plan(FREEZE)

    assert any("a sync of shop/application/ranker is running" in warning for warning in plan.warnings)
    assert any("applied by the Argo CD application root" in warning for warning in plan.warnings)


async def test_beside_a_rollback_sync_that_is_on_is_warned_of_and_off_stays_off() -> None:
    api = cluster()
    console = door(of(workload="deployment/web"))
    rollback = Action(ActionKind.ROLLBACK, model="ranker")

    plan = await console.plan(rollback)
    assert any("syncs by itself" in warning and "freeze first" in warning for warning in plan.warnings)

    api.edit("applications", "ranker", lambda each: each["spec"]["syncPolicy"].pop("automated"))
    plan = await console.plan(rollback)
    assert any("is off and stays off" in warning for warning in plan.warnings)
    assert api.patches() == []
