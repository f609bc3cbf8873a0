"""The facade of acting: plans, runs, the journal, known-good releases; one for keys, command line and runbooks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from console.domain.action import Action, ActionKind
from console.domain.drift import Drift
from console.domain.fleet import Fleet, Target
from console.domain.journal import Damage, Entry, JournalError, Record, RecordKind, entries
from console.domain.plan import Check, Plan
from console.domain.plan_json import effect_json
from console.domain.release import Release
from console.domain.run import Figures, Outcome, Result, Run, StepRun, Verdict
from console.domain.situation import Situation
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from console.domain.text import visible
from console.engine._since_planned import for_those_left, outdated
from console.engine.drift import drifted
from console.engine.effects import effects, figures, models_of
from console.engine.executor import Executor
from console.engine.followup import continue_plan, undo_plan
from console.engine.good import Marking
from console.engine.needed import still_needed
from console.engine.planner import compose, offers
from console.engine.recovery import abandoned, settle
from console.engine.verification import Verification
from console.ports import Clock, Control, Incidents, Journal, Releases, Repository, Verifier

EFFECT_S = 60.0
_READ_ONLY = "this console is read-only: start it without --read-only"
# A screen makes a plan anew at each change of its parameter; one that old is not run.
_PLANS = 50
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Parts(NamedTuple):
    """What a door is made of; a freeze opens an incident where there are ``incidents``."""

    controls: Sequence[Control]
    journal: Journal
    releases: Releases
    repository: Repository
    verifier: Verifier
    clock: Clock
    random: Random
    who: str
    incidents: Incidents | None = None


def nothing(_: object) -> None:
    """A report that nobody reads."""


class Door:
    """Every change of the outside goes through here; ``see`` gives the newest picture."""

    def __init__(self, fleet: Fleet, parts: Parts, see: Callable[[], Snapshot | None]) -> None:
        self.read_only = fleet.read_only
        self._fleet = fleet
        self._parts = parts
        self._see = see
        self._controls = {control.name: control for control in parts.controls}
        verification = Verification(self._controls, parts.verifier, parts.clock)
        self._executor = Executor(self._controls, parts.journal, verification, parts.clock, parts.who)
        self._running: set[str] = set()
        self._before: dict[str, dict[str, Figures]] = {}
        self._planned: dict[str, tuple[Target, ...]] = {}

    @property
    def who(self) -> str:
        """Who acts through it, as the journal says it."""
        return self._parts.who

    async def plan(self, action: Action) -> Plan:
        """The plan of an action; what cannot be done is said in its ``refusal``."""
        action = replace(action, who=self._parts.who)
        situation = await self._situation(action)
        if situation is None or self.read_only:
            said = _READ_ONLY if self.read_only else "nothing is known of the fleet yet"
            return Plan(action, action.kind.value, refusal=said)
        if action.kind in _FROM_JOURNAL:
            followed = await self._followed(action, situation)
            if self._fleet.unfolding:
                followed = for_those_left(followed, situation.snapshot.fleet.targets)
            if action.kind is ActionKind.CONTINUE:
                return followed
            return await still_needed(followed, self._controls)
        if action.kind is ActionKind.UNFREEZE and situation.lock is not None:
            action = replace(action, plan=situation.lock.plan)
        plan = compose(action, situation, await offers(action, situation, self._parts.controls))
        if action.kind is ActionKind.UNFREEZE:
            plan = await still_needed(plan, self._controls)
        return await self._cautioned(plan)

    async def _cautioned(self, plan: Plan) -> Plan:
        """The plan with what the journal has to say against it."""
        for entry in abandoned(await self._ours(), tuple(self._running)):
            if _overlap(entry, plan):
                said = f"{entry.id} ({entry.plan.goal}) stopped in the middle of the same: undo it, continue it, or mark it as handled"
                return replace(plan, refusal=said)
        damages = [f"the journal is damaged: {damage.message}" for damage in await self.damages()]
        return replace(plan, warnings=(*plan.warnings, *damages[:1]))

    async def run(self, plan: Plan, report: Callable[[Run], None] = nothing) -> Run:
        """Run a plan that was shown; raises JournalError when nothing may be changed."""
        refusal = (_READ_ONLY if self.read_only else plan.refusal) or self._outdated(plan)
        if plan.id in self._running or any(entry.id == plan.id for entry in await self.entries()):
            refusal = refusal or f"plan {plan.id} was run already: make it anew"
        if refusal:
            idle = tuple(StepRun(Outcome.SKIPPED) for _ in plan.steps)
            return Run(plan.id, plan, idle, Result.REFUSED, refusal)
        self._running.add(plan.id)
        self._before[plan.id] = figures(self._see(), models_of(plan))
        release = await self._release(plan.action) if _to_release(plan.action) else None
        targets = {target.name: target.text for target in self._now.targets}
        try:
            run = await self._executor.run(plan, targets, release, report)
        finally:
            self._running.discard(plan.id)
        return await self._remembered(run)

    @property
    def _now(self) -> Fleet:
        """The fleet with the targets of now."""
        seen = self._see() if self._fleet.unfolding else None
        return self._fleet if seen is None else seen.fleet

    def _outdated(self, plan: Plan) -> str:
        """Why a plan that was made here is not for the servers of now."""
        seen, planned = self._see(), self._planned.get(plan.id)
        return "" if seen is None or planned is None else outdated(plan, planned, seen)

    async def _remembered(self, run: Run) -> Run:
        """The run; a freeze that holds opens an incident, and stands all the same where none can be opened."""
        incidents = self._parts.incidents
        action = run.plan.action
        if incidents is None or action.kind is not ActionKind.FREEZE or run.result is not Result.VERIFIED:
            return run
        try:
            opened = await asyncio.to_thread(incidents.open, self._parts.who, action.reason, run.id)
        except OSError as error:
            return replace(run, message=f"deploys are frozen, but {visible(str(error), 400)}")
        return replace(run, message=f"every step was read back; incident {opened.id} is open")

    async def effect(self, run: Run, seconds: float = EFFECT_S) -> Run:
        """The run with its effect on its models' figures, measured after that many seconds and journalled."""
        before = self._before.pop(run.id, {})
        if not before:
            return run
        await self._parts.clock.sleep(seconds)
        found = effects(before, figures(self._see(), tuple(before)), seconds)
        await self._write(RecordKind.EFFECT, run.id, {"effects": [effect_json(effect) for effect in found]})
        return replace(run, effects=found)

    async def entries(self) -> tuple[Entry, ...]:
        """The journal's plans, oldest first."""
        return await asyncio.to_thread(lambda: entries(self._parts.journal.read().records))

    async def standing(self) -> tuple[Entry, ...]:
        """The plans on this fleet's targets whose changes stand, oldest first."""
        return tuple(entry for entry in await self._ours() if entry.standing)

    async def _ours(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in await self.entries() if entry.concerns(self._now))

    async def damages(self) -> tuple[Damage, ...]:
        """Where the journal is not what was written."""
        return tuple((await asyncio.to_thread(self._parts.journal.read)).damages)

    async def unfinished(self) -> tuple[Entry, ...]:
        """Plans whose console died, their steps in flight read back."""
        found = abandoned(await self._ours(), tuple(self._running))
        records: list[Record] = []
        for entry in found:
            records += await settle(entry, self._controls, self._parts.clock, self._parts.who)
        if not records:
            return found
        await asyncio.to_thread(self._parts.journal.append, records)
        ids = {entry.id for entry in found}
        return tuple(entry for entry in await self.entries() if entry.id in ids)

    async def handled(self, plan: str, reason: str) -> None:
        """Say of a plan that people have taken care of what it left."""
        await self._write(RecordKind.HANDLED, plan, {"reason": reason})

    async def mark_good(
        self, models: Sequence[str], note: str, report: Callable[[float, str], None]
    ) -> Release:
        """Keep what serves now as a known-good release, of these models or of all; reports the share done (0-1)."""
        snapshot = self._see()
        if self.read_only or snapshot is None:
            raise JournalError(_READ_ONLY if self.read_only else "nothing is known of the fleet yet")
        marking = Marking(snapshot, self._parts.repository, self._parts.controls)
        release = await marking.release(self._new_id(), models, self._parts.who, note, report)
        await asyncio.to_thread(self._parts.releases.save, release)
        await self._write(RecordKind.GOOD, release.id, {"models": [each.model for each in release.models]})
        return release

    async def releases(self) -> tuple[Release, ...]:
        """Known-good releases, oldest first."""
        return await asyncio.to_thread(self._parts.releases.all)

    async def verify(self, check: Check) -> tuple[Verdict, ...]:
        """The four readiness checks of a version on a target, against the newest known-good release."""
        release = _newest(await self.releases(), check.model)
        return await self._parts.verifier.verify(check, release)

    async def contract(self, model: str, version: str) -> tuple[Verdict, ...]:
        """How each clause of a model's contract stands on every target; an empty version is any."""
        return await self._parts.verifier.contract(model, version, self._see())

    async def drifts(self) -> tuple[Drift, ...]:
        """What standing plans changed and somebody has undone since."""
        return await drifted(await self._ours(), self._controls, self._parts.clock)

    async def close(self) -> None:
        """Close the controls."""
        for control in self._parts.controls:
            await control.close()

    async def _situation(self, action: Action) -> Situation | None:
        snapshot = self._see()
        if snapshot is None:
            return None
        plan = self._new_id()
        self._planned = {**dict(list(self._planned.items())[-_PLANS:]), plan: snapshot.fleet.targets}
        return Situation(
            snapshot=snapshot,
            now=self._parts.clock.now(),
            plan=plan,
            lock=snapshot.frozen,
            release=await self._release(action) if action.kind is ActionKind.ROLLBACK else None,
            standing=await self.standing(),
        )

    async def _followed(self, action: Action, situation: Situation) -> Plan:
        known = await self.entries()
        if action.kind is ActionKind.RESTORE:
            reduced = [e for e in situation.standing if e.plan.action.kind is ActionKind.REDUCE]
            mine = [e for e in reduced if action.model in {"", e.plan.action.model}]
            return undo_plan(action, situation, mine)
        named = next((entry for entry in known if entry.id == action.plan), None)
        if named is None:
            return Plan(action, action.kind.value, refusal=f"the journal has no plan {action.plan}")
        if named.undone and action.kind is ActionKind.UNDO:
            return Plan(action, action.kind.value, refusal=f"{named.id} was undone by {named.undone}")
        if action.kind is ActionKind.CONTINUE:
            return continue_plan(action, situation, named)
        return undo_plan(replace(action, model=named.plan.action.model), situation, [named])

    async def _release(self, action: Action) -> Release | None:
        """The release a rollback goes to: the one it names, else the newest with the model; none for a version."""
        known = await self.releases()
        if action.release:
            return next((release for release in known if release.id == action.release), None)
        return None if action.version else _newest(known, action.model)

    async def _write(self, kind: RecordKind, plan: str, body: Mapping[str, Json]) -> None:
        record = Record(kind, plan, self._parts.clock.now(), self._parts.who, body)
        await asyncio.to_thread(self._parts.journal.append, [record])

    def _new_id(self) -> str:
        return "".join(self._parts.random.choices(_LETTERS, k=6))


_FROM_JOURNAL = {ActionKind.UNDO, ActionKind.RESTORE, ActionKind.CONTINUE}


def _overlap(entry: Entry, plan: Plan) -> bool:
    subjects = {(step.control, step.subject) for step in plan.steps}
    return any((step.control, step.subject) in subjects for step in entry.plan.steps)


def _to_release(action: Action) -> bool:
    return action.kind is ActionKind.ROLLBACK and not action.version


def _newest(releases: Sequence[Release], model: str) -> Release | None:
    return next((r for r in reversed(releases) if r.model(model) is not None), None)
