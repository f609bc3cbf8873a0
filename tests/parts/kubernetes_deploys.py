"""A deploy that went wrong on the stand-in cluster, and the release that was good before it."""

from typing import Any

from console.domain.action import Action, ActionKind
from console.domain.plan import Part, PartName, Plan
from console.domain.release import Release
from console.engine.door import Door
from tests.parts.kubernetes_api import KubernetesApi
from tests.parts.kubernetes_bench import all_controls, door, fleet
from tests.snapshots import NOW

SUBJECT = "shop/deployment/web"
GOOD, BAD = "nginx:1.27", "nginx:1.28"
SECRET = "s3cr3t-in-the-environment"


def deploy(api: KubernetesApi, image: str = BAD, name: str = "deployments") -> None:
    """Somebody rolls a new image out, with a secret where people put them."""

    def change(each: dict[str, Any]) -> None:
        container = each["spec"]["template"]["spec"]["containers"][0]
        container |= {"image": image, "env": [{"name": "TOKEN", "value": SECRET}]}

    api.edit(name, "web", change)


async def good_release(workload: str = "deployment/web") -> Release:
    """What runs now, as a known-good release remembers it."""
    (control,) = all_controls(fleet(workload=workload))
    captured = await control.capture(["ranker"])
    return Release("good1", NOW, "ana", "", (), images=captured.images)


async def console_with(release: Release | None, workload: str = "deployment/web", **other: Any) -> Door:
    console = door(fleet(workload=workload, **other))
    if release is not None:
        console._parts.releases.save(release)
    return console


async def planned(console: Door, release: Release | None) -> Plan:
    action = Action(ActionKind.ROLLBACK, model="ranker", release=release.id if release else "")
    return await console.plan(action)


def part(plan: Plan) -> Part:
    (found,) = [each for each in plan.parts if each.name is PartName.IMAGE]
    return found
