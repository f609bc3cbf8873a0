"""What the Envoy control proposes for configurations and states that a real one rarely shows."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.clock import SystemClock
from console.controls.envoy.control import EnvoyControl, controls
from console.controls.envoy.look import text_of, value_state
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Tls
from console.domain.plan import ControlError
from console.domain.surfaces import CommandGateway, Envoy, EnvoyRoute
from console.transport.envoy_admin import Value
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.envoy import PREFIX, SHED, routes, split
from tests.parts.envoy_admin import AdminStand, admin_stand
from tests.parts.gateways import reduction, rollback, situation

Control = Callable[..., EnvoyControl]
LAYERED = {"bootstrap": {"layered_runtime": {"layers": [{"name": "mine", "admin_layer": {}}]}}}
FAULT = {"abort": {"http_status": 503, "percentage": {"numerator": 5}}, "abort_percent_runtime": SHED}


@pytest.fixture
async def stand() -> AsyncIterator[AdminStand]:
    async with admin_stand() as found:
        yield found


@pytest.fixture
async def control(stand: AdminStand) -> AsyncIterator[Control]:
    http = Http({}, Tls())

    def make(*, stat_prefix: str = "gw", **route: Any) -> EnvoyControl:
        given = {"clusters": ("v1", "v2"), "reduced": ("v2",), **route}
        settings = Envoy(stand.url, stat_prefix, (EnvoyRoute("rank*", **given),))
        return EnvoyControl(settings, Kit(SystemClock(), http))

    yield make
    await http.close()


def tell(
    stand: AdminStand,
    weighted: Mapping[str, Any],
    values: Mapping[str, str] | None = None,
    stats: Mapping[str, float] | None = None,
) -> None:
    """An Envoy with this split, these values in its admin layer, and these statistics."""
    entries = {key: {"layer_values": [value], "final_value": value} for key, value in (values or {}).items()}
    rows = [{"name": name, "value": value} for name, value in (stats or {}).items()]
    stand.say("/config_dump?mask=bootstrap.layered_runtime", {"configs": [LAYERED]})
    stand.say("/config_dump?resource=static_route_configs", {"configs": [{"route_config": routes(weighted)}]})
    stand.say("/config_dump?resource=dynamic_route_configs", {})
    stand.say("/config_dump", {"configs": [LAYERED, {"deep": [FAULT]}]})
    stand.say("/runtime", {"layers": ["mine"], "entries": entries})
    stand.say("/stats", {"stats": rows})


async def test_a_survey_only_reads(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX))
    knob = control(runtime=PREFIX, shed=SHED)

    await reduction(knob, 10)
    await rollback(knob, None)
    await knob.capture(["ranker"])

    assert {asked.partition(" ")[0] for asked in stand.asked} == {"GET"}


async def test_a_model_without_a_route_is_none_of_its_business(stand: AdminStand, control: Control) -> None:
    knob = control(runtime=PREFIX)

    assert await knob.survey(Action(ActionKind.REDUCE, model="embed", percent=5), situation()) is None
    assert await knob.survey(Action(ActionKind.UNFREEZE), situation()) is None
    assert stand.asked == []


async def test_weights_sum_to_the_total_that_an_older_envoy_insists_on(
    stand: AdminStand, control: Control
) -> None:
    tell(stand, {**split({"v1": 500, "v2": 500}, PREFIX), "total_weight": 1000})

    plan = await reduction(control(runtime=PREFIX), 12.3)

    assert f"{PREFIX}.v1=877&{PREFIX}.v2=123" in plan.steps[0].call


async def test_a_fraction_of_a_percent_gets_finer_weights(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX))

    plan = await reduction(control(runtime=PREFIX), 0.5)

    assert f"{PREFIX}.v1=9950&{PREFIX}.v2=50" in plan.steps[0].call


@pytest.mark.parametrize(
    ("values", "stats", "refusal"),
    [
        ({f"{PREFIX}.v1": "0", f"{PREFIX}.v2": "0"}, {}, "Envoy answers 404"),
        ({}, {"cluster.v1.membership_healthy": 0}, "no host of v1 is healthy"),
        ({f"{PREFIX}.v1": "many"}, {}, "v1 is no whole number"),
    ],
)
async def test_what_weights_cannot_do_is_refused_with_the_reason(
    stand: AdminStand,
    control: Control,
    values: dict[str, str],
    stats: dict[str, float],
    refusal: str,
) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX), values, stats)

    plan = await reduction(control(runtime=PREFIX), 10)

    assert plan.steps == ()
    assert plan.share is None
    assert refusal in plan.refusals[0]


async def test_a_cluster_that_had_nothing_so_far_is_pointed_out(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 0, "v2": 100}, PREFIX))

    plan = await reduction(control(runtime=PREFIX), 60)

    assert f"{PREFIX}.v1=40&{PREFIX}.v2=60" in plan.steps[0].call
    assert any("v1 had no traffic so far" in said for said in plan.warnings)


async def test_raising_the_share_is_allowed_and_said(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 90, "v2": 10}, PREFIX))

    plan = await reduction(control(runtime=PREFIX), 30)

    assert len(plan.steps) == 1
    assert any("more traffic than now: 10.0% → 30.0%" in said for said in plan.warnings)


async def test_what_is_so_already_is_only_counted(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 90, "v2": 10}, PREFIX), {SHED: "75"})

    for route in ({"runtime": PREFIX}, {"shed": SHED, "clusters": (), "reduced": ()}):
        plan = await reduction(control(**route), 10 if "runtime" in route else 25)
        assert plan.steps == ()
        assert plan.share is not None
        assert "already" in plan.warnings[0]


async def test_shedding_is_what_is_left_where_weights_cannot(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX))

    plan = await reduction(control(runtime=PREFIX, shed=SHED, reduced=("v1", "v2")), 40)

    (step,) = plan.steps
    assert step.after == "60"
    assert "nowhere else" in plan.warnings[0]
    assert "with 503" in step.effect


async def test_what_a_fault_sheds_by_its_configuration_counts_as_shed(
    stand: AdminStand, control: Control
) -> None:
    tell(stand, split({"v1": 50, "v2": 50}))
    knob = control(shed=SHED, clusters=(), reduced=())

    same = await reduction(knob, 95)
    less = await reduction(knob, 98)

    assert same.steps == ()
    assert "sheds less than now: 5 % → 2 %" in less.warnings[0]


async def test_a_step_without_what_to_set_never_unsets(stand: AdminStand, control: Control) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX))
    knob = control(runtime=PREFIX)
    (step,) = (await reduction(knob, 10)).steps
    stand.asked.clear()

    for values in (None, {}, {f"{PREFIX}.v1": "90"}, {f"{PREFIX}.v1": "90", f"{PREFIX}.v2": None}):
        with pytest.raises(ControlError, match="does not say what to set"):
            await knob.apply(replace(step, change={**step.change, "values": values}))

    assert stand.asked == []


async def test_retries_of_the_gateway_are_not_requests_of_clients(
    stand: AdminStand, control: Control
) -> None:
    stats = {
        "cluster.v1.upstream_rq_total": 900,
        "cluster.v2.upstream_rq_total": 400,
        "cluster.v2.upstream_rq_retry": 300,
    }
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX), stats=stats)
    knob = control(runtime=PREFIX)
    plan = await reduction(knob, 10)
    assert plan.share is not None

    traffic = await knob.traffic(plan.share.subject)

    assert traffic is not None
    assert (traffic.total, traffic.kept) == (1000, 100)
    assert await knob.traffic("clusters somebody else's") is None


@pytest.mark.parametrize("clusters", [(), ("v1", "v2")])
async def test_what_is_shed_is_counted_against_what_was_asked_for(
    stand: AdminStand, control: Control, clusters: tuple[str, ...]
) -> None:
    stats = {
        "http.gw.downstream_rq_total": 1000,
        "http.gw.fault.aborts_injected": 250,
        "http.admin.downstream_rq_total": 5000,
        "cluster.v1.upstream_rq_total": 700,
        "cluster.v2.upstream_rq_total": 50,
    }
    tell(stand, split({"v1": 50, "v2": 50}), stats=stats)
    knob = control(shed=SHED, clusters=clusters, reduced=(), stat_prefix="")
    plan = await reduction(knob, 75)
    assert plan.share is not None

    traffic = await knob.traffic(plan.share.subject)

    assert traffic is not None
    assert (traffic.total, traffic.kept) == (1000, 750)


async def test_a_release_of_another_split_is_not_forced_on_this_one(
    stand: AdminStand, control: Control
) -> None:
    tell(stand, split({"v1": 50, "v2": 50}, PREFIX), {f"{PREFIX}.v2": "5"})
    then = {f"weights {PREFIX}": {"v2": "as configured", "v9": "5"}}

    plan = await rollback(control(runtime=PREFIX), then)

    assert plan.steps == ()
    assert "other clusters now" in plan.warnings[0]


@pytest.mark.parametrize(
    ("given", "final", "state", "text"),
    [
        ("", "", "as configured", ""),
        ("25", "25", "25", "25"),
        ("", "9", "9 from below", ""),
        ("25", "9", "25, overridden by 9", ""),
    ],
)
def test_a_state_tells_apart_what_is_set_and_what_is_in_force(
    given: str, final: str, state: str, text: str
) -> None:
    assert value_state(Value(given, final)) == state
    assert text_of(state) == text


async def test_only_a_fleet_with_envoy_has_this_control() -> None:
    kit = Kit(SystemClock(), Http({}, Tls()))

    assert [c.name for c in controls(Fleet(gateway=Envoy("http://127.0.0.1:9901")), kit)] == ["envoy"]
    assert controls(Fleet(gateway=CommandGateway("a", "b")), kit) == []
