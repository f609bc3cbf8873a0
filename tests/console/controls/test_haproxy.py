"""What the HAProxy control proposes for the states a real one rarely shows."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from console.controls.haproxy.control import HaproxyControl, controls
from console.controls.haproxy.tables import admitted
from console.domain.action import Action, ActionKind
from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.situation import Traffic
from console.domain.surfaces import CommandGateway, Haproxy, HaproxyRoute
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.gateways import reduction, rollback, situation
from tests.parts.runtime_socket import RuntimeSocket, runtime_socket, triton

UP, DOWN = "2 0", "0 0"
MAP = "/etc/haproxy/shed.map"
Gateway = Callable[..., AbstractAsyncContextManager[tuple[HaproxyControl, RuntimeSocket]]]


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    @asynccontextmanager
    async def make(
        answers: Mapping[str, str], route: HaproxyRoute | None = None
    ) -> AsyncIterator[tuple[HaproxyControl, RuntimeSocket]]:
        async with runtime_socket(tmp_path, answers) as found:
            settings = Haproxy(str(found.path), (route or HaproxyRoute("ranker", "triton", ("v2",)),))
            yield HaproxyControl(settings), found

    return make


def shedding(*entries: str) -> tuple[dict[str, str], HaproxyRoute]:
    listed = "\n".join(f"0x55d61172394{n} {entry}" for n, entry in enumerate(entries))
    answers = {**triton({"v1": f"{UP} 1 1"}), f"show map {MAP}": f"{listed}\n\n"}
    return answers, HaproxyRoute("ranker", "triton", (), MAP, "ranker")


async def test_one_step_against_one_other_server_names_the_exact_command(gateway: Gateway) -> None:
    async with gateway(triton({"v1": f"{UP} 100 100", "v2": f"{UP} 100 100"})) as (control, _):
        plan = await reduction(control, 10)

    (step,) = plan.steps
    assert (step.before, step.after) == (100, 11)
    assert "set server triton/v2 weight 11" in step.call
    assert step.inverse is not None
    assert "set server triton/v2 weight 100" in step.inverse.call
    assert plan.share is not None
    assert plan.share.asked == 0.10


@pytest.mark.parametrize("mine", ["v1", "v2", "v3"])
async def test_on_the_way_the_model_never_gets_more_than_before_or_after(gateway: Gateway, mine: str) -> None:
    names = ("v1", "v2", "v3")
    route = HaproxyRoute("ranker", "triton", (mine,))
    async with gateway(triton(dict.fromkeys(names, f"{UP} 1 1")), route) as (control, _):
        plan = await reduction(control, 10)
    weights = dict.fromkeys(names, 1)
    shares = [1 / 3]
    for step in plan.steps:
        weights[step.subject.rpartition("/")[2]] = int(str(step.after))
        shares.append(weights[mine] / sum(weights.values()))

    assert len(plan.steps) == 3
    assert max(shares) == shares[0]
    assert shares[-1] == pytest.approx(0.10, abs=0.01)


async def test_a_model_without_a_route_is_none_of_its_business(gateway: Gateway) -> None:
    async with gateway({}) as (control, found):
        assert await control.survey(Action(ActionKind.REDUCE, model="embed", percent=5), situation()) is None
        assert await control.survey(Action(ActionKind.FREEZE), situation()) is None

    assert found.asked == []


async def test_a_survey_only_reads(gateway: Gateway) -> None:
    async with gateway(triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"})) as (control, found):
        await reduction(control, 10)
        await rollback(control, None)
        await control.capture(["ranker"])

    assert {command.partition(" ")[0] for command in found.asked} == {"show"}


@pytest.mark.parametrize(
    ("servers", "refusal"),
    [
        ({"v2": f"{UP} 1 1"}, "all servers of triton are the model's"),
        ({"v1": f"{DOWN} 1 1", "v2": f"{UP} 1 1"}, "no other server of triton is up"),
        ({"v1": "2 8 1 1", "v2": f"{UP} 1 1"}, "no other server of triton is up"),
        ({"v1": f"{UP} 0 1", "v2": f"{UP} 1 1"}, "no other server of triton is up"),
        ({"v1": f"{UP} 1 1", "v2": f"{DOWN} 1 1"}, "all of v2 are down"),
        ({"v1": f"{UP} 1 1", "v2": "0 1 1 1"}, "all of v2 are in maintenance"),
        ({"v1": f"{DOWN} 1 1", "v2": f"{DOWN} 1 1"}, "no server that is up"),
    ],
)
async def test_what_weights_cannot_do_is_refused_with_the_reason(
    gateway: Gateway, servers: dict[str, str], refusal: str
) -> None:
    async with gateway(triton(servers)) as (control, _):
        plan = await reduction(control, 10)

    assert plan.steps == ()
    assert plan.share is None
    assert refusal in plan.refusals[0]


@pytest.mark.parametrize("percent", [-1, 101])
async def test_a_share_outside_of_0_to_100_is_refused(gateway: Gateway, percent: float) -> None:
    async with gateway(triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"})) as (control, _):
        assert (await reduction(control, percent)).refusals


async def test_a_server_that_is_down_gets_its_part_for_when_it_comes_back(gateway: Gateway) -> None:
    servers = {"v1": f"{UP} 100 100", "v2": f"{UP} 100 100", "v3": f"{DOWN} 50 50"}
    route = HaproxyRoute("ranker", "triton", ("v2", "v3"))
    async with gateway(triton(servers), route) as (control, _):
        plan = await reduction(control, 10)

    assert {step.subject: step.after for step in plan.steps} == {
        "weight of triton/v2": 11,
        "weight of triton/v3": 6,
    }
    assert any("v3 of triton are down" in said for said in plan.warnings)


async def test_what_may_bend_the_share_is_said(gateway: Gateway) -> None:
    servers = {"v1": f"{UP} 100 100 4", "v2": f"{UP} 100 100"}
    async with gateway(triton(servers, "leastconn", cookie="s2")) as (control, _):
        plan = await reduction(control, 10)

    said = "\n".join([*plan.warnings, *plan.unknown])
    assert "agent checks are on" in said
    assert "by cookie" in said
    assert "balance leastconn also looks at open connections" in said
    assert "server state file" in said


async def test_backup_servers_take_nobodys_traffic(gateway: Gateway) -> None:
    async with gateway(triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"}, bck="1")) as (control, _):
        assert "no server that is up" in (await reduction(control, 10)).refusals[0]


@pytest.mark.parametrize(
    ("entries", "before", "command"),
    [
        (("other 5",), {"value": None}, "add map /etc/haproxy/shed.map ranker 90"),
        (("ranker 25", "other 5"), {"value": "25"}, "set map /etc/haproxy/shed.map ranker 90"),
    ],
)
async def test_a_missing_key_is_added_and_its_inverse_deletes_it(
    gateway: Gateway, entries: tuple[str, ...], before: object, command: str
) -> None:
    answers, route = shedding(*entries)
    async with gateway(answers, route) as (control, _):
        plan = await reduction(control, 10)

    (step,) = plan.steps
    assert step.before == before
    assert command in step.call
    assert step.inverse is not None
    back = "set map /etc/haproxy/shed.map ranker 25" if "25" in str(before) else "del map"
    assert back in step.inverse.call


@pytest.mark.parametrize(
    ("entries", "refusal"),
    [
        (("ranker 5", "ranker 6"), "2 times"),
        (("ranker on",), "no percentage"),
        (("ranker 5; set maxconn frontend gw 1",), "no percentage"),
    ],
)
async def test_a_map_that_cannot_be_restored_exactly_is_left_alone(
    gateway: Gateway, entries: tuple[str, ...], refusal: str
) -> None:
    answers, route = shedding(*entries)
    async with gateway(answers, route) as (control, _):
        plan = await reduction(control, 10)

    assert plan.steps == ()
    assert refusal in plan.refusals[0]


async def test_an_unknown_map_is_a_refusal(gateway: Gateway) -> None:
    answers, route = shedding()
    answers[f"show map {MAP}"] = "Unknown map identifier. Please use #<id> or <file>.\n\n"
    async with gateway(answers, route) as (control, _):
        assert "Unknown map identifier" in (await reduction(control, 10)).refusals[0]


@pytest.mark.parametrize("command", ["show stat", "show servers state triton"])
@pytest.mark.parametrize(
    "said", ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "# pxname,\n1\n# be_id \nx", "\x00\xff"]
)
async def test_an_answer_of_something_else_is_an_error_that_says_so(
    gateway: Gateway, command: str, said: str
) -> None:
    answers = {**triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"}), command: said}
    async with gateway(answers) as (control, _):
        with pytest.raises(SourceError) as failed:
            await reduction(control, 10)

    assert "not an answer of HAProxy" in failed.value.failure.message
    assert failed.value.failure.hint


async def test_a_server_that_is_gone_cannot_be_read(gateway: Gateway) -> None:
    async with gateway(triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"})) as (control, found):
        plan = await reduction(control, 0)
        assert await control.read(plan.steps[0]) == "ready"
        found.answers.update(triton({"v1": f"{UP} 1 1"}))
        assert await control.read(plan.steps[0]) is None
        found.answers["show servers state triton"] = "Can't find backend.\n\n"
        assert await control.read(plan.steps[0]) is None


async def test_maintenance_is_left_to_people_in_a_rollback(gateway: Gateway) -> None:
    async with gateway(triton({"v1": f"{UP} 1 1", "v2": f"{UP} 1 1"})) as (control, found):
        good = (await control.capture(["ranker"])).routes
        found.answers.update(triton({"v1": f"{UP} 1 1", "v2": "0 1 1 1"}))
        plan = await rollback(control, good)

    assert plan.steps == ()
    assert "maintenance is left to people" in plan.warnings[0]


async def test_several_routes_of_a_model_are_reduced_and_counted_together(tmp_path: Path) -> None:
    answers = triton({"v1": f"{UP} 100 100", "v2": f"{UP} 100 100"})
    routes = (HaproxyRoute("rank*", "triton", ("v2",)), HaproxyRoute("*er", "triton", ("v1",)))
    async with runtime_socket(tmp_path, answers) as found:
        control = HaproxyControl(Haproxy(str(found.path), routes))
        plan = await reduction(control, 20)
        assert plan.share is not None
        found.answers["show stat"] = found.answers["show stat"].replace("v2,2,0,,,0", "v2,2,0,,,40")
        traffic = await control.traffic(plan.share.subject)

    assert plan.share.subject == "triton/v2 + triton/v1"
    assert traffic is not None
    assert (traffic.total, traffic.kept) == (80, 40)
    assert await control_without_route(tmp_path).traffic("elsewhere/v9") is None


def control_without_route(tmp_path: Path) -> HaproxyControl:
    class Silent(HaproxyControl):
        async def _rows(self) -> list[Mapping[str, str]]:
            return []

    return Silent(Haproxy(str(tmp_path / "nobody.sock")))


def test_only_what_haproxy_refused_itself_counts_as_shed() -> None:
    def row(name: str, kind: str, **counters: int) -> dict[str, str]:
        counted = {key: str(value) for key, value in counters.items()}
        return {"pxname": name, "svname": "x", "type": kind, **counted}

    rows = [
        row("gw", "0", intercepted=30, dreq=0, hrsp_4xx=45),
        row("metrics", "0", intercepted=900, dreq=0, hrsp_4xx=0),
        row("triton", "1", stot=970, hrsp_4xx=15),
        row("triton", "2", stot=965, hrsp_4xx=10),
        row("elsewhere", "2", stot=5000, hrsp_4xx=7),
    ]

    assert admitted(rows, "triton") == Traffic(1000, 965)


async def test_only_a_fleet_with_haproxy_has_this_control() -> None:
    kit = Kit(HandClock(), Http({}, Tls()))

    assert [c.name for c in controls(Fleet(gateway=Haproxy("/run/haproxy.sock")), kit)] == ["haproxy"]
    assert controls(Fleet(gateway=CommandGateway("a", "b")), kit) == []
    assert controls(Fleet(), kit) == []
