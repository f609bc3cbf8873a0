"""Every key on every screen in every mode: it does what its command says, or nothing at all."""

import asyncio

import pytest
from textual.binding import Binding

from screens.app import ConsoleApp
from screens.commands import COMMAND_TABLE, Command, Where, available
from tests.screens.stage import Stage, staged
from tests.siege.key_effects import EFFECTS, FREE, LEFT, effect
from tests.siege.keyboard import MODES, PATIENCE_S, PLACES, facts, go, scene, settled, story

# Small: a thousand presses are painted.
_SIZE = (80, 24)
EACH = pytest.mark.parametrize("mode", MODES)
WHERE = pytest.mark.parametrize("where", PLACES)


def working(mode: str, where: Where) -> tuple[Command, ...]:
    return available(where, read_only=mode != "normal", replay=mode == "replay")


def test_every_command_says_what_its_key_does() -> None:
    known = {name.partition("@")[0] for name in EFFECTS}

    assert {command.id for command in COMMAND_TABLE if command.keys} - known == set()
    assert known - {command.id for command in COMMAND_TABLE} == set()


@WHERE
@EACH
async def test_each_key_does_what_its_command_says_and_no_other_does_anything(
    mode: str, where: Where
) -> None:
    here = working(mode, where)
    assert mode == "normal" or not any(command.acting for command in here)
    async with staged(scene(mode), _SIZE, before=story) as stage:
        stage.app.exit = lambda *_, **__: stage.app.notify(LEFT)  # type: ignore[method-assign]
        await others_are_silent(stage, here, where)
        await help_lists(stage, here)
        for command in here:
            for key in filter(None, command.keys.split(",")):
                await does(stage, command, where, key)


@EACH
async def test_every_key_of_the_footer_works(mode: str) -> None:
    async with staged(scene(mode), (200, 60), before=story) as stage:
        for where in PLACES:
            await go(stage, where)
            footer = stage.lines[-1]
            hinted = [command for command in working(mode, where) if command.hint]
            named = [
                command for command in hinted if f"{command.cap or command.shown} {command.hint}" in footer
            ]
            rest = footer
            for command in sorted(named, key=lambda each: -len(each.hint)):
                rest = rest.replace(f"{command.cap or command.shown} {command.hint}", "", 1)
            assert named
            assert rest.split() == [], footer


def test_no_key_is_bound_that_is_no_command() -> None:
    bound = {binding.key for binding in ConsoleApp.BINDINGS if isinstance(binding, Binding)}

    assert bound == {command.keys for command in COMMAND_TABLE if command.keys}


async def help_lists(stage: Stage, here: tuple[Command, ...]) -> None:
    """The help of the page in sight has exactly these commands."""
    await stage.press("question_mark")
    await stage.until("Keys")
    text = " ".join(" ".join(span.text for span in line) for line in stage.app.screen._lines)  # type: ignore[attr-defined]
    text = " ".join(text.split())
    listed = {told(command) for command in COMMAND_TABLE if f" {' '.join(told(command))}" in text}
    assert listed == {told(command) for command in here}


def told(command: Command) -> tuple[str, str]:
    """How a command stands in the help, as far as it is on one line."""
    return command.shown, command.title[:40]


async def others_are_silent(stage: Stage, here: tuple[Command, ...], where: Where) -> None:
    """Press every key of a command that is not here."""
    mine = {key for command in here for key in command.keys.split(",")}
    others = {key for command in COMMAND_TABLE for key in command.keys.split(",") if key}
    before = await go(stage, where)
    # Tab and enter are the focused widget's own where no command has them.
    await stage.press(*sorted(others - mine - {"tab", "enter"}))
    odd = (await settled(stage)).since(before) - FREE
    assert not odd, f"keys of other screens do something on {where}: {odd}"


async def does(stage: Stage, command: Command, where: Where, key: str) -> None:
    """Press the key on its page and wait for what it should do."""
    wanted = effect(command.id, where)
    before = await go(stage, where)
    await stage.press(key)
    what = f"{key} ({command.id}) on {where}"
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not wanted.holds(before, facts(stage)):
                await stage.pilot.pause(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} does nothing of it: {facts(stage)}") from None
    odd = (await settled(stage)).since(before) - wanted.may - FREE
    assert not odd, f"{what} does more: {odd}"
    assert stage.app.is_running
