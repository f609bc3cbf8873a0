"""Kill -9 at every boundary of a plan, and what the next console makes of it.

Things that take their time are walked at some of their boundaries; ``CRASH_WALK=whole`` walks them at all.
"""

import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.journal import Entry
from console.domain.plan import Plan
from console.domain.run import Outcome, Result
from console.domain.snapshot import Snapshot
from console.domain.states import holds
from console.engine.door import Door
from console.storage.journal import FileJournal
from console.transport.http import Http
from tests.parts.crash_child import Job, More, child, controls_of, door_of
from tests.snapshots import snapshot

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["__main__", "tests.parts.crash_ready"])
_CHILD_S = 60.0
_TORN = ("breaks off", "is no record, and none is missing there")


@dataclass
class Scene:
    """Something outside that plans change.

    ``world`` says all of it that a plan may touch, ``reset`` puts it back to the beginning. ``story`` makes what has
    happened before, and returns what is asked for then. ``rough`` leaves out of a world what differs from run
    to run (times, ids). ``pick``
    chooses among the boundaries of a complete run; without it all are walked. ``haste`` is how much faster the next console's clock goes: it must still
    leave what was in flight the time to land.
    """

    fleet: Fleet
    action: Action
    world: Callable[[], object]
    reset: Callable[[], object] = lambda: None
    more: More | None = None
    story: Callable[[Door], Awaitable[Action]] | None = None
    rough: Callable[[object], object] = lambda world: world
    see: Callable[[], Snapshot] = snapshot
    haste: float = 20.0
    fine: bool = False
    pick: Callable[[Sequence[str]], Iterable[int]] | None = None


@dataclass
class Walk:
    """The places where consoles died, and what they had left: to be sure that the walk went everywhere."""

    places: list[str] = field(default_factory=list)
    left: set[tuple[Outcome, ...]] = field(default_factory=set)


@dataclass
class Death:
    """One console that died, or lived (``where`` is empty), on its own journal."""

    scene: Scene
    plan: Plan
    journal: Path
    before: object
    log: Path
    where: str = ""

    @asynccontextmanager
    async def console(self) -> AsyncIterator[Door]:
        """A console that starts afterwards."""
        async with console(self.scene, self.journal) as door:
            yield door


Way = Callable[[Death, object], Awaitable[tuple[Outcome, ...]]]


@asynccontextmanager
async def console(scene: Scene, journal: Path) -> AsyncIterator[Door]:
    """A console on the scene and a journal."""
    http = Http(scene.fleet.headers, scene.fleet.tls)
    controls = controls_of(scene.fleet, http, scene.more)
    door = door_of(scene.fleet, controls, FileJournal(journal), scene.see, scene.haste)
    try:
        yield door
    finally:
        await door.close()
        await http.close()


async def walk(scene: Scene, folder: Path, way: Way) -> Walk:
    """Kill a console at each boundary of the scene's plan, each time from the beginning, and go the way from there."""
    complete = await _die(scene, folder, 0)
    planned = scene.rough(scene.world())
    places = complete.log.read_text().splitlines()
    await undone(complete, planned)
    walked = Walk()
    # A run may have more boundaries than the first one: without a choice the walk ends where a console lives.
    some = scene.pick if os.environ.get("CRASH_WALK") != "whole" else None
    for at in some(places) if some else itertools.count(1):
        death = await _die(scene, folder, at)
        if not death.where:
            await undone(death, planned)
            break
        walked.places.append(death.where)
        walked.left.add(await way(death, planned))
    return walked


