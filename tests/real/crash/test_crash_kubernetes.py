"""Kill -9 around every change that kubectl makes: a pause, an image, a route."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.run import Outcome
from console.domain.surfaces import Freeze, KubernetesGateway, KubernetesRoute
from tests.parts.crash import Scene, in_the_middle, turning_points, undone, walk
from tests.parts.kubernetes_bench import cluster, settings

ROUTE = KubernetesRoute("rank*", "httproute/web", ("web-canary",))


def fleet(folder: Path, **more: Any) -> Fleet:
    return Fleet("prod", state=str(folder), kubernetes=settings(), **more)


async def test_a_freeze_of_a_workload(folder: Path) -> None:
    api = cluster()
    lock = folder / "locks" / "prod.json"

    def world() -> object:
        return [api.get("deployments", "web")["spec"], lock.read_text() if lock.exists() else ""]

    def on_the_workload(places: Sequence[str]) -> list[int]:
        first, *_, middle, _, last = (at for at in turning_points(places) if "lock" not in places[at - 1])
        return [first, middle, last]

    frozen = fleet(folder, freeze=Freeze(kubernetes=("deployment/web",)))
    freeze = Action(ActionKind.FREEZE, reason="queue is growing")
    walked = await walk(Scene(frozen, freeze, world, pick=on_the_workload, haste=10), folder, undone)

    assert {(Outcome.SKIPPED, Outcome.WAITING), (Outcome.DONE, Outcome.SKIPPED)} <= walked.left


async def test_a_route(folder: Path) -> None:
    api = cluster()

    def world() -> object:
        return api.get("httproutes", "web")["spec"]

    routed = fleet(folder, gateway=KubernetesGateway((ROUTE,)))
    reduce = Action(ActionKind.REDUCE, model="ranker", percent=4)
    walked = await walk(Scene(routed, reduce, world, pick=in_the_middle, haste=10), folder, undone)

    assert walked.left & {(Outcome.SKIPPED,), (Outcome.DONE,)}
