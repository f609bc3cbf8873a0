"""A replay that has nothing to do does nothing."""

import asyncio

from tests.console.engine.before import BEGAN, Before
from tests.console.engine.test_player import on_screen


async def test_a_key_while_another_is_obeyed_leaves_no_waiting_in_circles() -> None:
    async with on_screen(Before().watch(90).recording) as screen:
        screen.player.seek(BEGAN + 80)
        await asyncio.sleep(0)
        screen.player.faster()
        await screen.settled(len(screen.pictures))

        waits = screen.clock.waits
        for _ in range(100):
            await asyncio.sleep(0)

        assert screen.clock.waits - waits <= 1
