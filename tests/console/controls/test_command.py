"""Commands of the settings through the door, with real shells and a file as the thing that is frozen or reduced."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.clock import SystemClock
from console.controls import command
from console.controls.command import control as command_control
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Tls
from console.domain.plan import ChangedError, ControlError, Plan, StillRunningError
from console.domain.run import Result
from console.ports import Control
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.shell_commands import SECRET, World, run

ROOT = Path(__file__).parents[3]
FREEZE = Action(ActionKind.FREEZE, reason="p99")


@pytest.fixture
def world(tmp_path: Path) -> World:
    thing = tmp_path / "thing"
    return World(tmp_path, command=f"echo on > {thing}", uncommand=f"rm {thing}", check=f"test -e {thing}")


@pytest.fixture
def blind(tmp_path: Path) -> World:
    """Without a check."""
    thing = tmp_path / "thing"
    return World(tmp_path, command=f"echo on > {thing}", uncommand=f"rm {thing}")


def test_settings_without_commands_have_no_such_control(tmp_path: Path):
    fleet = Fleet("prod", state=str(tmp_path))
    assert command.controls(fleet, Kit(SystemClock(), Http({}, Tls()))) == []


@pytest.mark.parametrize("which", ["world", "blind"])
async def test_a_freeze_by_command_is_run_undone_and_run_again(which: str, request: pytest.FixtureRequest):
    made: World = request.getfixturevalue(which)
    door = made.door()
    for _ in range(2):
        done = await run(door, FREEZE)
        assert done.result is Result.VERIFIED
        assert made.thing.read_text() == "on\n"
        back = await run(door, Action(ActionKind.UNDO, plan=done.id))
        assert back.result is Result.VERIFIED
        assert not made.thing.exists()
    again = await run(door, Action(ActionKind.UNDO, plan=back.id))
    assert again.result is Result.VERIFIED
    assert made.thing.exists()
    assert made.commands() == [".begin", ".exit", ".json", ".lock", ".out"]


async def test_a_freeze_without_a_way_back_says_so(tmp_path: Path):
    world = World(tmp_path, command="true")
    plan = await world.door().plan(FREEZE)
    assert plan.steps[0].inverse is None
    assert "there is no uncommand" in plan.steps[0].final
    assert any("no check in the settings" in each for each in plan.unknown)


async def test_a_freeze_that_is_in_force_already_is_not_run_again(world: World):
    world.thing.touch()
    plan = await world.door().plan(FREEZE)
    assert plan.steps == ()
    assert "in force already" in plan.warnings[0]


async def test_a_console_of_another_machine_lifts_the_freeze_from_the_lock_where_there_is_a_check(
    world: World,
):
    await run(world.door(world.lock()), FREEZE)
    other = World(world.folder)
    other.fleet = replace(world.fleet, state=str(world.folder / "elsewhere"))
    other.fleet = replace(other.fleet, freeze=replace(other.fleet.freeze, deploy_lock=_lock_path(world)))
    done = await run(other.door(other.lock(), who="bob"), Action(ActionKind.UNFREEZE))
    assert done.result is Result.VERIFIED
    assert not world.thing.exists()
    assert not (world.folder / "state" / "locks" / "prod.json").exists()


def _lock_path(world: World) -> str:
    return str(world.folder / "state" / "locks" / "prod.json")


async def test_a_command_that_fails_is_told_in_its_own_last_words_without_secrets(tmp_path: Path):
    world = World(
        tmp_path, command=f"echo first; echo 'bad key {SECRET} \033[2J' >&2; exit 3", uncommand="true"
    )
    door = world.door()
    done = await run(door, FREEZE)
    assert done.result is Result.FAILED
    assert "the command ended with 3: bad key ••• \\e[2J" in done.message
    plan = await door.plan(FREEZE)
    assert "the last command of this kind exited 3: what it left is unknown" in plan.warnings
    assert SECRET not in repr(world.journal.records)


async def test_a_command_that_floods_its_output_is_kept_bounded_and_ends(tmp_path: Path):
    world = World(tmp_path, command="yes | head -c 20000000; exit 1", uncommand="true")
    done = await run(world.door(), FREEZE)
    assert "the command ended with 1: y" in done.message
    (kept,) = (tmp_path / "state" / "commands").glob("*.out")
    assert kept.stat().st_size <= 65536


async def planned(world: World, action: Action = FREEZE) -> Plan:
    plan = await world.door().plan(action)
    assert len(plan.steps) == 1
    return plan


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.01)


async def state(control: Control, plan: Plan) -> Any:
    """The state once nothing runs any more."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(ControlError):
                return await control.read(plan.steps[0])
            await asyncio.sleep(0.01)


