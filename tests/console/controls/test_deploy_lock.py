"""Freeze and unfreeze through the door, with the deploy lock on disk and knobs as everything else that is frozen."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from console.controls import deploy_lock
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Tls
from console.domain.plan import Plan, Step
from console.domain.plan_json import step_json
from console.domain.run import Outcome, Result, Run
from console.domain.secret import Secret
from console.domain.surfaces import Freeze
from console.engine.door import Door, Parts
from console.ports import Control
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.knobs import CalmVerifier, Knobs, MemoryJournal, MemoryReleases, MemoryRepository
from tests.parts.lock_server import KEY, LockServer, serving
from tests.snapshots import snapshot

NOW = 1_760_000_000.0  # 2025-10-09T08:53:20Z
FREEZE = Action(ActionKind.FREEZE, reason="p99 of ranker")
UNFREEZE = Action(ActionKind.UNFREEZE)


@dataclass
class World:
    """One lock and one set of knobs, seen by as many consoles as a test wants."""

    fleet: Fleet
    http: Http
    clock: HandClock
    knobs: Knobs
    journal: MemoryJournal

    def console(self, who: str = "ana@bastion", *, journal: MemoryJournal | None = None) -> Door:
        """A console of somebody's; with a journal of its own it stands on another machine."""
        locks: list[Control] = deploy_lock.controls(self.fleet, Kit(self.clock, self.http))
        parts = Parts(
            controls=(*locks, self.knobs),
            journal=journal or self.journal,
            releases=MemoryReleases(),
            repository=MemoryRepository(),
            verifier=CalmVerifier(),
            clock=self.clock,
            random=Random(who),
            who=who,
        )
        return Door(self.fleet, parts, snapshot)

    @property
    def path(self) -> Path:
        """Where the lock is."""
        return Path(self.fleet.freeze.deploy_lock)

    @property
    def lock(self) -> dict[str, Any]:
        """The lock as a pipeline reads it."""
        found: dict[str, Any] = json.loads(self.path.read_text())
        return found


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    http = Http({}, Tls())
    fleet = Fleet("prod", freeze=Freeze(deploy_lock=str(tmp_path / "lock.json")))
    knobs = Knobs("flux", values={"a": "running"}, wanted={ActionKind.FREEZE: {"a": "paused"}})
    yield World(fleet, http, HandClock(NOW), knobs, MemoryJournal())
    await http.close()


async def run(door: Door, action: Action) -> Run:
    plan = await door.plan(action)
    assert not plan.refusal, plan.refusal
    return await door.run(plan)


def step(plan: Plan, title: str) -> Step:
    return next(each for each in plan.steps if title in each.title)


async def test_a_freeze_takes_the_lock_last_and_says_who_why_since_and_until_when(world: World):
    plan = await world.console().plan(FREEZE)
    assert [each.control for each in plan.steps] == ["flux", "deploy_lock"]
    assert "until 12:53Z" in plan.steps[-1].effect
    done = await world.console().run(plan)
    assert done.result is Result.VERIFIED
    lock = world.lock
    undo = lock.pop("undo")
    assert lock == {
        "who": "ana@bastion",
        "why": "p99 of ranker",
        "since": "2025-10-09T08:53:20.000Z",
        "until": "2025-10-09T12:53:20.000Z",
        "scope": "fleet prod",
        "plan": plan.id,
    }
    assert [(each["subject"], each["after"]) for each in undo] == [("a", "running")]


async def test_somebody_elses_freeze_refuses_with_who_and_why(world: World):
    await run(world.console("bob@laptop"), FREEZE)
    await world.clock.advance(720)
    plan = await world.console().plan(FREEZE)
    assert plan.steps == ()
    assert "frozen already by bob@laptop since 08:53Z (12 min): p99 of ranker; unfreeze" in plan.refusal


