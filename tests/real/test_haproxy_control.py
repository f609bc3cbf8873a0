"""HAProxy, the real one: the share that was asked for is the share that is served, and undo is exact."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from console.controls.haproxy import HaproxyControl
from console.domain.action import Action, ActionKind
from console.domain.plan import ControlError
from console.domain.run import Outcome, Result
from console.domain.states import holds
from console.domain.surfaces import Haproxy as Settings
from console.domain.surfaces import HaproxyRoute
from tests.parts.gateways import Shares, carry_out, door, reduction, rollback, undo
from tests.parts.backends import Backends, backends
from tests.parts.haproxy import Haproxy
from tests.parts.load import Stream, under_load

NEAR = 0.03
ENOUGH = 1500
STREAM = Stream("ranker", clients=4)

Start = Callable[..., Haproxy]


def config(servers: str, algorithm: str = "roundrobin", front: str = "", back: str = "") -> str:
    return f"""
frontend gw
  bind 127.0.0.1:{{port}}
  {front}
  default_backend triton
backend triton
  balance {algorithm}
  {back}
{servers}
"""


def servers(behind: Backends, **options: str) -> str:
    lines = (
        f"  server {name} 127.0.0.1:{port} {options.get(name, '')}" for name, port in behind.ports.items()
    )
    return "\n".join(lines)


SHED = """http-request set-var(txn.shed) str(ranker),map({folder}/shed.map,0)
  http-request return status 429 hdr Retry-After 1 if { rand(100),sub(txn.shed) lt 0 }"""


@pytest.fixture
async def behind() -> AsyncIterator[Backends]:
    async with backends(("v1", "v2", "v3")) as found:
        yield found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Haproxy] = []

    def begin(text: str, level: str = "admin") -> Haproxy:
        (tmp_path / "shed.map").write_text("somebody-else 0\n")
        started.append(Haproxy(tmp_path, text, level))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


def control(gateway: Haproxy, *, shed: bool = False, servers: tuple[str, ...] = ("v2",)) -> HaproxyControl:
    shedding = {"shed_map": f"{gateway.folder}/shed.map", "shed_key": "ranker"} if shed else {}
    return HaproxyControl(Settings(gateway.address, (HaproxyRoute("rank*", "triton", servers, **shedding),)))


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
    start: Start, behind: Backends, percent: int, weights: dict[str, str]
) -> None:
    gateway = start(config(servers(behind, **weights)))
    knob = control(gateway)
    before = gateway.ask("show servers state triton")

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, percent)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert await shares.counted() == pytest.approx(percent / 100, abs=NEAR)
        assert shares.served("v2") == pytest.approx(percent / 100, abs=NEAR)
        await undo(knob, plan.steps)

    assert tally.failures == []
    assert settings_of(gateway.ask("show servers state triton")) == settings_of(before)


def settings_of(states: str) -> list[list[str]]:
    """Name, administrative state, weights: what an operator sets."""
    rows = [line.split(" ") for line in states.splitlines()[2:] if line]
    return [[row[3], row[6], row[7], row[8]] for row in rows]


async def test_two_servers_of_the_model_share_what_it_keeps(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind, v1="weight 100", v2="weight 100", v3="weight 50")))
    knob = control(gateway, servers=("v2", "v3"))

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, 15)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert await shares.counted() == pytest.approx(0.15, abs=NEAR)
        assert shares.served("v2") == pytest.approx(0.10, abs=NEAR)
        assert shares.served("v3") == pytest.approx(0.05, abs=NEAR)

    assert tally.failures == []


async def test_a_reload_forgets_and_is_seen_as_drift_and_so_undo_stops(
    start: Start, behind: Backends
) -> None:
    gateway = start(config(servers(behind)))
    knob = control(gateway)
    plan = await reduction(knob, 10)
    await carry_out(knob, plan.steps)
    assert all([holds(step.after, await knob.read(step)) for step in plan.steps])

    gateway.reload()

    assert not any([holds(step.after, await knob.read(step)) for step in plan.steps])
    assert all([holds(step.before, await knob.read(step)) for step in plan.steps])


async def test_asked_again_there_is_nothing_to_change_but_the_share_is_counted(
    start: Start, behind: Backends
) -> None:
    knob = control(start(config(servers(behind))))
    await carry_out(knob, (await reduction(knob, 20)).steps)

    again = await reduction(knob, 20)

    assert again.steps == ()
    assert again.share is not None
    assert "already" in again.warnings[0]


async def test_a_drained_server_is_given_a_share_again_with_a_warning(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind)))
    knob = control(gateway)
    await carry_out(knob, (await reduction(knob, 0)).steps)
    assert "triton 2 v2 127.0.0.1 2 8" in gateway.ask("show servers state triton")

    plan = await reduction(knob, 30)
    async with under_load(gateway.url, STREAM):
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert shares.served("v2") == pytest.approx(0.30, abs=NEAR)

    assert "more traffic than now: 0.0% → 30.0%" in plan.warnings[0]


async def test_a_hundred_percent_is_the_configuration_again(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind, v2="weight 3")))
    knob = control(gateway)
    before = settings_of(gateway.ask("show servers state triton"))
    for percent in (7, 0):
        await carry_out(knob, (await reduction(knob, percent)).steps)

    await carry_out(knob, (await reduction(knob, 100)).steps)

    assert settings_of(gateway.ask("show servers state triton")) == before


@pytest.mark.parametrize("algorithm", ["static-rr", "source", "uri"])
async def test_a_static_algorithm_takes_all_or_nothing(
    start: Start, behind: Backends, algorithm: str
) -> None:
    gateway = start(config(servers(behind), algorithm))
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


@pytest.mark.parametrize("side", ["front", "back"])
async def test_a_map_sheds_the_rest_with_429_and_says_when_to_come_back(
    start: Start, behind: Backends, side: str
) -> None:
    gateway = start(config(servers(behind), **{side: SHED}))
    knob = control(gateway, shed=True, servers=())

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, 75)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        before = len(tally.failures), tally.ok
        await shares.after(2 * ENOUGH)
        shed, ok = len(tally.failures) - before[0], tally.ok - before[1]
        assert ok / (ok + shed) == pytest.approx(0.75, abs=NEAR)
        assert await shares.counted() == pytest.approx(0.75, abs=NEAR)
        await undo(knob, plan.steps)

    assert {failure[:3] for failure in tally.failures} == {"429"}
    assert any("burns the error budget" in said for said in plan.warnings)
    assert any("reload forgets" in said for said in plan.warnings)
    assert "ranker" not in gateway.ask(f"show map {gateway.folder}/shed.map")


async def test_shedding_is_what_is_left_where_the_model_has_all_servers(
    start: Start, behind: Backends
) -> None:
    gateway = start(config(servers(behind), front=SHED))
    knob = control(gateway, shed=True, servers=("v1", "v2", "v3"))

    plan = await reduction(knob, 40)

    assert [step.after for step in plan.steps] == [{"value": "60"}]
    assert "nowhere else" in plan.warnings[0]


async def test_a_rollback_brings_the_route_of_the_release_back(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind), front=SHED))
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


async def test_a_socket_without_the_right_level_is_a_refusal(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind)), level="operator")

    plan = await reduction(control(gateway), 50)

    assert plan.steps == ()
    assert "level admin" in plan.refusals[0]


async def test_names_that_haproxy_does_not_know_are_said_with_those_it_knows(
    start: Start, behind: Backends
) -> None:
    gateway = start(config(servers(behind)))

    plan = await reduction(control(gateway, servers=("v9",)), 50)

    assert plan.refusals == ("backend triton has no server v9 (it has v1, v2, v3)",)


async def test_the_socket_may_be_an_address(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind)))
    gateway.address, path = f"127.0.0.1:{gateway.runtime}", gateway.address
    knob = control(gateway)

    plan = await reduction(knob, 0)
    await carry_out(knob, plan.steps)
    gateway.address = path

    assert f"tcp-connect:127.0.0.1:{gateway.runtime}" in plan.steps[0].call
    assert " v2 127.0.0.1 2 8 " in gateway.ask("show servers state triton")


async def test_through_the_door_the_share_is_counted_drift_is_noticed_and_restore_is_exact(
    start: Start, behind: Backends
) -> None:
    gateway = start(config(servers(behind)))
    before = settings_of(gateway.ask("show servers state triton"))
    opened = door(control(gateway))

    async with under_load(gateway.url, STREAM) as (tally,):
        run = await opened.run(await opened.plan(Action(ActionKind.REDUCE, model="ranker", percent=20)))
        assert await opened.drifts() == ()
        restored = await opened.run(await opened.plan(Action(ActionKind.RESTORE, model="ranker")))

    assert run.result is Result.VERIFIED, run.message
    assert run.measured is not None
    assert run.measured.share == pytest.approx(0.20, abs=NEAR)
    assert restored.result is Result.VERIFIED
    assert settings_of(gateway.ask("show servers state triton")) == before
    assert tally.failures == []


async def test_a_reload_between_is_drift_with_words_for_the_operator(start: Start, behind: Backends) -> None:
    gateway = start(config(servers(behind)))
    opened = door(control(gateway))
    async with under_load(gateway.url, STREAM):
        run = await opened.run(await opened.plan(Action(ActionKind.REDUCE, model="ranker", percent=0)))
    assert run.steps[0].outcome is Outcome.DONE

    gateway.reload()

    (drift,) = await opened.drifts()
    assert drift.sentence == "state of triton/v2 was drain, is ready"
