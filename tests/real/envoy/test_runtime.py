"""Envoy, the real one: weights set together, shedding, and what a restart forgets."""

from collections.abc import Callable
from typing import Any

import pytest

from console.controls.envoy.control import EnvoyControl
from console.domain.action import Action, ActionKind
from console.domain.run import Result
from console.domain.states import holds
from tests.parts.backends import Backends
from tests.parts.envoy import PREFIX, SHED, Envoy
from tests.parts.gateways import Shares, carry_out, chance, door, reduction, rollback, undo
from tests.parts.load import Stream, under_load

ENOUGH = 1500
STREAM = Stream("ranker", clients=4)

Start = Callable[..., Envoy]
Control = Callable[..., EnvoyControl]


async def test_runtime_weights_give_the_share_and_undo_leaves_no_trace(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start()
    knob = control(gateway, runtime=PREFIX)

    async with under_load(gateway.url, STREAM) as (tally,):
        for percent in (50, 25, 10, 0):
            plan = await reduction(knob, percent)
            await carry_out(knob, plan.steps)
            assert plan.share is not None
            shares = await Shares(knob, behind, plan.share.subject).begin()
            await shares.after(ENOUGH)
            assert await shares.counted() == shares.near(percent / 100)
            assert shares.served("v2") == shares.near(percent / 100)
            assert shares.served("v1") / (shares.served("v3") or 1) == pytest.approx(6, rel=0.6)
            await undo(knob, plan.steps)

    assert tally.failures == []
    assert gateway.runtime() == {}


async def test_all_weights_go_in_one_request_that_the_operator_can_read(
    start: Start, control: Control
) -> None:
    gateway = start()

    plan = await reduction(control(gateway, runtime=PREFIX), 10)

    (step,) = plan.steps
    query = f"{PREFIX}.v1=77&{PREFIX}.v2=10&{PREFIX}.v3=13"
    assert step.call == f"curl -sS -X POST '{gateway.admin}/runtime_modify?{query}'"
    assert any("forgets its runtime values when it restarts" in said for said in plan.warnings)


async def test_what_somebody_had_set_before_comes_back_exactly(start: Start, control: Control) -> None:
    gateway = start()
    gateway.set(f"{PREFIX}.v1=5&{PREFIX}.v2=3")
    before = gateway.runtime()
    knob = control(gateway, runtime=PREFIX)

    plan = await reduction(knob, 10)
    await carry_out(knob, plan.steps)
    during = gateway.runtime()
    await undo(knob, plan.steps)

    assert during[f"{PREFIX}.v2"] == "10"
    assert gateway.runtime() == before


async def test_weights_below_the_admin_layer_count_again_after_undo(start: Start, control: Control) -> None:
    below = {"name": "base", "static_layer": {f"{PREFIX}.v1": 1, f"{PREFIX}.v2": 9, f"{PREFIX}.v3": 0}}
    gateway = start(layers=[below, {"name": "mine", "admin_layer": {}}])
    knob = control(gateway, runtime=PREFIX)

    plan = await reduction(knob, 40)
    await carry_out(knob, plan.steps)
    await undo(knob, plan.steps)
    whole = await reduction(knob, 100)

    assert gateway.runtime() == {f"{PREFIX}.v1": "1", f"{PREFIX}.v2": "9", f"{PREFIX}.v3": "0"}
    assert whole.steps == ()
    assert whole.share is not None
    assert whole.share.asked == 0.9


async def test_a_hundred_percent_unsets_what_was_set(start: Start, control: Control) -> None:
    gateway = start()
    knob = control(gateway, runtime=PREFIX)
    await carry_out(knob, (await reduction(knob, 10)).steps)

    plan = await reduction(knob, 100)
    await carry_out(knob, plan.steps)

    assert gateway.runtime() == {}
    assert plan.share is not None
    assert plan.share.asked == 0.3


async def test_a_restart_forgets_and_is_seen_as_drift(start: Start, control: Control) -> None:
    gateway = start()
    knob = control(gateway, runtime=PREFIX)
    (step,) = (await reduction(knob, 10)).steps
    await carry_out(knob, [step])

    gateway.restart()

    assert not holds(step.after, await knob.read(step))
    assert holds(step.before, await knob.read(step))


@pytest.mark.parametrize(
    ("layers", "refusal"),
    [
        ([], "no admin layer"),
        (
            [{"name": "a", "admin_layer": {}}, {"name": "b", "static_layer": {f"{PREFIX}.v2": 5}}],
            "a later layer of Envoy's runtime overrides the weight of v2",
        ),
    ],
)
async def test_a_runtime_that_would_not_take_effect_is_a_refusal(
    start: Start, control: Control, layers: list[dict[str, Any]], refusal: str
) -> None:
    plan = await reduction(control(start(layers=layers), runtime=PREFIX), 10)

    assert plan.steps == ()
    assert refusal in plan.refusals[0]


async def test_clusters_that_are_not_the_whole_split_are_refused(start: Start, control: Control) -> None:
    plan = await reduction(control(start(), runtime=PREFIX, clusters=("v1", "v2")), 10)

    assert "no route of Envoy splits between exactly v1, v2" in plan.refusals[0]


async def test_a_fault_sheds_the_rest_with_429(start: Start, behind: Backends, control: Control) -> None:
    gateway = start()
    knob = control(gateway, shed=SHED, clusters=(), reduced=())

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, 75)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        before = len(tally.failures), tally.ok
        await shares.after(2 * ENOUGH)
        shed, ok = len(tally.failures) - before[0], tally.ok - before[1]
        assert ok / (ok + shed) == chance(0.75, ok + shed)
        assert await shares.counted() == shares.near(0.75)
        await undo(knob, plan.steps)

    assert {failure[:3] for failure in tally.failures} == {"429"}
    assert any("burns the error budget" in said for said in plan.warnings)
    assert gateway.runtime() == {}


async def test_a_key_that_nothing_uses_is_a_refusal(start: Start, control: Control) -> None:
    plan = await reduction(control(start(), shed="shed.nobody", clusters=(), reduced=()), 75)

    assert plan.steps == ()
    assert "nothing in Envoy's configuration uses the runtime key shed.nobody" in plan.refusals[0]


async def test_a_rollback_brings_the_route_of_the_release_back(start: Start, control: Control) -> None:
    gateway = start()
    knob = control(gateway, runtime=PREFIX, shed=SHED)
    good = (await knob.capture(["ranker"])).routes
    gateway.set(f"{PREFIX}.v1=1&{PREFIX}.v2=1&{PREFIX}.v3=1&{SHED}=5")

    plan = await rollback(knob, good)
    await carry_out(knob, plan.steps)

    assert plan.parts[0].standing.value == "will restore"
    assert gateway.runtime() == {}
    assert (await rollback(knob, good)).parts[0].standing.value == "same"


async def test_through_the_door_the_share_is_counted_and_restore_leaves_no_trace(
    start: Start, control: Control
) -> None:
    gateway = start()
    opened = door(control(gateway, runtime=PREFIX))

    async with under_load(gateway.url, STREAM) as (tally,):
        run = await opened.run(await opened.plan(Action(ActionKind.REDUCE, model="ranker", percent=20)))
        assert await opened.drifts() == ()
        restored = await opened.run(await opened.plan(Action(ActionKind.RESTORE, model="ranker")))

    assert run.result is Result.VERIFIED, run.message
    assert run.measured is not None
    assert run.measured.share == chance(0.20, run.measured.requests)
    assert restored.result is Result.VERIFIED
    assert gateway.runtime() == {}
    assert tally.failures == []