async def test_of_two_freezes_planned_at_once_the_second_is_changed_under_you(world: World):
    world.knobs.wanted = {}
    ana, bob = world.console(), world.console("bob@laptop")
    plans = await ana.plan(FREEZE), await bob.plan(FREEZE)
    assert (await ana.run(plans[0])).result is Result.VERIFIED
    second = await bob.run(plans[1])
    assert second.result is Result.CHANGED
    assert "ana@bastion" in second.message
    assert world.lock["who"] == "ana@bastion"


async def test_any_console_lifts_a_freeze_exactly_with_a_warning_whose_it_is(world: World):
    await run(world.console(), FREEZE)
    bob = world.console("bob@laptop", journal=MemoryJournal())
    plan = await bob.plan(UNFREEZE)
    assert "lifts somebody else's freeze, by ana@bastion since 08:53Z" in plan.warnings[0]
    assert [each.control for each in plan.steps] == ["flux", "deploy_lock"]
    assert (await bob.run(plan)).result is Result.VERIFIED
    assert world.knobs.values == {"a": "running"}
    assert not world.path.exists()


async def test_one_does_not_lift_ones_own_freeze_with_a_warning_about_somebody_else(world: World):
    world.knobs.wanted = {}
    await run(world.console(), FREEZE)
    assert (await world.console().plan(UNFREEZE)).warnings == ()


async def test_undo_of_a_freeze_brings_back_exactly_what_was(world: World):
    door = world.console()
    done = await run(door, FREEZE)
    assert (await run(door, Action(ActionKind.UNDO, plan=done.id))).result is Result.VERIFIED
    assert world.knobs.values == {"a": "running"}
    assert not world.path.exists()


async def test_undo_of_an_unfreeze_puts_the_lock_back(world: World):
    world.knobs.wanted = {}
    door = world.console()
    await run(door, FREEZE)
    before = world.lock
    lifted = await run(door, UNFREEZE)
    assert (await run(door, Action(ActionKind.UNDO, plan=lifted.id))).result is Result.VERIFIED
    assert world.lock == before


async def test_an_expired_freeze_is_replaced_keeps_its_debts_and_comes_back_with_undo(world: World):
    await run(world.console("bob@laptop"), FREEZE)
    before = world.lock
    await world.clock.advance(5 * 3600)
    door = world.console()
    plan = await door.plan(FREEZE)
    assert "replaces a freeze that has expired, by bob@laptop" in plan.warnings[0]
    done = await door.run(plan)
    assert done.result is Result.VERIFIED
    assert world.lock["who"] == "ana@bastion"
    assert world.lock["undo"] == before["undo"]
    assert (await run(door, Action(ActionKind.UNDO, plan=done.id))).result is Result.VERIFIED
    assert world.lock == before


async def test_a_freeze_lasts_as_long_as_asked(world: World):
    await run(world.console(), Action(ActionKind.FREEZE, expires_s=600))
    assert world.lock["until"] == "2025-10-09T09:03:20.000Z"


async def test_a_lock_that_somebody_removed_refuses_and_names_the_journals_way(world: World):
    door = world.console()
    done = await run(door, FREEZE)
    world.path.unlink()
    refusal = (await door.plan(UNFREEZE)).refusal
    assert f"there is no lock at {world.path}" in refusal
    assert f"undo {done.id}" in refusal


async def test_nothing_frozen_is_said_so(world: World):
    assert "deploys are not frozen" in (await world.console().plan(UNFREEZE)).refusal


@pytest.mark.parametrize("kind", [ActionKind.FREEZE, ActionKind.UNFREEZE])
async def test_while_the_lock_cannot_be_understood_nothing_is_changed(world: World, kind: ActionKind):
    world.path.write_text("{")
    plan = await world.console().plan(Action(kind))
    assert plan.steps == ()
    assert "is damaged: it is not JSON; nothing is changed while nobody knows" in plan.refusal


