"""A release that nobody has to mark."""

import asyncio
from dataclasses import replace

import pytest

from console.engine.quiet import Quiet
from tests.parts.clock import HandClock
from tests.parts.knobs import bench
from tests.snapshots import alert, model_row, snapshot

HALF_AN_HOUR = 1800.0


class Watching:
    """A quiet watch over whatever picture the test holds."""

    def __init__(self) -> None:
        self.picture = snapshot(models=(model_row(), model_row("embed", "3")), alerts=())
        self.stand = bench(self.picture)
        self.clock = HandClock()
        quiet = Quiet(self.stand.door, HALF_AN_HOUR, self.clock)
        self.task = asyncio.create_task(quiet.run(lambda: self.picture))

    async def after(self, seconds: float) -> int:
        """Releases known that much later."""
        await self.clock.advance(seconds)
        # The store answers from a thread.
        await asyncio.sleep(0.05)
        return len(self.stand.releases.kept)


@pytest.fixture
async def watching():
    made = Watching()
    yield made
    made.task.cancel()


async def test_a_quiet_fleet_is_called_good_once(watching: Watching) -> None:
    assert await watching.after(HALF_AN_HOUR - 60) == 0
    assert await watching.after(180) == 1
    assert await watching.after(4 * HALF_AN_HOUR) == 1


async def test_an_alert_begins_the_wait_anew(watching: Watching) -> None:
    await watching.after(HALF_AN_HOUR - 60)
    watching.picture = replace(watching.picture, alerts=(alert(),))
    await watching.after(60)
    watching.picture = replace(watching.picture, alerts=())

    assert await watching.after(HALF_AN_HOUR - 60) == 0
    assert await watching.after(180) == 1


async def test_what_serves_must_stay_the_same_for_the_whole_time(watching: Watching) -> None:
    await watching.after(HALF_AN_HOUR - 60)
    watching.picture = replace(watching.picture, models=watching.picture.models[:1])

    assert await watching.after(HALF_AN_HOUR - 120) == 0
    assert await watching.after(240) == 1
