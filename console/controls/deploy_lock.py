"""The deploy lock as a control: a freeze takes it, an unfreeze undoes what the freeze did and then lets it go."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from console.domain.action import Action, ActionKind
from console.domain.failure import Failure, SourceError
from console.domain.fleet import Fleet
from console.domain.freezing import lifts_a_freeze
from console.domain.lock import Lock, lock_json, moment
from console.domain.plan import Phase, Proposal, Step
from console.domain.plan_json import read_step
from console.domain.secret import Secret
from console.domain.situation import Situation
from console.domain.states import Json
from console.domain.text import visible
from console.ports import Control
from console.transport.deploy_lock import LockPlace, Seen, place_of
from console.transport.kit import Kit

NAME = "deploy_lock"
_TIMEOUT_S = 15.0
_MOST_STEPS = 200
_LONGEST_S = 366 * 86400.0
_ANEW = "freeze anew"


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """The lock of the fleet; none without a place for it."""
    place = place_of(fleet, kit.http)
    return [DeployLock(place, fleet)] if place else []


class Look(NamedTuple):
    """What the survey found, or why it found nothing out."""

    seen: Seen
    failure: Failure | None = None


class DeployLock(Control):
    """Takes and releases the fleet's deploy lock; its state is ``{"lock": null | {…}}``, as it was written."""

    name = NAME

    def __init__(self, place: LockPlace, fleet: Fleet) -> None:
        self._place = place
        self._fleet = fleet

    async def survey(self, action: Action, situation: Situation) -> Look | None:
        """The lock now."""
        del situation
        if action.kind not in {ActionKind.FREEZE, ActionKind.UNFREEZE}:
            return None
        try:
            return Look(await self._place.see())
        except SourceError as error:
            return Look(Seen(None, None), error.failure)

    def propose(self, action: Action, situation: Situation, survey: Look) -> Proposal:
        """Take the lock, unless it is taken; or undo what its freeze did and let it go."""
        if survey.failure is not None:
            said = (
                f"{survey.failure.message}; nothing is changed while nobody knows whether deploys are frozen"
            )
            return Proposal(refusals=(f"{said} ({survey.failure.hint})",))
        if action.kind is ActionKind.FREEZE:
            return self._freeze(action, situation, survey.seen)
        return self._unfreeze(action, situation, survey.seen)

    def _freeze(self, action: Action, situation: Situation, seen: Seen) -> Proposal:
        held = seen.lock
        if held is not None and not held.expired(situation.now):
            said = f"deploys are frozen already {held.held(situation.now)}; unfreeze first"
            return Proposal(refusals=(said,))
        seconds = self._fleet.freeze.expires_s if action.expires_s is None else action.expires_s
        if not 0 < seconds <= _LONGEST_S:
            return Proposal(refusals=("a freeze lasts a year at most: say how long with --expires",))
        lock = Lock(
            who=action.who,
            why=action.reason,
            since=situation.now,
            until=situation.now + seconds,
            scope=f"fleet {self._fleet.name}",
            plan=situation.plan,
            # What an expired freeze left paused is still to be restored by whoever lifts this one.
            undo=held.undo if held else (),
        )
        step = self._step("take the deploy lock", seen.raw, lock_json(lock))
        until = moment(situation.now + seconds, situation.now)
        effect = (
            f"pipelines that ask find deploys frozen until {until}; what is paused stays so until unfreeze"
        )
        return Proposal(
            steps=(replace(step, effect=effect),),
            warnings=(f"it replaces a freeze that has expired, {held.held(situation.now)}",) if held else (),
            unknown=("a pipeline that does not ask for the lock is not stopped by it",),
        )

    def _unfreeze(self, action: Action, situation: Situation, seen: Seen) -> Proposal:
        held = seen.lock
        if held is None:
            return Proposal(refusals=(self._not_frozen(situation),))
        try:
            undo = _stored(held)
        except (ValueError, KeyError, TypeError) as error:
            said = f"the steps in the lock at {self._place.where} are damaged ({visible(str(error), 80)})"
            return Proposal(refusals=(f"{said}; {_by_journal(held.plan)}",))
        release = self._step("release the deploy lock", seen.raw, None)
        if any(step.inverse is None for step in undo):
            # A lock that came back alone would say that all the rest is frozen again too.
            release = replace(release, inverse=None)
        steps = (step if step.inverse else replace(step, final=_ANEW) for step in (*undo, release))
        return Proposal(steps=tuple(steps), warnings=_remarks(action, situation, held))

    def _not_frozen(self, situation: Situation) -> str:
        froze = [e.id for e in situation.standing if e.plan.action.kind is ActionKind.FREEZE]
        said = f"deploys are not frozen: there is no lock at {self._place.where}"
        return f"{said}; {_by_journal(froze[-1])}" if froze else said

    def _step(self, title: str, before: Mapping[str, Json] | None, after: Mapping[str, Json] | None) -> Step:
        forth = self._change(title, before, after)
        title = "put the deploy lock back" if after is None else "remove the deploy lock again"
        return replace(forth, inverse=self._change(title, after, before))

    def _change(
        self, title: str, before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
    ) -> Step:
        return Step(
            control=NAME,
            subject=f"deploy lock {self._place.where}",
            title=title,
            call=_call(self._place.where, self._fleet.freeze.headers, after, first=before is None),
            before={"lock": before},
            after={"lock": after},
            effect="deploys are frozen as before" if after else "pipelines that ask may deploy again",
            change={"lock": after},
            phase=Phase.LOCK,
            timeout_s=_TIMEOUT_S,
        )

    async def read(self, step: Step) -> Json:
        """The lock as it is written; raises SourceError where it cannot be read."""
        del step
        return {"lock": (await self._place.see()).raw}

    async def apply(self, step: Step) -> None:
        """Write or remove the lock, if it still is as the step expects."""
        lock = step.change.get("lock")
        expected = step.before.get("lock") if isinstance(step.before, Mapping) else None
        await self._place.put(lock if isinstance(lock, Mapping) else None, expected)


