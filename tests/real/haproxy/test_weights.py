"""HAProxy, the real one: the share that was asked for is the share that is served, and undo is exact."""

from collections.abc import Callable

import pytest

from console.controls.haproxy.control import HaproxyControl
from console.domain.plan import ControlError
from console.domain.states import holds
from tests.parts.backends import Backends
from tests.parts.gateways import Shares, carry_out, reduction, undo
from tests.parts.haproxy import Haproxy, one_backend, servers, settings_of
from tests.parts.load import Stream, under_load

ENOUGH = 1500
STREAM = Stream("ranker", clients=4)

Start = Callable[..., Haproxy]
Control = Callable[..., HaproxyControl]


@pytest.mark.parametrize("percent", [50, 25, 10, 0])
@pytest.mark.parametrize(
    "weights",
    [
        {"v1": "weight 100", "v2": "weight 200", "v3": "weight 50"},
        {},
        {"v1": "disabled", "v2": "weight 60", "v3": "weight 7"},
    ],
    ids=["unequal weights", "default weights", "one in maintenance"],
)
async def test_the_share_asked_for_is_served_and_no_request_fails(
    start: Start, behind: Backends, control: Control, percent: int, weights: dict[str, str]
) -> None:
    gateway = start(one_backend(servers(behind, **weights)))
    knob = control(gateway)
    before = gateway.ask("show servers state triton")

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, percent)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert await shares.counted() == shares.near(percent / 100)
        assert shares.served("v2") == shares.near(percent / 100)
        await undo(knob, plan.steps)

    assert tally.failures == []
    assert settings_of(gateway.ask("show servers state triton")) == settings_of(before)


async def test_two_servers_of_the_model_share_what_it_keeps(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind, v1="weight 100", v2="weight 100", v3="weight 50")))
    knob = control(gateway, servers=("v2", "v3"))

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, 15)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert await shares.counted() == shares.near(0.15)
        assert shares.served("v2") == shares.near(0.10)
        assert shares.served("v3") == shares.near(0.05)

    assert tally.failures == []


async def test_a_reload_forgets_and_is_seen_as_drift_and_so_undo_stops(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)))
    knob = control(gateway)
    plan = await reduction(knob, 10)
    await carry_out(knob, plan.steps)
    assert all([holds(step.after, await knob.read(step)) for step in plan.steps])

    gateway.reload()

    assert not any([holds(step.after, await knob.read(step)) for step in plan.steps])
    assert all([holds(step.before, await knob.read(step)) for step in plan.steps])


async def test_asked_again_there_is_nothing_to_change_but_the_share_is_counted(
    start: Start, behind: Backends, control: Control
) -> None:
    knob = control(start(one_backend(servers(behind))))
    await carry_out(knob, (await reduction(knob, 20)).steps)

    again = await reduction(knob, 20)

    assert again.steps == ()
    assert again.share is not None
    assert "already" in again.warnings[0]


async def test_a_drained_server_is_given_a_share_again_with_a_warning(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)))
    knob = control(gateway)
    await carry_out(knob, (await reduction(knob, 0)).steps)
    assert "triton 2 v2 127.0.0.1 2 8" in gateway.ask("show servers state triton")

    plan = await reduction(knob, 30)
    async with under_load(gateway.url, STREAM):
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert shares.served("v2") == shares.near(0.30)

    assert "more traffic than now: 0.0% → 30.0%" in plan.warnings[0]


async def test_a_hundred_percent_is_the_configuration_again(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind, v2="weight 3")))
    knob = control(gateway)
    before = settings_of(gateway.ask("show servers state triton"))
    for percent in (7, 0):
        await carry_out(knob, (await reduction(knob, percent)).steps)

    await carry_out(knob, (await reduction(knob, 100)).steps)

    assert settings_of(gateway.ask("show servers state triton")) == before


@pytest.mark.parametrize("algorithm", ["static-rr", "source", "uri"])
async def test_a_static_algorithm_takes_all_or_nothing(
    start: Start, behind: Backends, control: Control, algorithm: str
) -> None:
    gateway = start(one_backend(servers(behind), algorithm))
    knob = control(gateway)

    some = await reduction(knob, 50)
    if algorithm == "static-rr":
        assert "takes only --to 0 and --to 100" in some.refusals[0]
    else:
        assert any("HAProxy refuses every share but 0 and 100" in said for said in some.unknown)
        with pytest.raises(ControlError, match="static LB algorithm") as refused:
            await carry_out(knob, some.steps)
        assert "--to 0" in refused.value.hint

    none = await reduction(knob, 0)
    await carry_out(knob, none.steps)
    assert " v2 127.0.0.1 2 8 " in gateway.ask("show servers state triton")
    await undo(knob, none.steps)
    assert " v2 127.0.0.1 2 0 " in gateway.ask("show servers state triton")


async def test_a_socket_without_the_right_level_is_a_refusal(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)), level="operator")

    plan = await reduction(control(gateway), 50)

    assert plan.steps == ()
    assert "level admin" in plan.refusals[0]


async def test_names_that_haproxy_does_not_know_are_said_with_those_it_knows(
    start: Start, behind: Backends, control: Control
) -> None:
    gateway = start(one_backend(servers(behind)))

    plan = await reduction(control(gateway, servers=("v9",)), 50)

    assert plan.refusals == ("backend triton has no server v9 (it has v1, v2, v3)",)


async def test_the_socket_may_be_an_address(start: Start, behind: Backends, control: Control) -> None:
    gateway = start(one_backend(servers(behind)))
    gateway.address, path = f"127.0.0.1:{gateway.runtime}", gateway.address
    knob = control(gateway)

    plan = await reduction(knob, 0)
    await carry_out(knob, plan.steps)
    gateway.address = path

    assert f"tcp-connect:127.0.0.1:{gateway.runtime}" in plan.steps[0].call
    assert " v2 127.0.0.1 2 8 " in gateway.ask("show servers state triton")
