"""Keys and resizes by chance, on a drill and on a city of hostile servers: nothing breaks, nothing changes unasked.

``SIEGE_SEED`` sets the seed, which is printed, ``SIEGE_KEYS`` the number of keys of each round. The gate plays the same
round each time.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.cli._drill_child import drill_child
from console.cli._drill_fleet import drill_fleet
from console.domain.fleet import Confirm, Fleet
from tests.parts.siege_city import besieged, city
from tests.parts.siege_monkey import CONFIRMING, LEAVING, pester, press, resize, settled
from tests.parts.siege_stage import Siege, besieging, told

_CHANCE = 0 if os.environ.get("CI") == "true" else random.SystemRandom().randrange(2**32)
SEED = int(os.environ.get("SIEGE_SEED") or _CHANCE)
KEYS = int(os.environ.get("SIEGE_KEYS") or 150)
# Two hundred servers take their share of a small machine.
FEWER = 1 if os.environ.get("SIEGE_KEYS") else 3


@pytest.fixture(scope="module")
def endpoints() -> Iterator[dict[str, object]]:
    """A drill in which something happens, ten times as fast as it would."""
    with drill_child(["bad-rollout", "--speed", "10"]) as found:
        yield found


@pytest.fixture
def drilled(endpoints: dict[str, object], tmp_path: Path) -> Fleet:
    """The drill's fleet, whose plans run on one key."""
    return drill_fleet(endpoints, Fleet(confirm=Confirm.ENTER), str(tmp_path))


async def pestered(
    fleet: Fleet, seed: int, without: frozenset[str] = LEAVING, count: int = KEYS
) -> list[Siege]:
    """Press all keys, in as many consoles as they leave; each still answers, and ends as it should."""
    told(f"\n{count} keys, {SEED=}")
    sieges: list[Siege] = []
    left = count
    while left > 0:
        async with besieging(fleet) as siege:
            left -= len(await pester(siege, left, seed + len(sieges), without))
            if not siege.app._exit:
                await still_answers(siege)
        assert siege.app.return_code == 0
        assert siege.errors == []
        told(siege.figures())
        sieges.append(siege)
    return sieges


async def still_answers(siege: Siege) -> None:
    """The models come with their key, and the console goes with its."""
    resize(siege, 120, 40)
    await settled(siege)
    for _ in range(20):
        press(siege, "escape")
        await settled(siege)
    press(siege, "1")
    if siege.app.watching.paused:
        press(siege, "space")
    await siege.until(lambda: "RATE/s" in siege.text, "the models screen")
    press(siege, "q")
    # Where a plan runs still it asks first, and the second time it goes.
    await settled(siege)
    if not siege.app._exit:
        press(siege, "q")
    await siege.until(lambda: siege.app._exit, "at its end")


async def test_any_keys_on_a_drill_leave_a_console_that_works(drilled: Fleet) -> None:
    sieges = await pestered(drilled, SEED)

    for siege in sieges:
        door, knobs = siege.engine.door, siege.engine.made.knobs
        assert set(door.ran) <= door.planned.keys()
        assert len(door.ran) == len(set(door.ran))
        assert len(knobs.turned) <= 2 * len(door.ran)


async def test_without_a_confirming_key_nothing_is_ever_changed(drilled: Fleet) -> None:
    sieges = await pestered(drilled, SEED + 1000, LEAVING | CONFIRMING)

    assert [siege.engine.door.ran for siege in sieges] == [[]] * len(sieges)
    assert [siege.engine.made.knobs.turned for siege in sieges] == [[]] * len(sieges)


async def test_read_only_no_key_ever_plans_or_runs_anything(drilled: Fleet) -> None:
    sieges = await pestered(replace(drilled, read_only=True), SEED + 2000)

    assert [siege.engine.door.planned for siege in sieges] == [{}] * len(sieges)
    assert [siege.engine.door.ran for siege in sieges] == [[]] * len(sieges)
    assert [siege.engine.made.knobs.turned for siege in sieges] == [[]] * len(sieges)


async def test_any_keys_among_hostile_servers_leave_a_console_that_works(tmp_path: Path) -> None:
    with city(SEED) as targets:
        fleet = besieged(targets, tmp_path, refresh=10.0, confirm=Confirm.ENTER)
        sieges = await pestered(fleet, SEED + 3000, count=KEYS // FEWER)

    for siege in sieges:
        assert set(siege.engine.door.ran) <= siege.engine.door.planned.keys()
