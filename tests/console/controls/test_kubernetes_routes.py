"""Less traffic by routes kept in Kubernetes, through real kubectl on the stand-in cluster, by the door."""

import asyncio

import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import PartName, Plan, Standing
from console.domain.release import Release
from console.domain.run import Result
from console.domain.surfaces import Freeze, KubernetesGateway, KubernetesRoute
from tests.parts.kubernetes_api import KubernetesApi
from tests.parts.kubernetes_bench import all_controls, cluster, door, fleet, typed
from tests.snapshots import NOW

CANARY = KubernetesRoute("rank*", "httproute/web", ("web-canary",))
ISTIO = KubernetesRoute("rank*", "virtualservice/web", ("web-stable",))
NGINX = KubernetesRoute("rank*", "ingress/web-canary")
ARGO = KubernetesRoute("rank*", "rollout/web")
WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"


def reduce_to(percent: float) -> Action:
    return Action(ActionKind.REDUCE, model="ranker", percent=percent)


def gateway(*routes: KubernetesRoute) -> KubernetesGateway:
    return KubernetesGateway(routes)


def weights(api: KubernetesApi) -> list[int]:
    return [each["weight"] for each in api.get("httproutes", "web")["spec"]["rules"][0]["backendRefs"]]


def istio(api: KubernetesApi) -> list[int]:
    return [each.get("weight") for each in api.get("virtualservices", "web")["spec"]["http"][0]["route"]]


def canary(api: KubernetesApi) -> int:
    return api.get("rollouts", "web")["status"]["canary"]["weights"]["canary"]["weight"]


def start_canary(api: KubernetesApi) -> None:
    """A canary of a new image, at its second weight."""
    api.settle("rollouts", "web")
    api.edit("rollouts", "web", _image)
    api.edit("rollouts", "web", lambda each: each["status"].update(currentStepIndex=2))
    assert canary(api) == 50


def _image(each) -> None:
    each["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.28"


async def test_all_weights_of_a_rule_change_in_one_patch_and_come_back_exactly() -> None:
    api = cluster()
    before = api.get("httproutes", "web")["spec"]
    console = door(fleet(gateway=gateway(CANARY)))

    plan = await console.plan(reduce_to(4))
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert (weights(api), len(api.patches())) == ([96, 4], 1)

    undone = await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))

    assert undone.result is Result.VERIFIED, undone
    assert api.get("httproutes", "web")["spec"] == before


async def test_the_rest_of_the_rule_is_never_touched() -> None:
    api = cluster()
    console = door(fleet(gateway=gateway(CANARY)))
    await console.run(await console.plan(reduce_to(4)))

    (patch,) = api.patches()
    assert patch.content_type == "application/json-patch+json"
    assert [op["path"].rpartition("/")[2] for op in patch.body if op["op"] != "test"] == ["weight", "weight"]
    assert {"op": "test", "path": "/spec/rules/0/backendRefs/1/name", "value": "web-canary"} in patch.body


async def test_the_share_cannot_be_measured_and_that_is_said() -> None:
    cluster()
    plan = await door(fleet(gateway=gateway(CANARY))).plan(reduce_to(4))

    assert plan.share is None
    assert any("counts no requests" in each for each in plan.unknown)


async def test_a_virtual_service_keeps_a_sum_of_100() -> None:
    api = cluster()
    console = door(fleet(gateway=gateway(ISTIO)))
    plan = await console.plan(reduce_to(33.3))
    await console.run(plan)

    assert istio(api) == [33, 67]
    assert any("33 % instead of 33.3 %" in warning for warning in plan.warnings)


async def test_an_unwritten_istio_weight_is_unwritten_again_after_the_undo() -> None:
    api = cluster()

    def change(each) -> None:
        first, second = each["spec"]["http"][0]["route"]
        first["weight"] = 100
        del second["weight"]

    api.edit("virtualservices", "web", change)
    console = door(fleet(gateway=gateway(ISTIO)))
    plan = await console.plan(reduce_to(25))
    await console.run(plan)

    assert istio(api) == [25, 75]
    assert any("web-canary got nothing so far" in warning for warning in plan.warnings)

    await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))
    assert istio(api) == [100, None]


async def test_an_ingress_canary_weight_is_set_and_put_back() -> None:
    api = cluster()
    console = door(fleet(gateway=gateway(NGINX)))
    plan = await console.plan(reduce_to(3))
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert api.get("ingresses", "web-canary")["metadata"]["annotations"][WEIGHT] == "3"

    await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))
    assert api.get("ingresses", "web-canary")["metadata"]["annotations"][WEIGHT] == "10"


async def test_a_header_that_decides_before_an_ingress_weight_is_warned_of() -> None:
    api = cluster()
    key = "nginx.ingress.kubernetes.io/canary-by-header"
    api.edit("ingresses", "web-canary", lambda each: each["metadata"]["annotations"].update({key: "x"}))

    plan = await door(fleet(gateway=gateway(NGINX))).plan(reduce_to(3))

    assert any("canary-by-header decides before the weight" in warning for warning in plan.warnings)


@pytest.mark.parametrize("percent", [10, 50])
async def test_a_reduction_never_gives_more(percent: float) -> None:
    cluster()
    plan = await door(fleet(gateway=gateway(CANARY))).plan(reduce_to(percent))

    assert f"the model has 10 % now, which is not more than {percent} %" in plan.refusal


