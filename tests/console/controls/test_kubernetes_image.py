"""How the runtime image stands against a known-good release, through real kubectl on the stand-in cluster, by the door."""

from console.domain.action import Action, ActionKind
from console.domain.plan import Standing
from console.domain.triton import ControlMode
from tests.parts.kubernetes_bench import cluster, door, fleet
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
from tests.snapshots import snapshot, target_row

ROLLBACK = Action(ActionKind.ROLLBACK, model="ranker")


async def test_a_release_remembers_images_and_digests_and_nothing_secret() -> None:
    api = cluster()
    deploy(api)

    release = await good_release()

    known = release.images[SUBJECT]
    assert known["images"] == {"nginx": BAD}
    assert known["digests"]["nginx"].startswith("docker.io/library/nginx@sha256:")
    assert (known["revision"], known["replicaset"].startswith("web-")) == (4, True)
    assert SECRET not in repr(release)


async def test_the_same_running_digest_is_the_same_image() -> None:
    cluster()
    release = await good_release()

    plan = await planned(await console_with(release), release)

    assert part(plan).standing is Standing.SAME
    assert plan.steps == ()


async def test_a_tag_that_was_moved_is_mutable_and_its_cure_is_named() -> None:
    api = cluster()
    release = await good_release()
    api.controllers.registry[GOOD] = "f" * 64
    api.settle("deployments", "web")

    plan = await planned(await console_with(release), release)

    assert part(plan).standing is Standing.MUTABLE
    assert "runs docker.io/library/nginx@sha256:ffff" in part(plan).detail
    assert any("kubectl --namespace shop set image deployment/web nginx=" in each for each in plan.warnings)


async def test_without_the_right_to_read_pods_a_tag_cannot_be_proven() -> None:
    api = cluster()
    api.denied.add(("list", "pods"))
    release = await good_release()

    plan = await planned(await console_with(release), release)

    assert release.images[SUBJECT]["digests"] == {}
    assert part(plan).standing is Standing.MUTABLE


async def test_an_image_by_digest_needs_no_pods_to_be_proven() -> None:
    api = cluster()
    deploy(api, "nginx@sha256:" + "a" * 64)
    api.denied.add(("list", "pods"))
    release = await good_release()

    plan = await planned(await console_with(release), release)

    assert part(plan).standing is Standing.SAME


async def test_going_back_to_a_tag_warns_that_it_may_mean_another_image_now() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)

    plan = await planned(await console_with(release), release)

    assert any("nginx:1.27 is a tag" in warning for warning in plan.warnings)
    assert any("THE IMAGE ALONE BRINGS NO MODEL BACK" in warning for warning in plan.warnings)


async def test_a_replicaset_that_is_gone_is_said_with_what_still_helps() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)
    del api.objects["replicasets", "shop", release.images[SUBJECT]["replicaset"]]

    plan = await planned(await console_with(release), release)

    assert part(plan).standing is Standing.UNKNOWN
    assert plan.steps == ()
    assert any("set image deployment/web nginx=" in warning for warning in plan.warnings)


async def test_who_may_not_patch_gets_no_step_and_is_told_whom_to_ask() -> None:
    api = cluster()
    release = await good_release()
    deploy(api)

    plan = await planned(await console_with(release, context="viewer"), release)

    assert "ask for patch on deployments.apps in shop" in plan.refusal
    assert part(plan).standing is Standing.UNKNOWN


async def test_without_a_release_the_revision_before_is_named_and_not_taken() -> None:
    api = cluster()
    deploy(api)

    plan = await planned(await console_with(None), None)

    assert plan.steps == ()
    assert "the revision before, 3, has nginx:1.27" in part(plan).detail


async def test_where_servers_take_no_loads_the_revision_before_is_the_way_back() -> None:
    api = cluster()
    deploy(api)
    of = fleet(workload="deployment/web")
    seen = snapshot(fleet=of, targets=(target_row(mode=ControlMode.NONE),))

    plan = await door(of, seen).plan(ROLLBACK)

    assert plan.steps[0].title == f"take {SUBJECT} to revision 3: nginx:1.27"
    assert any("no known-good release says which image was good" in warning for warning in plan.warnings)
