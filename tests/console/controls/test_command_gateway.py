"""Traffic reduced by commands of the settings, with a file that holds the share."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.action import Action, ActionKind
from console.domain.run import Result
from console.domain.surfaces import CommandGateway
from tests.parts.shell_commands import World, run


def reduce(percent: float, model: str = "ranker") -> Action:
    return Action(ActionKind.REDUCE, model=model, percent=percent)


async def test_traffic_is_reduced_further_and_comes_back_step_by_step(tmp_path: Path):
    world = World(tmp_path).gateway()
    door = world.door()
    first = await run(door, reduce(33.3))
    assert first.result is Result.VERIFIED
    assert world.thing.read_text() == "33.3"
    second = await run(door, reduce(10))
    assert world.thing.read_text() == "10"
    assert (await run(door, Action(ActionKind.UNDO, plan=second.id))).result is Result.VERIFIED
    assert world.thing.read_text() == "33.3"
    assert (await run(door, Action(ActionKind.RESTORE, model="ranker"))).result is Result.VERIFIED
    assert not world.thing.exists()


async def test_without_a_check_the_record_tells_what_is_reduced(tmp_path: Path):
    world = World(tmp_path).gateway(check=False)
    done = await run(world.door(), reduce(20))
    assert (await world.door().plan(reduce(20))).refusal == "ranker is reduced to 20 % already"
    assert (await run(world.door(), Action(ActionKind.UNDO, plan=done.id))).result is Result.VERIFIED
    assert not world.thing.exists()


async def test_a_gateway_that_rounds_has_still_done_it(tmp_path: Path):
    world = World(tmp_path).gateway()
    assert isinstance(world.fleet.gateway, CommandGateway)
    rounding = replace(world.fleet.gateway, check=f"printf '%.0f%%\\n' $(cat {world.thing} || echo 100)")
    world.fleet = replace(world.fleet, gateway=rounding)
    assert (await run(world.door(), reduce(33.3))).result is Result.VERIFIED


async def test_somebody_who_changes_the_share_meanwhile_is_not_overwritten(tmp_path: Path):
    world = World(tmp_path).gateway()
    door = world.door()
    plan = await door.plan(reduce(20))
    world.thing.write_text("70")
    assert (await door.run(plan)).result is Result.CHANGED
    assert world.thing.read_text() == "70"


@pytest.mark.parametrize("said", ["", "many", "101", "-1", "5 of 10"])
async def test_a_check_that_prints_no_percentage_is_unknown(tmp_path: Path, said: str):
    world = World(tmp_path).gateway()
    assert isinstance(world.fleet.gateway, CommandGateway)
    world.fleet = replace(world.fleet, gateway=replace(world.fleet.gateway, check=f"echo '{said}'"))
    assert "does not print a percentage" in (await world.door().plan(reduce(20))).refusal


@pytest.mark.parametrize("name", ["a b", "$(touch evil)", "';touch evil;'", "-rf", "a\nb", "日本", ""])
async def test_a_name_that_a_shell_might_act_on_is_refused(tmp_path: Path, name: str):
    world = World(tmp_path).gateway()
    plan = await world.door().plan(reduce(20, name))
    assert plan.steps == ()
    assert "cannot be put into a shell command safely" in plan.refusal


async def test_the_call_is_what_is_run(tmp_path: Path):
    world = World(tmp_path).gateway()
    plan = await world.door().plan(reduce(20, "llm/chat-7b:2"))
    subprocess.run(["/bin/sh", "-c", plan.steps[0].call], check=True)  # noqa: ASYNC221
    assert world.thing.read_text() == "20"
    assert world.models.read_text() == "llm/chat-7b:2\n"