def _stored(lock: Lock) -> tuple[Step, ...]:
    """The steps that the freeze left in its lock; raises ValueError, KeyError or TypeError for what is none."""
    if len(lock.undo) > _MOST_STEPS:
        raise ValueError(f"{len(lock.undo)} steps")
    steps = tuple(read_step(raw) for raw in lock.undo)
    for step in steps:
        if not lifts_a_freeze(step):
            raise ValueError(f"{step.title}: more than a freeze can have done")
    return steps


def _remarks(action: Action, situation: Situation, held: Lock) -> tuple[str, ...]:
    if held.who == action.who:
        return ()
    whose = f"this lifts somebody else's freeze, {held.held(situation.now)}"
    stored = "what that freeze paused is restored as its lock says, not this journal: read the calls"
    return (whose, stored) if held.undo else (whose,)


def _by_journal(plan: str) -> str:
    return f"the journal restores what that freeze changed: undo {plan}" if plan else "look into the journal"


def _call(where: str, headers: Mapping[str, Secret], lock: Mapping[str, Json] | None, *, first: bool) -> str:
    """The change as an operator could type it; the steps that the lock carries are left out."""
    brief = {name: value for name, value in (lock or {}).items() if name != "undo"}
    text = shlex.quote(json.dumps(brief, ensure_ascii=False))
    if not where.startswith(("http://", "https://")):
        path = shlex.quote(where)
        if lock is None:
            return f"rm {path}"
        return (
            f"(set -C; printf '%s\\n' {text} > {path})"
            if first
            else f"printf '%s\\n' {text} > {path}.new && mv {path}.new {path}"
        )
    secret = "".join(f' -H "{name}: ${_variable(name)}"' for name in headers)
    if lock is None:
        return f"curl -fsS -X DELETE{secret} {shlex.quote(where)}"
    only = " -H 'If-None-Match: *'" if first else ""
    return f"curl -fsS -X PUT{secret}{only} --json {text} {shlex.quote(where)}"


def _variable(header: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in header).upper()
