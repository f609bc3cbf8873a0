"""From one fleet to another, to one server, and back: nothing of what was left stays."""

import asyncio

from console.domain.basis import Basis
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.prospect import Group, PrometheusReading, Worst
from console.domain.secret import Secret
from console.domain.snapshot import Snapshot
from screens.operation import begin
from tests.fake_history import NOW
from tests.parts.plans import plan
from tests.screens.acts import picture as acting_picture
from tests.screens.fleets import KnownFleets
from tests.screens.stage import Stage, staged
from tests.snapshots import fleet, model_row, snapshot, target_row

LAB = fleet("lab-0", name="lab", read_only=True)


def prod() -> Snapshot:
    return snapshot([model_row("alpha")], fleet=fleet("triton-0", headers={"admin-key": Secret("s3cret")}))


def of_lab() -> Snapshot:
    return snapshot([model_row("omega")], [target_row("lab-0")], fleet=LAB)


async def to_lab(stage: Stage) -> None:
    await stage.press("F")
    await stage.until("READ-ONLY")
    await stage.press("down", "enter")


async def test_another_fleet_is_chosen_by_name_and_nothing_of_the_old_one_is_left() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        await stage.press("2")
        await stage.until("99.9 % answered")
        await to_lab(stage)
        _, engine = await fleets.watched(stage, 0)
        assert stage.engine.closed
        await stage.until("connecting to 1 target")
        assert "alpha" not in stage.text
        assert stage.lines[0].startswith(" lab")
        assert "READ-ONLY" in stage.lines[0]
        engine.publish(of_lab())
        await stage.until("omega")
        assert stage.app.watching.selected == ModelVersion("omega", "7")
        for key in "34567":
            await stage.press(key)
        await stage.press("1")
        await stage.until("omega")


async def test_late_pictures_of_a_fleet_that_was_left_are_not_shown() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        await to_lab(stage)
        _, engine = await fleets.watched(stage, 0)
        engine.publish(of_lab())
        await stage.until("omega")
        await stage.show(prod())
        assert "alpha" not in stage.text


async def test_acting_keys_follow_the_fleet_that_is_watched() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        await stage.until("freeze")
        await to_lab(stage)
        await fleets.watched(stage, 0)
        await stage.until("freeze", gone=True)


async def test_a_fleet_that_cannot_be_opened_is_said_and_the_present_one_goes_on() -> None:
    for known in (KnownFleets(prod().fleet, LAB, broken="lab"), KnownFleets(prod().fleet, LAB, unmade="lab")):
        async with staged(prod(), fleets=known) as stage:
            await to_lab(stage)
            await stage.until("KEY" if known.broken else "No space left")
            assert not stage.engine.closed
            assert "alpha" in stage.text
            await stage.show(snapshot([model_row("later")], fleet=prod().fleet))
            await stage.until("later")


async def test_the_palette_opens_a_fleet_by_name() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        await stage.wait(stage.app.fleets)
        await stage.press("colon", *"Fleet: lab")
        await stage.until("Fleet: lab")
        await stage.press("enter")
        assert (await fleets.watched(stage, 0))[0].name == "lab"


async def test_the_chooser_stays_with_the_present_fleet_on_escape_and_on_itself() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        await stage.press("F")
        await stage.until("READ-ONLY")
        await stage.press("escape", "F")
        await stage.until("READ-ONLY")
        await stage.press("enter")
        await stage.until("READ-ONLY", gone=True)
        assert fleets.opened == []
        assert not stage.engine.closed


async def test_a_console_that_was_not_told_which_fleet_asks_at_once() -> None:
    async with staged(prod(), fleets=KnownFleets(prod().fleet, LAB), ask=True) as stage:
        await stage.until("FLEET")
        await stage.until("READ-ONLY")
        await stage.press("escape")
        await stage.until("alpha")


async def test_while_a_plan_runs_leaving_asks_first_and_then_gives_it_up() -> None:
    fleets = KnownFleets(acting_picture().fleet, LAB)
    async with staged(acting_picture(), fleets=fleets) as stage:
        stage.app.watching.operation = begin(plan(), 0.0)
        await to_lab(stage)
        await stage.until("LEAVE WHILE A PLAN RUNS?")
        assert "roll back multi" in stage.text
        await stage.press("enter")
        await stage.until("WHILE A PLAN RUNS", gone=True)
        assert fleets.opened == []
        await to_lab(stage)
        await stage.until("LEAVE WHILE A PLAN RUNS?")
        await stage.press("tab", "enter")
        await fleets.watched(stage, 0)
        assert stage.app.watching.operation is None