def turning_points(places: Sequence[str]) -> list[int]:
    """Around each change: when it was announced, before it, at the first, a middle and the last wait in it, after it."""
    found: list[int] = []
    for intent in (n for n, place in enumerate(places, 1) if place == "after append intent"):
        change = [n for n, place in enumerate(places, 1) if n > intent and " change " in place]
        end = next((n for n in change if places[n - 1].startswith("after")), len(places))
        within = [n for n in change if n < end]
        found += [intent, within[0], within[len(within) // 2], within[-1], end]
    return sorted(set(found))


def in_the_middle(places: Sequence[str]) -> list[int]:
    """Once, in the middle of the first change."""
    return turning_points(places)[2:3]


async def _die(scene: Scene, folder: Path, at: int) -> Death:
    scene.reset()
    journal = folder / f"{at}" / "journal.jsonl"
    journal.parent.mkdir(mode=0o700)
    async with console(scene, journal) as door:
        action = await scene.story(door) if scene.story else scene.action
        plan = await door.plan(action)
    assert plan.steps, f"nothing to do before death {at}: {plan.refusal or plan.warnings}"
    assert not plan.refusal
    before = scene.world()
    job = Job(scene.fleet, plan, journal, folder, at, scene.fine, more=scene.more)
    job.log.unlink(missing_ok=True)
    answer = perish(job)
    if answer:
        assert answer.startswith(Result.VERIFIED.value), answer
        return Death(scene, plan, journal, before, job.log)
    crossed = job.log.read_text().splitlines()
    assert len(crossed) == at
    return Death(scene, plan, journal, before, job.log, crossed[-1])


def perish(job: Job) -> str:
    """Run a job to its end, by a kill or by itself; what the run came to, empty for a kill."""
    process = _processes.Process(target=child, args=[job])
    process.start()
    process.join(_CHILD_S)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"it neither ends nor dies; last {job.log.read_text().splitlines()[-3:]}")
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return "" if process.exitcode else job.answer.read_text()


async def undone(death: Death, planned: object) -> tuple[Outcome, ...]:
    """The next console undoes what was done, and the world is exactly as before."""
    del planned
    async with death.console() as door:
        entry = await _settled(door, death)
        if entry is not None:
            await _undo(door, entry)
        _same(death, death.scene.world(), death.before)
        assert await _is_closed(door, death)
    return _left(entry)


async def continued(death: Death, planned: object) -> tuple[Outcome, ...]:
    """The next console goes on, and all is as planned; undoing both brings the world back."""
    scene = death.scene
    async with death.console() as door:
        entry = await _settled(door, death)
        if entry is None:
            _same(death, scene.world(), death.before)
            return ()
        more: str | None = None
        if entry.unfinished:
            plan = await door.plan(Action(ActionKind.CONTINUE, plan=entry.id))
            run = await door.run(plan)
            assert run.result is Result.VERIFIED, f"{death.where}: {run.message}"
            more = run.id
        _same(death, scene.rough(scene.world()), planned)
        assert await _is_closed(door, death)
        for each in (more, entry.id):
            found = next((e for e in await door.entries() if e.id == each), None)
            if found is not None:
                await _undo(door, found)
        _same(death, scene.world(), death.before)
    return _left(entry)


async def handled(death: Death, planned: object) -> tuple[Outcome, ...]:
    """The operator says that it was taken care of: nothing is changed, and it is never asked again."""
    del planned
    async with death.console() as door:
        entry = await _settled(door, death)
        found = death.scene.world()
        if entry is not None and entry.unfinished:
            await door.handled(entry.id, "done by hand")
        assert await _is_closed(door, death)
        _same(death, death.scene.world(), found)
    return _left(entry)


async def _settled(door: Door, death: Death) -> Entry | None:
    """The plan as the journal has it after the start; each step is what the thing itself says it is."""
    await _start(door, death)
    for line, message in await door.damages():
        assert death.where.startswith("half of write"), f"{death.where}: line {line} {message}"
        assert message.startswith(_TORN), message
    entry = next((each for each in await door.entries() if each.id == death.plan.id), None)
    if entry is None:
        _same(death, death.scene.world(), death.before)
        return None
    last = {(step.control, step.subject): n for n, step in enumerate(death.plan.steps) if _taken(entry, n)}
    for number, (step, run) in enumerate(zip(entry.plan.steps, entry.steps, strict=True)):
        assert run.outcome in {Outcome.DONE, Outcome.WAITING, Outcome.SKIPPED}, f"{death.where}: {run}"
        key = (step.control, step.subject)
        if last.get(key, number) == number:
            expected = step.after if run.outcome is Outcome.DONE else step.before
            actual = await door._controls[step.control].read(step)
            assert expected is None or holds(expected, actual), f"{death.where}: {run.outcome} but {actual}"
    return entry


async def _start(door: Door, death: Death) -> None:
    """Look again, as an operator would, while a thing says that it is on its way still."""
    for _ in range(10):
        found = [run.outcome for entry in await door.unfinished() for run in entry.steps]
        if Outcome.UNKNOWN not in found:
            return
    raise AssertionError(f"{death.where}: a step stays unknown")


async def _is_closed(door: Door, death: Death) -> bool:
    """Whether nobody is asked any more what shall become of the plan."""
    return death.plan.id not in {entry.id for entry in await door.unfinished()}


def _taken(entry: Entry, number: int) -> bool:
    return entry.steps[number].outcome is Outcome.DONE


async def _undo(door: Door, entry: Entry) -> None:
    plan = await door.plan(Action(ActionKind.UNDO, plan=entry.id))
    if not entry.touched and not entry.unfinished:
        assert "nothing to undo" in plan.refusal, plan.refusal
        return
    assert not plan.refusal, plan.refusal
    run = await door.run(plan)
    assert run.result is Result.VERIFIED, f"undo of {entry.id}: {run.message}"


def _same(death: Death, found: object, expected: object) -> None:
    assert found == expected, f"died {death.where!r}:\n{_text(found)}\nexpected\n{_text(expected)}"


def _text(world: object) -> str:
    return json.dumps(world, indent=1, default=str)


def _left(entry: Entry | None) -> tuple[Outcome, ...]:
    return tuple(run.outcome for run in entry.steps) if entry else ()
