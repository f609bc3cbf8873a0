"""Kill -9 at every boundary of plans that change files and run commands: deploy lock, freeze and reduce commands."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.lock import read_lock
from console.domain.run import Outcome, Result
from console.domain.surfaces import CommandGateway, Freeze
from console.engine.door import Door
from tests.parts.crash import Scene, Way, continued, turning_points, undone, walk
from tests.snapshots import snapshot

FREEZE = Action(ActionKind.FREEZE, reason="queue is growing")
# What is different in each freeze.
_OWN = {"since", "until", "plan", "undo"}


class Freezer:
    """A deploy lock, and a command that freezes something else."""

    def __init__(self, folder: Path) -> None:
        self._lock = folder / "locks" / "prod.json"
        self._thing = folder / "frozen"
        self.fleet = Fleet(
            "prod",
            state=str(folder),
            freeze=Freeze(
                command=f"touch {self._thing}",
                uncommand=f"rm {self._thing}",
                check=f"test -e {self._thing}",
            ),
        )

    def world(self) -> dict[str, Any]:
        lock = json.loads(self._lock.read_text()) if self._lock.exists() else None
        return {"lock": lock, "frozen": self._thing.exists()}

    def see(self) -> Any:
        lock = self.world()["lock"]
        return snapshot(frozen=read_lock(lock) if lock else None)

    def reset(self) -> None:
        self._lock.unlink(missing_ok=True)
        self._thing.unlink(missing_ok=True)

    def scene(self, **more: Any) -> Scene:
        given = {"rough": rough, "see": self.see, "haste": 20, **more}
        return Scene(self.fleet, FREEZE, self.world, self.reset, **given)


def rough(world: Any) -> Any:
    lock = world["lock"]
    told = lock and {name: value for name, value in lock.items() if name not in _OWN}
    return {**world, "lock": told}


async def test_a_freeze(folder: Path) -> None:
    walked = await walk(Freezer(folder).scene(pick=turning_points), folder, undone)

    assert {(Outcome.SKIPPED, Outcome.WAITING), (Outcome.DONE, Outcome.SKIPPED)} <= walked.left
    assert any(place.startswith("within change freeze") for place in walked.places)


async def test_every_system_call_of_taking_the_deploy_lock(folder: Path) -> None:
    freezer = Freezer(folder)
    freezer.fleet = Fleet("prod", state=str(folder))

    def on_the_lock(places: Sequence[str]) -> list[int]:
        return [n for n, place in enumerate(places, 1) if "locks" in place]

    walked = await walk(freezer.scene(fine=True, haste=2000, pick=on_the_lock), folder, undone)

    assert any("locks/" in place and place.startswith("os.link") for place in walked.places)


async def _frozen(door: Door) -> Action:
    run = await door.run(await door.plan(FREEZE))
    assert run.result is Result.VERIFIED, run.message
    return Action(ActionKind.UNFREEZE)


@pytest.mark.parametrize("way", [undone, continued])
async def test_an_unfreeze(folder: Path, way: Way) -> None:
    walked = await walk(Freezer(folder).scene(story=_frozen, pick=turning_points), folder, way)

    assert (Outcome.DONE, Outcome.SKIPPED) in walked.left


async def test_a_reduction_by_command(folder: Path) -> None:
    share = folder / "share"
    gateway = CommandGateway(
        reduce=f"echo {{percent}} > {share}", restore=f"rm {share}", check=f"cat {share} || echo 100"
    )
    walked = await walk(
        Scene(
            Fleet("prod", state=str(folder), gateway=gateway),
            Action(ActionKind.REDUCE, model="ranker", percent=25),
            lambda: share.read_text() if share.exists() else None,
            lambda: share.unlink(missing_ok=True),
            haste=20,
            pick=turning_points,
        ),
        folder,
        undone,
    )

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left