async def test_a_lock_does_not_come_back_alone_when_the_rest_of_its_freeze_cannot(world: World):
    (froze, _) = (await world.console().plan(FREEZE)).steps
    assert froze.inverse is not None
    stored = step_json(replace(froze.inverse, inverse=None))
    world.knobs.values = {"a": "paused"}
    world.path.write_text(json.dumps({"who": "ana", "since": "2025-10-09T08:53:20Z", "undo": [stored]}))
    plan = await world.console().plan(UNFREEZE)
    assert [(each.inverse, each.final) for each in plan.steps] == [(None, "freeze anew")] * 2
    assert (await world.console().run(plan)).result is Result.VERIFIED
    assert world.knobs.values == {"a": "running"}


@pytest.mark.parametrize("undo", [[{"control": "knobs"}], "own"])
async def test_a_lock_whose_steps_are_no_steps_is_not_lifted_by_them(world: World, undo: Any):
    plan = await world.console().plan(FREEZE)
    stored = [step_json(plan.steps[-1])] if undo == "own" else undo
    lock = {"who": "mallory", "since": "2025-10-09T08:53:20Z", "plan": "k3x9", "undo": stored}
    world.path.write_text(json.dumps(lock))
    refusal = (await world.console().plan(UNFREEZE)).refusal
    assert "the steps in the lock" in refusal
    assert "undo k3x9" in refusal


async def test_a_lock_that_changes_between_plan_and_run_is_not_removed(world: World):
    door = world.console()
    await run(door, FREEZE)
    plan = await door.plan(UNFREEZE)
    other = {**world.lock, "who": "bob@laptop"}
    world.path.write_text(json.dumps(other))
    done = await door.run(plan)
    assert done.result is Result.CHANGED
    assert world.lock == other


async def test_the_calls_can_be_typed_and_do_what_the_steps_do(world: World):
    import subprocess  # noqa: PLC0415

    world.knobs.wanted = {}
    plan = await world.console().plan(Action(ActionKind.FREEZE, reason="it's \\n $HOME"))
    for wanted in (0, 2):
        typed = subprocess.run(["/bin/sh", "-c", plan.steps[0].call], capture_output=True, check=False)  # noqa: ASYNC221
        assert typed.returncode == wanted, typed.stderr
    assert world.lock["why"] == "it's \\n $HOME"
    inverse = plan.steps[0].inverse
    assert inverse is not None
    assert subprocess.run(["/bin/sh", "-c", inverse.call], check=False).returncode == 0  # noqa: ASYNC221
    assert not world.path.exists()


async def test_a_lock_behind_a_url_and_no_secret_in_its_plan_or_journal(world: World):
    async with serving(LockServer()) as server:
        secret = {"x-key": Secret(KEY)}
        world.fleet = Fleet("prod", freeze=Freeze(deploy_lock=server.url, headers=secret))
        door = world.console()
        plan = await door.plan(FREEZE)
        assert '-H "x-key: $X_KEY"' in step(plan, "take").call
        assert (await door.run(plan)).result is Result.VERIFIED
        assert (await run(door, UNFREEZE)).result is Result.VERIFIED
        assert server.body is None
        server.status = 500
        assert "HTTP 500" in (await door.plan(FREEZE)).refusal
    assert KEY not in repr(world.journal.records)


async def test_a_step_whose_console_died_is_decided_by_reading_the_lock(world: World):
    world.knobs.wanted = {}
    control = deploy_lock.controls(world.fleet, Kit(world.clock, world.http))[0]
    plan = await world.console().plan(FREEZE)
    assert await control.read(plan.steps[0]) == plan.steps[0].before
    await control.apply(plan.steps[0])
    assert await control.read(plan.steps[0]) == plan.steps[0].after
    done = await world.console().run(plan)
    assert done.steps[0].outcome is Outcome.CHANGED


async def test_a_lock_cannot_make_the_console_do_more_than_lift_a_freeze(world: World):
    (froze, _) = (await world.console().plan(FREEZE)).steps
    forged = step_json(replace(froze, control="triton", inverse=None))
    world.path.write_text(json.dumps({"who": "eve", "since": "2025-10-09T08:53:20Z", "undo": [forged]}))
    plan = await world.console().plan(UNFREEZE)
    assert plan.steps == ()
    assert "more than a freeze can have done" in plan.refusal
