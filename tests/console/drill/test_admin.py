"""The drill's gateway takes what a real Envoy takes, and the simulated traffic follows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from console import wiring
from console.cli._drill_fleet import drill_fleet
from console.clock import SystemClock
from console.controls.envoy.control import EnvoyControl
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Tls
from console.domain.run import Result
from console.domain.states import holds
from console.domain.surfaces import Envoy
from console.drill import Drill
from console.drill.scenario import scenario_named
from console.drill.spec import Load, Publish, Scenario, VersionSpec
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.gateways import carry_out, reduction, rollback, undo

NEAR = 0.03
SLOW = VersionSpec(fixed_ms=14, item_ms=6, sm=0.3, memory_mib=2900, load_s=4.5)


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    http = Http({}, Tls())
    yield Kit(SystemClock(), http)
    await http.close()


def brief(name: str) -> Scenario:
    return replace(scenario_named(name), warm_s=2.0)


def control(drill: Drill, kit: Kit) -> EnvoyControl:
    gateway = drill_fleet(drill.endpoints.as_json(), Fleet(), "").gateway
    assert isinstance(gateway, Envoy)
    return EnvoyControl(gateway, kit)


async def share(knob: EnvoyControl, subject: str, clock: HandClock) -> float:
    """The share that the gateway counts over half a minute of the drill."""
    before = await knob.traffic(subject)
    await clock.advance(30.0)
    after = await knob.traffic(subject)
    assert before is not None
    assert after is not None
    return (after.kept - before.kept) / (after.total - before.total)


async def test_weights_move_a_models_traffic_to_the_standby_region_and_back(kit: Kit) -> None:
    clock = HandClock()
    async with Drill(brief("healthy"), clock=clock) as drill:
        knob = control(drill, kit)
        plan = await reduction(knob, 25)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        counted = await share(knob, plan.share.subject, clock)
        route, other = drill.fleet.routes["ranker"], drill.fleet.routes["embed"]
        seen = other.stood_by, route.client_codes["5"]
        await undo(knob, plan.steps)
        again = await share(knob, plan.share.subject, clock)

    assert counted == pytest.approx(0.25, abs=NEAR)
    assert again == 1.0
    assert seen == (0, 0)
    assert drill.fleet.layer.values == {}


async def test_shedding_answers_429_and_the_fleet_has_less_to_do(kit: Kit) -> None:
    clock = HandClock()
    async with Drill(brief("healthy"), clock=clock) as drill:
        knob = control(drill, kit)
        only_shed = replace(knob._settings.routes[0], model="ranker", clusters=(), reduced=(), runtime="")
        shed = EnvoyControl(replace(knob._settings, routes=(replace(only_shed, shed="shed.ranker"),)), kit)
        plan = await reduction(shed, 40)
        await carry_out(shed, plan.steps)
        route = drill.fleet.routes["ranker"]
        before = route.tried, route.client_codes["4"]
        await clock.advance(30.0)
        await shed.traffic("")
        tried, refused = route.tried - before[0], route.client_codes["4"] - before[1]

    assert tried / (tried + refused) == pytest.approx(0.4, abs=NEAR)
    assert route.shed == route.client_codes["4"]


async def test_without_anything_set_the_traffic_is_the_very_same() -> None:
    async def tried(touch: str) -> dict[str, int]:
        clock = HandClock()
        async with Drill(brief("healthy"), clock=clock) as drill, aiohttp.ClientSession() as session:
            url = f"{drill.endpoints.admin}/runtime_modify?shed.embed={touch}"
            async with session.post(url) as answer:
                assert answer.status == 200
            await clock.advance(10.0)
            return {name: route.tried for name, route in drill.fleet.routes.items() if name != "embed"}

    assert await tried("") == await tried("50")


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/runtime_modify?a=1", 405, "Method GET not allowed, POST required."),
        ("POST", "/runtime_modify", 400, "usage: /runtime_modify"),
        ("POST", "/runtime", 405, "Method POST not allowed"),
        ("GET", "/quitquitquit", 404, "invalid path"),
        ("GET", "/stats?filter=(", 400, "Invalid re2 regex"),
        ("GET", "/stats/prometheus", 200, 'envoy_cluster_upstream_rq_total{envoy_cluster_name="ranker"}'),
        ("GET", "/stats?filter=cluster.ranker.upstream_rq_total", 200, "cluster.ranker.upstream_rq_total: "),
    ],
)
async def test_it_answers_as_envoy_does(method: str, path: str, status: int, said: str) -> None:
    async with (
        Drill(brief("healthy"), clock=HandClock()) as drill,
        aiohttp.request(method, drill.endpoints.admin + path) as answer,
    ):
        assert answer.status == status
        assert said in await answer.text()


async def test_all_weights_at_zero_are_404_here_too(kit: Kit) -> None:
    clock = HandClock()
    async with Drill(brief("healthy"), clock=clock) as drill, aiohttp.ClientSession() as session:
        query = "routing.ranker.ranker=0&routing.ranker.ranker-standby=0"
        async with session.post(f"{drill.endpoints.admin}/runtime_modify?{query}") as answer:
            assert answer.status == 200
        route = drill.fleet.routes["ranker"]
        before = route.client_codes["4"]
        await clock.advance(5.0)
        assert route.client_codes["4"] - before > 1000
        assert route.shed == 0

        plan = await reduction(control(drill, kit), 10)

    assert "all weights of ranker, ranker-standby are 0: Envoy answers 404" in plan.warnings[0]
    assert [step.subject for step in plan.steps] == ["percentage shed.ranker"]


async def test_a_known_good_route_comes_back_with_a_rollback(kit: Kit) -> None:
    async with Drill(brief("healthy"), clock=HandClock()) as drill:
        knob = control(drill, kit)
        good = (await knob.capture(["ranker"])).routes
        plan = await reduction(knob, 10)
        await carry_out(knob, plan.steps)
        back = await rollback(knob, good)
        await carry_out(knob, back.steps)

        assert holds(plan.steps[0].before, await knob.read(plan.steps[0]))


def rollout() -> Scenario:
    """The bad rollout without its wait."""
    loads = tuple(Load(at=1.0 + n, model="ranker", targets=(f"triton-{n}",)) for n in range(4))
    publish = Publish(at=0.5, model="ranker", version=7, spec=replace(SLOW, load_s=1.0))
    return replace(brief("bad-rollout"), events=(publish, *loads))


async def test_through_the_real_door_a_rollback_ends_the_bad_rollout(tmp_path: Path) -> None:
    async with Drill(rollout(), speed=6.0) as drill:
        fleet = drill_fleet(drill.endpoints.as_json(), Fleet(refresh=0.2), str(tmp_path))
        engine = wiring.build(fleet)
        running = asyncio.create_task(engine.run())
        try:
            await until(
                lambda: serving(drill) == {"triton-0": [7], "triton-1": [7], "triton-2": [7], "triton-3": [7]}
            )
            await until(lambda: engine.snapshot is not None and engine.snapshot.up == 4)
            back = await engine.door.run(
                await engine.door.plan(Action(ActionKind.ROLLBACK, model="ranker", version="6"))
            )
            served = serving(drill)
            undone = await engine.door.run(await engine.door.plan(Action(ActionKind.UNDO, plan=back.id)))
            again = serving(drill)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await engine.close()

    assert back.result is Result.VERIFIED, back.message
    assert served == {name: [6] for name in served}
    assert undone.result is Result.VERIFIED, undone.message
    assert again == {name: [7] for name in again}
    assert files(tmp_path), "the drill keeps a journal of its own"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def serving(drill: Drill) -> dict[str, list[int]]:
    targets = drill.fleet.targets.items()
    return {name: target.server.models["ranker"].ready for name, target in targets if target.server}


async def until(so: object, seconds: float = 30.0) -> None:
    for _ in range(int(seconds * 20)):
        if so():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to that")
