"""Keys and sizes by chance, from a seed."""

import asyncio
import unicodedata
from collections.abc import Iterator, Sequence
from random import Random

from textual.events import Key, Resize
from textual.geometry import Size
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key

from screens.commands import COMMAND_TABLE
from tests.parts.siege_stage import Siege

LEAVING = frozenset({"q", "ctrl+q", "ctrl+c"})
"""Keys that end the console; the monkey has others."""
CONFIRMING = frozenset({"enter", "space", "ctrl+m", "ctrl+j"})
"""Keys that press a button."""
_OF_COMMANDS = tuple(key for command in COMMAND_TABLE for key in command.keys.split(",") if key)
_MOVING = (
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("tab", "shift+tab", "enter", "escape", "backspace", "delete", "space"),
)
_ODD = (
    *(f"f{number}" for number in range(1, 13)),
    *(f"ctrl+{letter}" for letter in "abdefghijklmnoprstuvwxyz"),
    *("é", "日", "🙂", "\u202e", "\x00", "[", "]", "\\", '"', "'", "{", "}", "%", "$", "#", "<", ">", "="),
    *"abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789",
)
_EXTREMES = ((1, 1), (300, 100), (1, 100), (300, 1), (2, 2), (80, 24), (120, 40), (20, 5), (79, 23))
# Textual paints at most so often.
_PAINTED_S = 1 / 60
_RESIZE, _LOOK, _ESCAPE = 0.04, 0.05, 0.08


def keys(chance: Random, without: frozenset[str] = LEAVING) -> Iterator[str]:
    """Keys without end: those of commands most of all, then those that move, then any."""
    pools = [tuple(key for key in pool if key not in without) for pool in (_OF_COMMANDS, _MOVING, _ODD)]
    while True:
        if chance.random() < _ESCAPE and "escape" not in without:
            yield "escape"
        yield chance.choice(chance.choices(pools, (5, 3, 2))[0])


def sizes(chance: Random) -> Iterator[tuple[int, int]]:
    """Sizes of a terminal from 1 × 1 to 300 × 100."""
    while True:
        if chance.random() < 0.4:
            yield chance.choice(_EXTREMES)
        else:
            yield chance.randint(1, 300), chance.randint(1, 100)


async def pester(siege: Siege, count: int, seed: int, without: frozenset[str] = LEAVING) -> Sequence[str]:
    """Press so many keys, some of them far faster than the console paints; resize now and then.

    Returns what was pressed; it is fewer where the console was left by a way that it offers.
    """
    chance = Random(seed)
    pressed: list[str] = []
    typed, grown = keys(chance, without), sizes(chance)
    while len(pressed) < count and not siege.ended:
        if chance.random() < _RESIZE:
            resize(siege, *next(grown))
        key = next(typed)
        pressed.append(key)
        press(siege, key)
        for _ in range(chance.choice((0, 1, 3, 10))):
            await asyncio.sleep(0)
        if chance.random() < _LOOK:
            await settled(siege)
            assert siege.harm() == [], (seed, pressed[-20:])
    if not siege.ended:
        await settled(siege)
    return pressed


async def settled(siege: Siege) -> None:
    """Wait until what was pressed has been dealt with; the pilot's own pause waits for an idle process, which this is not."""
    if not siege.ended:
        await siege.pilot._wait_for_screen()
        await asyncio.sleep(_PAINTED_S)


def press(siege: Siege, key: str) -> None:
    """Send one key as the terminal's driver does, and wait for nothing."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        character = key if len(key) == 1 else None
    event = Key(name, character)
    event.set_sender(siege.app)
    driver = siege.app._driver
    assert driver is not None
    driver.send_message(event)


def resize(siege: Siege, width: int, height: int) -> None:
    """Give the terminal another size, and wait for nothing."""
    size = Size(width, height)
    driver = siege.app._driver
    assert driver is not None
    driver._size = size  # type: ignore[attr-defined]
    siege.app.post_message(Resize(size, size))
