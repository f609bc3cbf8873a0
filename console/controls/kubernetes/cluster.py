"""What the Kubernetes controls share: looking at things, and changing members of them as compare-and-set."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from console.domain.fleet import Fleet
from console.domain.kubernetes import Member, Path, Thing, guarded, member, patch, placed
from console.domain.kubernetes import thing as named
from console.domain.kubernetes_refusal import Why
from console.domain.plan import ChangedError, ControlError, Phase, Proposal, Step
from console.domain.states import Json, holds
from console.transport.kubectl import Kubectl, KubectlError

_TRIES = 4
_OVERTAKEN = {Why.REJECTED, Why.CONFLICT}

StateOf = Callable[[Any], Mapping[str, Json]]


class Look(NamedTuple):
    """One thing as it was found: ``problem`` says why it cannot be changed, ``doubt`` what could not be asked."""

    thing: Thing
    obj: Mapping[str, Any]
    problem: str = ""
    doubt: str = ""


class Wish(NamedTuple):
    """Members that one step sets, and what it says of itself; ``keep`` are members that must not have changed.

    ``facets`` are the members of the state that the step is about.
    """

    thing: Thing
    obj: Mapping[str, Any]
    members: Sequence[Member]
    facets: tuple[str, ...]
    title: str
    effect: str
    undo_title: str
    undo_effect: str
    keep: tuple[Path, ...] = ()
    subresource: str = ""
    phase: Phase = Phase.CHANGE
    timeout_s: float = 40.0


class Cluster:
    """The fleet's cluster, for one control."""

    def __init__(self, fleet: Fleet) -> None:
        self.kubectl = Kubectl(fleet.kubernetes)
        self._namespace = fleet.kubernetes.namespace

    def things(self, texts: Iterable[str], *kinds: str) -> list[Thing]:
        """What settings name; raises ControlError with the first that is not understood."""
        try:
            return [named(text, kinds, self._namespace) for text in texts]
        except ValueError as error:
            raise ControlError(str(error), "correct it in the settings") from error

    async def look(self, thing: Thing, subresource: str = "") -> Look:
        """Read a thing, and ask whether it may be patched."""
        found, may = await asyncio.gather(
            self.kubectl.get(thing), self.kubectl.allowed("patch", thing, subresource), return_exceptions=True
        )
        for raised in (found, may):
            if isinstance(raised, BaseException) and not isinstance(raised, ControlError):
                raise raised
        if isinstance(found, BaseException):
            return Look(thing, {}, f"{thing.subject}: {words(found)}")
        if isinstance(may, BaseException):
            doubt = f"whether this login may patch {thing.subject} could not be asked: {words(may)}"
            return Look(thing, found, doubt=doubt)
        what = thing.resource + (f"/{subresource}" if subresource else "")
        denied = f"{thing.subject}: this login may not change it (ask for patch on {what} in {thing.place})"
        return Look(thing, found, "" if may else denied)

    async def looks(self, things: Iterable[Thing]) -> list[Look]:
        """Look at several things at the same time."""
        return list(await asyncio.gather(*(self.look(thing) for thing in things)))

    def step(self, control: str, wish: Wish, state_of: StateOf) -> Step:
        """A step and its inverse, which puts back exactly what was there."""
        then = placed(wish.obj, wish.members)
        back = [Member(each.path, member(wish.obj, each.path)) for each in wish.members]
        before, after = (
            {key: state[key] for key in wish.facets} for state in (state_of(wish.obj), state_of(then))
        )
        made = Step(
            control=control,
            subject=wish.thing.subject,
            title=wish.title,
            call=self._call(wish, wish.obj, wish.members),
            before=before,
            after=after,
            effect=wish.effect,
            change=_change(wish, wish.members),
            phase=wish.phase,
            timeout_s=wish.timeout_s,
        )
        inverse = replace(
            made,
            title=wish.undo_title,
            call=self._call(wish, then, back),
            before=after,
            after=before,
            effect=wish.undo_effect,
            change=_change(wish, back),
        )
        return replace(made, inverse=inverse)

    def _call(self, wish: Wish, obj: Any, members: Sequence[Member]) -> str:
        return self.kubectl.patch_call(wish.thing, patch(obj, members, wish.keep), wish.subresource)

    async def set(
        self, step: Step, state_of: StateOf, members: Sequence[Member], *, private: bool = False
    ) -> None:
        """Give the step's subject its new members, only while its state is still as planned."""
        thing = self.subject(step)
        keep = [tuple(path) for path in _rows(step.change.get("keep"))]
        subresource = str(step.change.get("subresource") or "")
        for _ in range(_TRIES):
            obj = await self.kubectl.get(thing)
            state = state_of(obj)
            if step.before is not None and not holds(step.before, state):
                raise ChangedError(f"{thing.subject} is no longer as planned", state)
            ops = patch(obj, members, keep)
            if not ops:
                return
            try:
                await self.kubectl.patch(thing, guarded(obj, ops), subresource, private=private)
            except KubectlError as error:
                # Refused because somebody else was faster: what they changed decides whether to go on.
                if error.why not in _OVERTAKEN:
                    raise
                overtaken = error
            else:
                return
        raise ControlError(
            f"{thing.subject} changes faster than it can be patched: {overtaken}", "look who writes it"
        )

    def subject(self, step: Step) -> Thing:
        """The thing that a step is about."""
        *space, kind, name = step.subject.partition(" ")[0].split("/")
        return Thing(kind, name, space[0] if space else "")


def members_of(step: Step) -> list[Member]:
    """The members that a step sets."""
    return [Member(tuple(row["path"]), row["value"]) for row in _rows(step.change.get("set"))]


def troubles(looks: Iterable[Look]) -> Proposal:
    """What a proposal says of the things that cannot be changed, or of which that is not known."""
    told = list(looks)
    return Proposal(
        refusals=tuple(look.problem for look in told if look.problem),
        unknown=tuple(look.doubt for look in told if look.doubt),
    )


def words(error: BaseException) -> str:
    """An error and what to do about it."""
    hint = getattr(error, "hint", "")
    return f"{error} ({hint})" if hint else str(error)


def _change(wish: Wish, members: Sequence[Member]) -> dict[str, Json]:
    rows: list[Json] = [{"path": list(path), "value": value} for path, value in members]
    keep: list[Json] = [list(path) for path in wish.keep]
    return {"set": rows, "keep": keep, "subresource": wish.subresource}


def _rows(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, list | tuple) else []