def gated(folder: Path) -> World:
    """Its freeze takes until somebody opens the gate."""
    gate, thing = folder / "gate", folder / "thing"
    waiting = f"touch {folder}/began; while [ ! -e {gate} ]; do sleep 0.02; done; echo on > {thing}"
    return World(folder, command=waiting, uncommand=f"rm {thing}")


async def test_a_command_that_takes_too_long_goes_on_and_its_end_is_found(tmp_path: Path):
    world = gated(tmp_path)
    control = world.control()
    plan = await planned(world)
    with pytest.raises(StillRunningError, match="goes on by itself"):
        await control.apply(replace(plan.steps[0], timeout_s=0.7))
    with pytest.raises(ControlError, match="still running"):
        await control.read(plan.steps[0])
    with pytest.raises(ChangedError, match="still running"):
        await control.apply(plan.steps[0])
    (tmp_path / "gate").touch()
    assert await state(control, plan) == plan.steps[0].after
    assert world.thing.exists()


CONSOLE = """
import asyncio, json, sys
from console.clock import SystemClock
from console.controls import command
from console.controls.command import control as command_control
from console.domain.fleet import Fleet, Tls
from console.domain.plan_json import read_step
from console.domain.surfaces import Freeze
from console.transport.http import Http
from console.transport.kit import Kit
state, freeze, step = json.loads(sys.stdin.read())
fleet = Fleet("prod", state=state, freeze=Freeze(**freeze))
control, = command.controls(fleet, Kit(SystemClock(), Http({}, Tls())))
asyncio.run(control.apply(read_step(step)))
"""


async def test_a_console_that_is_killed_leaves_the_command_alone_and_the_next_one_knows_how_it_ended(
    tmp_path: Path,
):
    import json  # noqa: PLC0415

    from console.domain.plan_json import step_json  # noqa: PLC0415

    world = gated(tmp_path)
    plan = await planned(world)
    settings = {"command": world.fleet.freeze.command, "uncommand": world.fleet.freeze.uncommand}
    told = json.dumps([world.fleet.state, settings, step_json(plan.steps[0])])
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", textwrap.dedent(CONSOLE)], stdin=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    process.stdin.write(told.encode())
    process.stdin.close()
    await until((tmp_path / "began").exists)
    process.kill()
    process.wait()
    control = world.control()
    with pytest.raises(ControlError, match="still running"):
        await control.read(plan.steps[0])
    (tmp_path / "gate").touch()
    assert await state(control, plan) == plan.steps[0].after
    assert plan.steps[0].inverse is not None
    await control.apply(plan.steps[0].inverse)
    assert await control.read(plan.steps[0]) == plan.steps[0].before


async def test_a_command_whose_shell_was_killed_is_neither_done_nor_undone(tmp_path: Path):
    world = World(tmp_path, command=f"echo $PPID > {tmp_path}/pid; sleep 30", uncommand="true")
    control = world.control()
    plan = await planned(world)
    apply = asyncio.ensure_future(control.apply(plan.steps[0]))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() != "")
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    with pytest.raises(ControlError, match="ended with -9"):
        await apply
    left = await state(control, plan)
    assert left == {"in_force": None, "command": "died before it ended"}
    assert any("died before it ended" in warning for warning in (await planned(world)).warnings)


async def test_a_console_that_died_before_the_command_began_has_changed_nothing(
    blind: World, monkeypatch: pytest.MonkeyPatch
):
    control = blind.control()
    plan = await planned(blind)

    def killed(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(command_control, "start", killed)
        with pytest.raises(OSError, match="killed"):
            await control.apply(plan.steps[0])
    assert await control.read(plan.steps[0]) == plan.steps[0].before
    await control.apply(plan.steps[0])
    assert blind.thing.exists()


async def test_what_a_step_brings_along_is_never_run(world: World):
    control = world.control()
    plan = await planned(world)
    evil = replace(plan.steps[0], call=f"touch {world.folder}/evil", change={"what": "freeze"})
    with pytest.raises(ControlError, match="another command now"):
        await control.apply(evil)
    with pytest.raises(ControlError, match="no command for this"):
        await control.apply(replace(evil, change={"what": f"touch {world.folder}/evil"}))
    assert not (world.folder / "evil").exists()
    assert not world.thing.exists()


async def test_a_check_that_cannot_run_is_unknown_and_never_not_in_force(tmp_path: Path):
    world = World(tmp_path, command="true", uncommand="true", check="no-such-program-here")
    plan = await world.door().plan(FREEZE)
    assert plan.steps == ()
    assert "the check cannot tell (it ended with 127)" in plan.refusal
