"""HAProxy, the real one: shedding, the route of a release, and the whole way through the door."""

from collections.abc import Callable

import pytest

from console.controls.haproxy.control import HaproxyControl
from console.domain.action import Action, ActionKind
from console.domain.run import Outcome, Result
from tests.parts.backends import Backends
from tests.parts.gateways import Shares, carry_out, chance, door, reduction, rollback, undo
from tests.parts.haproxy import Haproxy, one_backend, servers, settings_of
from tests.parts.load import Stream, under_load

ENOUGH = 1500
STREAM = Stream("ranker", clients=4)

Start = Callable[..., Haproxy]
Control = Callable[..., HaproxyControl]


SHED = """http-request set-var(txn.shed) str(ranker),map({folder}/shed.map,0)
  http-request return status 429 hdr Retry-After 1 if { rand(100),sub(txn.shed) lt 0 }"""


@pytest.mark.parametrize("side", ["front", "back"])
async def test_a_map_sheds_the_rest_with_429_and_says_when_to_come_back(
    start: Start, behind: Backends, control: Control, side: str
) -> None:
    gateway = start(one_backend(servers(behind), **{side: SHED}))
    knob = control(gateway, shed=True, servers=())

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
    assert any("reload forgets" in said for said in plan.warnings)
    assert "ranker" not in gateway.ask(f"show map {gateway.folder}/shed.map")


async def test_shedding_is_what_is_left_where_the_model_has_all_servers(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind), front=SHED))
    knob = control(gateway, shed=True, servers=("v1", "v2", "v3"))

    plan = await reduction(knob, 40)

    assert [step.after for step in plan.steps] == [{"value": "60"}]
    assert "nowhere else" in plan.warnings[0]


async def test_a_rollback_brings_the_route_of_the_release_back(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind), front=SHED))
    knob = control(gateway, shed=True)
    good = (await knob.capture(["ranker"])).routes
    same = await rollback(knob, good)
    gateway.ask("set server triton/v2 weight 77")
    gateway.ask("set server triton/v2 state drain")
    gateway.ask(f"add map {gateway.folder}/shed.map ranker 30")

    plan = await rollback(knob, good)
    await carry_out(knob, plan.steps)

    assert same.steps == ()
    assert same.parts[0].standing.value == "same"
    assert plan.parts[0].standing.value == "will restore"
    assert (await knob.capture(["ranker"])).routes == good
    assert (await rollback(knob, None)).parts[0].standing.value == "unknown"


async def test_through_the_door_the_share_is_counted_drift_is_noticed_and_restore_is_exact(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)))
    before = settings_of(gateway.ask("show servers state triton"))
    opened = door(control(gateway))

    async with under_load(gateway.url, STREAM) as (tally,):
        run = await opened.run(await opened.plan(Action(ActionKind.REDUCE, model="ranker", percent=20)))
        assert await opened.drifts() == ()
        restored = await opened.run(await opened.plan(Action(ActionKind.RESTORE, model="ranker")))

    assert run.result is Result.VERIFIED, run.message
    assert run.measured is not None
    assert run.measured.share == chance(0.20, run.measured.requests)
    assert restored.result is Result.VERIFIED
    assert settings_of(gateway.ask("show servers state triton")) == before
    assert tally.failures == []


async def test_a_reload_between_is_drift_with_words_for_the_operator(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)))
    opened = door(control(gateway))
    async with under_load(gateway.url, STREAM):
        run = await opened.run(await opened.plan(Action(ActionKind.REDUCE, model="ranker", percent=0)))
    assert run.steps[0].outcome is Outcome.DONE

    gateway.reload()

    (drift,) = await opened.drifts()
    assert drift.sentence == "state of triton/v2 was drain, is ready"
