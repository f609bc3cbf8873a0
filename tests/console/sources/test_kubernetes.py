"""The workload that runs Triton, through real kubectl on the stand-in cluster: what it is, and what was rolled out."""

from dataclasses import replace
from typing import Any

import pytest

from console.domain.around import WorkloadReading
from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.instant import instant
from console.domain.surfaces import Kubernetes
from console.ports import Source
from console.sources import kubernetes
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.kubernetes_api import KubernetesApi
from tests.parts.kubernetes_bench import cluster, fleet, typed
from tests.parts.kubernetes_deploys import BAD, GOOD, SECRET, SUBJECT, deploy

CAUSE = "kubernetes.io/change-cause"


class Watch:
    """The source of one fleet, and the clock that it goes by."""

    def __init__(self, of: Fleet) -> None:
        self.clock = HandClock()
        (self.source,) = kubernetes.sources(of, Kit(self.clock, Http({}, of.tls)))

    async def look(self) -> WorkloadReading:
        await self.clock.advance(self.source.every)
        found = await self.source.poll()
        assert isinstance(found, WorkloadReading)
        return found


def watch(context: str = "admin", workload: str = "deployment/web") -> Watch:
    return Watch(fleet(workload=workload, context=context))


async def refused(of: Watch) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await of.look()
    assert caught.value.failure.hint
    assert str(caught.value).startswith("kubernetes: ")
    return caught.value


def cause(api: KubernetesApi, text: str) -> None:
    api.edit("deployments", "web", lambda each: each["metadata"]["annotations"].update({CAUSE: text}))


def test_a_fleet_without_a_workload_has_no_source() -> None:
    assert kubernetes.sources(Fleet(), Kit(HandClock(), Http({}, Fleet().tls))) == []


def test_it_is_asked_every_fifteen_seconds() -> None:
    source: Source = watch().source

    assert (source.name, source.target, source.every) == ("kubernetes", None, 15)


async def test_a_deployment_says_its_revision_its_images_and_since_when() -> None:
    cluster()

    reading = await watch().look()

    assert (reading.name, reading.revision) == (SUBJECT, "3")
    assert reading.images == {"nginx": GOOD}
    assert reading.before == {"nginx": "nginx:1.26"}
    assert reading.changed_at == instant("2026-11-20T09:56:05Z")
    assert (reading.rolling, reading.replicas) == (False, (2, 2))
    assert reading.notes == ()
    assert "kind: Deployment" in typed(reading.query)


async def test_a_new_image_is_a_new_revision_with_its_time_and_cause() -> None:
    api = cluster()
    console = watch()
    await console.look()
    api.controllers.now = "2026-11-20T11:30:00Z"
    deploy(api)
    cause(api, "pipeline 4711")

    reading = await console.look()

    assert (reading.revision, reading.images, reading.before) == ("4", {"nginx": BAD}, {"nginx": GOOD})
    assert reading.changed_at == instant("2026-11-20T11:30:00Z")
    assert reading.cause == "pipeline 4711"
    assert SECRET not in repr(reading)


async def test_a_cause_that_is_handed_down_from_the_revision_before_is_not_the_cause() -> None:
    api = cluster()
    cause(api, "pipeline 1")
    api.edit(
        "replicasets",
        "web-7d876db474",
        lambda each: each["metadata"]["annotations"].update({CAUSE: "pipeline 1"}),
    )
    deploy(api)

    assert (await watch().look()).cause == ""


async def test_pods_that_do_not_come_up_are_a_rollout_under_way() -> None:
    api = cluster()
    api.controllers.healthy = False
    deploy(api)

    reading = await watch().look()

    assert (reading.rolling, reading.replicas) == (True, (0, 2))


async def test_a_rollout_that_was_paused_half_way_replaces_nothing() -> None:
    api = cluster()
    api.controllers.healthy = False
    deploy(api)
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))

    assert (await watch().look()).rolling is False