async def test_a_route_with_nowhere_else_to_go_is_refused_and_never_all_zero() -> None:
    cluster()
    whole = KubernetesRoute("rank*", "httproute/web", ("web-canary", "web-stable"))
    plan = await door(fleet(gateway=gateway(whole))).plan(reduce_to(0))

    assert "nothing takes what it gives up" in plan.refusal


async def test_a_rule_or_backend_that_is_not_there_is_named() -> None:
    cluster()
    wrong = KubernetesRoute("rank*", "httproute/web", ("web-cnary",))
    plan = await door(fleet(gateway=gateway(wrong))).plan(reduce_to(0))
    assert "no backend web-cnary; it has web-stable, web-canary" in plan.refusal

    wrong = KubernetesRoute("rank*", "httproute/web", ("web-canary",), rule=3)
    plan = await door(fleet(gateway=gateway(wrong))).plan(reduce_to(0))
    assert "rule 3 has no backends (1 rules)" in plan.refusal


async def test_weights_that_changed_after_the_plan_are_left_alone() -> None:
    api = cluster()
    console = door(fleet(gateway=gateway(CANARY)))
    plan = await console.plan(reduce_to(4))
    api.edit("httproutes", "web", lambda each: each["spec"]["rules"][0]["backendRefs"][1].update(weight=20))

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert weights(api) == [90, 20]


async def test_backends_that_change_places_under_the_patch_are_left_alone() -> None:
    api = cluster()
    console = door(fleet(gateway=gateway(CANARY)))
    plan = await console.plan(reduce_to(4))
    api.meanwhile(
        lambda: api.edit("httproutes", "web", lambda each: each["spec"]["rules"][0]["backendRefs"].reverse())
    )

    run = await console.run(plan)

    assert run.result is Result.CHANGED
    assert weights(api) == [10, 90]


async def test_gitops_that_would_put_the_weights_back_is_warned_of() -> None:
    cluster()
    of = fleet(Freeze(argocd=("ranker",), flux=("kustomization/apps",)), gateway(CANARY))
    plan = await door(of).plan(reduce_to(4))

    assert any("shop/application/ranker syncs by itself" in each for each in plan.warnings)
    assert any("shop/kustomization/apps syncs by itself" in each for each in plan.warnings)


async def test_the_call_shown_does_what_the_step_does() -> None:
    api = cluster()
    plan = await door(fleet(gateway=gateway(CANARY))).plan(reduce_to(4))

    await asyncio.to_thread(typed, plan.steps[0].call)

    assert weights(api) == [96, 4]


async def test_a_canary_is_held_at_a_lower_weight_by_its_steps() -> None:
    api = cluster()
    start_canary(api)
    steps = api.get("rollouts", "web")["spec"]["strategy"]["canary"]["steps"]
    console = door(fleet(gateway=gateway(ARGO)))

    plan = await console.plan(reduce_to(20))
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert (canary(api), api.get("rollouts", "web")["status"]["phase"]) == (20, "Paused")
    assert any("starts the canary over" in warning for warning in plan.warnings)
    assert any("only roughly" in warning for warning in plan.warnings)

    await console.run(await console.plan(Action(ActionKind.UNDO, plan=plan.id)))
    assert api.get("rollouts", "web")["spec"]["strategy"]["canary"]["steps"] == steps


async def test_a_canary_reduced_to_nothing_is_aborted_which_is_no_rollback() -> None:
    api = cluster()
    start_canary(api)
    console = door(fleet(gateway=gateway(ARGO)))

    plan = await console.plan(reduce_to(0))
    run = await console.run(plan)

    assert run.result is Result.VERIFIED, run
    assert canary(api) == 0
    image = api.get("rollouts", "web")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "nginx:1.28"
    said = " ".join(plan.warnings)
    # An older kubectl reaches no status; then the steps hold the canary at 0.
    assert "an abort is no rollback" in said or "this kubectl cannot write a status" in said


async def test_without_a_canary_under_way_there_is_nothing_to_reduce() -> None:
    api = cluster()
    api.settle("rollouts", "web")

    plan = await door(fleet(gateway=gateway(ARGO))).plan(reduce_to(5))

    assert "no canary is under way" in plan.refusal


async def test_a_rollback_gives_the_weights_of_the_release_back() -> None:
    api = cluster()
    (control,) = all_controls(fleet(gateway=gateway(CANARY)))
    release = Release("good1", NOW, "ana", "", (), routes=(await control.capture(["ranker"])).routes)
    api.edit("httproutes", "web", lambda each: each["spec"]["rules"][0]["backendRefs"][1].update(weight=60))
    console = door(fleet(gateway=gateway(CANARY)))
    console._parts.releases.save(release)

    plan = await console.plan(Action(ActionKind.ROLLBACK, model="ranker", release="good1"))
    run = await console.run(plan)

    assert _route(plan) is Standing.RESTORE
    assert run.result is Result.VERIFIED, run
    assert weights(api) == [90, 10]

    again = await console.plan(Action(ActionKind.ROLLBACK, model="ranker", release="good1"))
    assert (_route(again), again.steps) == (Standing.SAME, ())


async def test_who_may_not_patch_the_route_is_told_whom_to_ask() -> None:
    cluster()
    plan = await door(fleet(gateway=gateway(CANARY), context="viewer")).plan(reduce_to(4))

    assert "ask for patch on httproutes.gateway.networking.k8s.io in shop" in plan.refusal


def _route(plan: Plan) -> Standing:
    return next(part.standing for part in plan.parts if part.name is PartName.ROUTE)
