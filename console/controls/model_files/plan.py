"""The plan of a rollback by files, for servers that follow their repository."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from console.controls.model_files.text import serving_text, sha256
from console.controls.triton.draft import Draft, Wish
from console.controls.triton.look import Files, Seen
from console.controls.triton.parts import parts
from console.controls.triton.rollback import Goal, goals_of
from console.controls.triton.steps import numbered
from console.domain.plan import Check, Proposal, Step
from console.domain.states import Json
from console.domain.text import visible

NAME = "model_files"
# A server that polls does so every 15 seconds unless it was told otherwise, and then loads.
TAKEN_UP_S = 120.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are put and from where: ``staging`` is outside the repository on its filesystem."""

    path: Path
    staging: Path | None
    trouble: str = ""


def plan(wish: Wish, followers: Sequence[Seen], places: Mapping[str, Place]) -> Proposal:
    """A step for each config.pbtxt that has to change; the servers share the repository."""
    draft = Draft(dependents=wish.dependents)
    first = followers[0]
    found = goals_of(wish, first, draft)
    for goal in found:
        _file(wish, followers, goal, places[goal.model], draft)
    if not found:
        return draft.proposal()
    versions = {goal.model: goal.versions for goal in found}
    told = parts(wish.situation.release, wish.look.files, first, versions, by_files=True)
    draft.parts = told.parts
    if draft.steps:
        draft.warnings += told.warnings
        names = ", ".join(seen.target.name for seen in followers)
        draft.warnings.append(
            f"this works only if {names} polls its repository (a server in mode none looks the same from here): "
            f"the index decides, for {TAKEN_UP_S:.0f} s; after that the file stays changed until it is undone"
        )
        draft.unknown.append("how often the server polls, and how long its load takes")
        if wish.action.unload_first:
            draft.warnings.append(
                "a server that polls cannot be made to unload first: it loads beside what serves"
            )
    return draft.proposal()


def _file(wish: Wish, followers: Sequence[Seen], goal: Goal, place: Place, draft: Draft) -> None:
    files = wish.look.files.get(goal.model, Files())
    name = visible(goal.model, 80)
    trouble = place.trouble or files.trouble
    lost = [version for version in goal.versions if version not in files.versions]
    if not trouble and files.pbtxt is None:
        trouble = f"{place.path} cannot be read as text; without one nothing says which version to serve"
    if not trouble and lost:
        trouble = f"{numbered(lost)} is not in {place.path.parent}"
    if trouble or files.pbtxt is None:
        draft.refusals.append(f"{name}: {trouble}")
        return
    release = None if wish.action.version else wish.situation.release
    released = release.model(goal.model) if release else None
    base = released.pbtxt if released is not None and released.pbtxt is not None else files.pbtxt
    try:
        text = serving_text(base, goal.versions, files.versions)
    except ValueError as error:
        draft.refusals.append(f"{name}: {error}; change {place.path} by hand")
        return
    serves = all(
        seen.models[goal.model].ready == goal.versions for seen in followers if goal.model in seen.models
    )
    if text != files.pbtxt:
        draft.steps.append(_step(followers, goal, place, (files.pbtxt, text)))
    elif not serves:
        draft.refusals.append(
            f"{name}: {place.path} says {numbered(goal.versions)} already, and the server does not"
        )
        return
    draft.checks += [
        Check(s.target.name, goal.model, version) for s in followers for version in goal.versions
    ]


def _step(followers: Sequence[Seen], goal: Goal, place: Place, texts: tuple[str, str]) -> Step:
    old, new = texts
    ready: dict[str, Json] = {s.target.name: list(s.models[goal.model].ready) for s in followers}
    then: dict[str, Json] = {name: list(goal.versions) for name in ready}
    was, will = {"sha256": sha256(old.encode())}, {"sha256": sha256(new.encode())}
    about = visible(goal.model, 80)
    step = Step(
        control=NAME,
        subject=str(place.path),
        title=f"serve {numbered(goal.versions)} of {about} by its config.pbtxt",
        call=_typed(place, new),
        before={**was, "ready": ready},
        after=will,
        effect=f"at its next poll the server loads {numbered(goal.versions)} beside what serves, which then goes: "
        "no request fails",
        change={"model": goal.model, "text": new, "ready": then},
        timeout_s=TAKEN_UP_S,
    )
    inverse = replace(
        step,
        title=f"put the config.pbtxt of {about} back as it was",
        call=_typed(place, old),
        before=will,
        after=was,
        effect="at its next poll the server serves again what it served",
        change={"model": goal.model, "text": old, "ready": ready},
    )
    return replace(step, inverse=inverse)


def _typed(place: Place, text: str) -> str:
    draft = shlex.quote(f"{place.staging}/.config.pbtxt.new")
    return f"printf %s {shlex.quote(text)} > {draft} && mv {draft} {shlex.quote(str(place.path))}"