async def test_enter_opens_a_listed_server_by_itself_with_its_headers_and_escape_comes_back() -> None:
    shown = prod()
    fleets = KnownFleets(shown.fleet)
    async with staged(shown, fleets=fleets) as stage:
        await stage.press("7")
        await stage.until("SERVER")
        await stage.press("enter")
        one, engine = await fleets.watched(stage, 0)
        assert [target.url for target in one.targets] == ["http://triton-0:8000"]
        assert one.headers == shown.fleet.headers
        await stage.until("prod › triton-0")
        engine.publish(snapshot([model_row("alone")], fleet=one))
        await stage.until("alone")
        await stage.press("escape")
        back, _ = await fleets.watched(stage, 1)
        assert back == shown.fleet
        assert engine.closed
        await stage.until("prod › triton-0", gone=True)


def through_prometheus(**changes: object) -> Snapshot:
    known: Fleet = fleet(
        targets=(Target("ml", "http://prom:9090", "", scraped=True),), through_prometheus=True, **changes
    )
    slow = Worst(ModelVersion("alpha", "7"), "10.0.0.3:8002", {"pod": "triton-x"}, 183.0, Basis.SUMMARY, 4.0)
    told = PrometheusReading(NOW, (Group("ml", {}, 11, 12),), (slow,), ())
    return snapshot([model_row("alpha")], [target_row("ml")], fleet=known, prometheus=told)


async def test_credentials_reach_a_server_that_prometheus_names_only_when_that_is_said() -> None:
    shown = through_prometheus(headers={"admin-key": Secret("s3cret")})
    fleets = KnownFleets(shown.fleet)
    async with staged(shown, fleets=fleets) as stage:
        await stage.press("7")
        await stage.until("triton-x")
        await stage.press("j", "enter")
        await stage.until("Prometheus names http://10.0.0.3:8000")
        await stage.until("sends admin-key to http://10.0.0.3:8000")
        assert "s3cret" not in stage.text
        await stage.press("enter")
        one, _ = await fleets.watched(stage, 0)
        assert one.headers == {}
        assert one.targets[0].url == "http://10.0.0.3:8000"
        assert not one.through_prometheus


async def test_saying_so_sends_them() -> None:
    shown = through_prometheus(headers={"admin-key": Secret("s3cret")})
    fleets = KnownFleets(shown.fleet)
    async with staged(shown, fleets=fleets) as stage:
        await stage.press("7")
        await stage.until("triton-x")
        await stage.press("j", "enter")
        await stage.until("without headers")
        await stage.press("down", "enter")
        one, _ = await fleets.watched(stage, 0)
        assert one.headers == shown.fleet.headers


async def test_a_group_is_no_server_and_says_which_are() -> None:
    shown = through_prometheus()
    fleets = KnownFleets(shown.fleet)
    async with staged(shown, fleets=fleets) as stage:
        await stage.press("7")
        await stage.until("11/12 up")
        await stage.press("enter")
        await stage.until("a group of servers has no address")
        assert fleets.opened == []


async def test_a_single_server_opens_no_server_out_of_itself() -> None:
    shown = prod()
    fleets = KnownFleets(shown.fleet)
    async with staged(shown, fleets=fleets) as stage:
        await stage.press("7")
        await stage.until("SERVER")
        await stage.press("enter")
        one, engine = await fleets.watched(stage, 0)
        engine.publish(snapshot([model_row("alone")], fleet=one))
        await stage.until("alone")
        await stage.wait(lambda: stage.app.is_screen_installed("fleet"))
        await stage.press("7")
        await stage.until("SERVER")
        await stage.press("enter")
        await stage.until("is open by itself already")
        assert len(fleets.opened) == 1


async def test_the_old_engine_is_closed_before_the_new_one_runs() -> None:
    fleets = KnownFleets(prod().fleet, LAB)
    async with staged(prod(), fleets=fleets) as stage:
        hold = asyncio.Event()
        close = stage.engine.close

        async def slowly() -> None:
            await hold.wait()
            await close()

        stage.engine.close = slowly  # type: ignore[method-assign]
        await to_lab(stage)
        await stage.until("connecting to 1 target")
        assert not fleets.opened[0][1].running.is_set()
        hold.set()
        await fleets.watched(stage, 0)
        assert stage.engine.closed
