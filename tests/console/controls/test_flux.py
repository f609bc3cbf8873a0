"""Flux suspended and resumed, through real kubectl on the stand-in cluster, by the door."""

from console.domain.action import Action, ActionKind
from console.domain.run import Result
from console.domain.surfaces import Freeze
from tests.parts.kubernetes_bench import cluster, door, fleet

FREEZE = Action(ActionKind.FREEZE)
BOTH = Freeze(flux=("kustomization/apps", "shop/helmrelease/triton"))


async def test_a_freeze_suspends_and_its_undo_writes_exactly_what_was_written() -> None:
    api = cluster()
    names = {"kustomizations": "apps", "helmreleases": "triton"}
    before = {plural: api.get(plural, name)["spec"] for plural, name in names.items()}
    console = door(fleet(BOTH))

    plan = await console.plan(FREEZE)
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert all(api.get(plural, name)["spec"]["suspend"] is True for plural, name in names.items())

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert {plural: api.get(plural, name)["spec"] for plural, name in names.items()} == before


async def test_what_is_suspended_already_is_left_so_and_said() -> None:
    api = cluster()
    api.edit("kustomizations", "apps", lambda each: each["spec"].update(suspend=True))

    plan = await door(fleet(BOTH)).plan(FREEZE)

    assert [step.subject for step in plan.steps] == ["shop/helmrelease/triton"]
    assert any("shop/kustomization/apps is suspended already" in warning for warning in plan.warnings)


async def test_a_parent_that_may_resume_it_is_warned_of() -> None:
    api = cluster()
    label = {"kustomize.toolkit.fluxcd.io/name": "flux-system"}
    api.edit("kustomizations", "apps", lambda each: each["metadata"].update(labels=label))

    plan = await door(fleet(BOTH)).plan(FREEZE)

    assert any("applied by the Kustomization flux-system" in warning for warning in plan.warnings)


async def test_beside_a_rollback_it_stays_as_it_is_and_that_is_said() -> None:
    api = cluster()
    api.edit("kustomizations", "apps", lambda each: each["spec"].update(suspend=True))

    plan = await door(fleet(BOTH, workload="deployment/web")).plan(
        Action(ActionKind.ROLLBACK, model="ranker")
    )

    assert any("shop/kustomization/apps is suspended and stays so" in warning for warning in plan.warnings)
    assert any("shop/helmrelease/triton reconciles by itself" in warning for warning in plan.warnings)
    assert api.patches() == []