async def test_a_revision_that_an_undo_took_up_again_does_not_say_when() -> None:
    api = cluster()
    deploy(api)
    deploy(api, GOOD)
    deploy(api, BAD)

    reading = await watch().look()

    assert (reading.images, reading.before) == ({"nginx": BAD}, {"nginx": GOOD})
    assert (reading.revision, reading.changed_at) == ("6", None)


async def test_what_is_changed_while_paused_is_not_rolled_out() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))
    console = watch()
    before = await console.look()
    deploy(api)

    reading = await console.look()

    assert (reading.revision, reading.images, reading.rolling) == ("3", before.images, False)


async def test_a_rollout_of_argo_is_read_alike() -> None:
    api = cluster()
    api.settle("rollouts", "web")
    console = watch(workload="rollout/web")
    before = await console.look()
    deploy(api, name="rollouts")

    reading = await console.look()

    assert reading.name == "shop/rollout/web"
    assert int(reading.revision) == int(before.revision) + 1
    assert (list(reading.images.values()), reading.before) == ([BAD], before.images)


async def test_its_replicasets_are_listed_only_when_it_changes_and_two_quick_looks_are_one() -> None:
    api = cluster()
    console = watch()
    await console.look()
    api.requests.clear()

    await console.look()
    await console.source.poll()

    assert [each.path for each in api.requests if "/namespaces/" in each.path] == [
        "/apis/apps/v1/namespaces/shop/deployments/web"
    ]


async def test_without_the_right_to_list_replicasets_the_rest_is_still_told() -> None:
    api = cluster()
    api.denied.add(("list", "replicasets"))

    reading = await watch().look()

    assert (reading.revision, reading.images, reading.changed_at) == ("3", {"nginx": GOOD}, None)
    assert "since when it runs this is unknown" in reading.notes[0]
    assert "ask for list on replicasets.apps in shop" in reading.notes[0]


async def test_a_right_that_is_given_later_is_used_at_the_next_look() -> None:
    api = cluster()
    api.denied.add(("list", "replicasets"))
    console = watch()
    await console.look()
    api.denied.clear()

    reading = await console.look()

    assert (reading.notes, reading.changed_at) == ((), instant("2026-11-20T09:56:05Z"))


@pytest.mark.parametrize(
    ("context", "kind", "hint"),
    [
        ("user", FailureKind.FORBIDDEN, "ask for get on deployments.apps in shop"),
        ("bad", FailureKind.FORBIDDEN, "log in again"),
        ("nowhere", FailureKind.STATUS, "get-contexts"),
    ],
)
async def test_who_may_not_look_is_told_what_to_ask_for(context: str, kind: FailureKind, hint: str) -> None:
    cluster()

    error = await refused(watch(context))

    assert error.failure.kind is kind
    assert hint in error.failure.hint


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kubectl": "/no/such/kubectl"}, "is not installed"),
        ({"workload": "deployment/nope"}, '"nope" not found'),
        ({"workload": "job/web"}, "is not a deployment/NAME"),
    ],
)
async def test_what_is_not_there_is_a_failure_in_words(settings: dict[str, Any], said: str) -> None:
    cluster()
    of = fleet(workload="deployment/web")

    error = await refused(Watch(replace(of, kubernetes=replace(of.kubernetes, **settings))))

    assert said in str(error)


async def test_a_kubectl_that_prints_anything_is_no_crash(tmp_path: Any) -> None:
    script = tmp_path / "kubectl"
    console = Watch(Fleet(kubernetes=Kubernetes(str(script), workload="deployment/web")))
    odd = ("{}", '{"metadata": 7}', '{"metadata": {"annotations": 1}, "spec": [], "status": "x", "items": 3}')
    for printed in odd:
        script.write_text(f"#!/bin/sh\necho '{printed}'\n")
        script.chmod(0o755)

        reading = await console.look()

        assert (reading.name, reading.revision, reading.changed_at) == ("deployment/web", "", None)
        assert (dict(reading.images), reading.replicas) == ({}, None)
