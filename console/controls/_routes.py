"""What the gateways have in common: one proposal out of several routes, and the route's part of a rollback."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from console.domain.plan import Part, PartName, Proposal, Standing, Step
from console.domain.release import Release
from console.domain.states import Json, brief, holds

JOIN = " + "


class RefusedError(Exception):
    """Why one way to reduce is closed."""


def get(names: Sequence[str]) -> str:
    """``v2 gets``, or ``v2, v3 get``."""
    return f"{', '.join(names)} {'gets' if len(names) == 1 else 'get'}"


class Knob(Protocol):
    """A thing that can be turned: its subject, and its state now."""

    @property
    def subject(self) -> str:
        """What it is called in plans and releases."""
        ...

    @property
    def state(self) -> Json:
        """What it is now."""
        ...


_K = TypeVar("_K", bound=Knob)


def merged(proposals: Sequence[Proposal]) -> Proposal:
    """The proposals of a model's routes as one; its share is counted over all routes that take part."""
    goals = [each.share for each in proposals if each.share is not None]
    share = goals[0]._replace(subject=JOIN.join(goal.subject for goal in goals)) if goals else None
    return Proposal(
        steps=tuple(step for each in proposals for step in each.steps),
        warnings=tuple(said for each in proposals for said in each.warnings),
        unknown=tuple(said for each in proposals for said in each.unknown),
        refusals=tuple(said for each in proposals for said in each.refusals),
        share=share,
    )


def restored(
    release: Release | None,
    knobs: Iterable[_K],
    turn: Callable[[_K, Json, str], Step],
    *,
    warnings: Sequence[str] = (),
    held: Callable[[_K, Json], str] = lambda _knob, _then: "",
) -> Proposal:
    """Steps to the route that a known-good release remembers; ``held`` says why a knob is left alone."""
    if release is None:
        return _told(Standing.UNKNOWN, "no known-good release remembers a route", warnings)
    known = [(knob, release.routes[knob.subject]) for knob in knobs if knob.subject in release.routes]
    if not known:
        return _told(Standing.UNKNOWN, f"release {release.id} does not remember this route", warnings)
    changed = [(knob, then) for knob, then in known if not holds(then, knob.state)]
    left = [reason for knob, then in changed if (reason := held(knob, then))]
    turned = [(knob, then) for knob, then in changed if not held(knob, then)]
    effect = f"the route is as in release {release.id}"
    turns = [turn(knob, then, effect) for knob, then in turned]
    # Where the release's state comes from elsewhere (a layer below), this is no way back to it.
    steps = tuple(step for step in turns if step.before != step.after)
    left += [f"{step.subject} is set elsewhere" for step in turns if step.before == step.after]
    if not steps:
        return _told(Standing.UNKNOWN if left else Standing.SAME, "; ".join(left), [*left, *warnings])
    detail = "; ".join(f"{knob.subject}: {_words(knob.state)} → {_words(then)}" for knob, then in turned)
    part = Part(PartName.ROUTE, Standing.RESTORE, detail)
    return Proposal(steps=steps, warnings=(*left, *warnings), parts=(part,))


def _told(standing: Standing, detail: str, warnings: Sequence[str]) -> Proposal:
    return Proposal(warnings=tuple(warnings), parts=(Part(PartName.ROUTE, standing, detail),))


def _words(state: Json) -> str:
    return state if isinstance(state, str) else brief(state)
