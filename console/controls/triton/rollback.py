"""Going back to a version or to a known-good release on Triton servers that take loads."""

import json
from typing import NamedTuple

from console.controls.triton.draft import Draft, Wish, able, told_of_loads, told_of_readiness
from console.controls.triton.look import Files, Seen, called, parts_first, parts_of
from console.controls.triton.parts import parts
from console.controls.triton.steps import Place, Said, come, gone, numbered, over, present
from console.domain.config import read_config
from console.domain.model_change import POLICY, config_digest, objections, with_versions
from console.domain.plan import Check, Proposal, Step
from console.domain.serving import Config, Serving
from console.domain.states import Json
from console.domain.text import visible

# Seen with a small python model.
_GAP_S = 1.3


class Goal(NamedTuple):
    """The versions that a model shall serve, with the config of a release; None keeps the one that is served."""

    model: str
    versions: tuple[str, ...]
    config: Config | None = None


def rollback(wish: Wish) -> Proposal:
    """A load over what serves, on one target after the other."""
    draft = Draft(dependents=wish.dependents)
    told: list[tuple[Seen, list[Goal]]] = []
    for seen in able(wish, draft):
        goals = goals_of(wish, seen, draft)
        told.append((seen, goals))
        for goal in goals:
            _model(wish, seen, goal, draft)
    if told and told[0][1]:
        seen, goals = told[0]
        versions = {goal.model: goal.versions for goal in goals}
        found = parts(wish.situation.release, wish.look.files, seen, versions)
        draft.parts = found.parts
        draft.warnings += found.warnings if draft.steps else ()
    return draft.proposal()


def goals_of(wish: Wish, seen: Seen, draft: Draft) -> list[Goal]:
    """Where the model, and what it calls, shall be; a refusal in the draft where that cannot be told."""
    action, release = wish.action, wish.situation.release
    serving = seen.models[wish.model]
    if action.version:
        return [Goal(wish.model, (action.version,))]
    if release is not None and release.model(wish.model) is not None:
        return _released(wish, seen, draft)
    if action.release:
        draft.refusals.append(f"release {visible(action.release, 40)} does not hold {wish.shown}")
        return []
    before = [version for version in serving.rested if version not in serving.ready]
    if not before:
        draft.refusals.append(
            f"{seen.target.name}: no known-good release holds {wish.shown}, and no version of it that served before "
            "is known; name a version, or mark a release as good while it serves well"
        )
        return []
    draft.warnings.append(
        f"no known-good release holds {wish.shown}: version {before[-1]} is the highest that served before on "
        f"{seen.target.name}, which does not make it good"
    )
    return [Goal(wish.model, (before[-1],))]


def _released(wish: Wish, seen: Seen, draft: Draft) -> list[Goal]:
    """What the release holds of the model and of what it calls, parts first."""
    release = wish.situation.release
    goals = []
    served = parts_first(seen.models, wish.model)
    new = [name for name in called(release, wish.model) if name not in served and name in seen.models]
    for name in (*new, *served):
        known = release.model(name) if release else None
        if known is None:
            draft.unknown.append(f"the release does not hold {visible(name, 80)}, which {wish.shown} calls")
            continue
        goals.append(Goal(name, known.versions, json.loads(known.config) if known.config else None))
    return goals


def _model(wish: Wish, seen: Seen, goal: Goal, draft: Draft) -> None:
    serving, place, name = seen.models[goal.model], wish.place(seen), seen.target.name
    changed = _changes(serving, goal)
    dead = _dead(wish, seen, goal.model)
    again = (wish.action.unload_first or dead) and goal.model == wish.model
    checks = [Check(name, goal.model, version) for version in goal.versions]
    if not changed and not again:
        draft.checks += checks
        return
    said = _not_there(wish, seen, goal, draft)
    made = None if said else _config(serving, goal)
    if isinstance(made, str) or made is None:
        draft.refusals.append(f"{name}: {said or made}")
        return
    draft.checks += checks
    if again and (not changed or wish.action.unload_first):
        draft.steps += _anew(wish, place, goal, made, draft)
        if dead:
            draft.warnings.append(f"{name}: {_DEAD}; unloading and loading it starts it again")
        return
    if not serving.ready:
        draft.steps.append(come(place, goal.model, made, _after(goal, made), _effect(serving, goal)))
        return
    draft.steps.append(_over(place, serving, goal, made))
    told_of_loads(wish, seen, draft)
    if goal.versions != serving.ready:
        told_of_readiness(seen, draft)
    if dead:
        draft.warnings.append(
            f"{name}: {_DEAD}, so it stays UNLOADING for minutes after the other serves, and the server not ready"
        )
    left = [version for version in serving.ready if version not in goal.versions]
    if len(serving.ready) > 1 and left:
        draft.warnings.append(f"{name}: requests that name version {', '.join(left)} will fail")


_DEAD = "the model's process is dead although it says READY"


def _changes(serving: Serving, goal: Goal) -> bool:
    if goal.config is not None and config_digest(goal.config) != config_digest(serving.config or {}):
        return True
    return serving.ready != goal.versions


def _dead(wish: Wish, seen: Seen, model: str) -> bool:
    rows = [row for row in wish.situation.snapshot.models if row.model == model]
    probes = [probe for row in rows for probe in row.probes if probe.target == seen.target.name]
    return any(probe.failing and "Stub process" in probe.detail for probe in probes)


def _not_there(wish: Wish, seen: Seen, goal: Goal, draft: Draft) -> str:
    """Why the goal cannot be reached, as far as that is known before it is tried."""
    serving, files = seen.models[goal.model], wish.look.files.get(goal.model, Files())
    unseen = [version for version in goal.versions if version not in serving.known]
    if unseen and files.versions:
        lost = [version for version in unseen if version not in files.versions]
        if lost:
            return f"{numbered(lost)} of {visible(goal.model, 80)} is not in the repository"
    elif unseen:
        draft.unknown.append(
            f"{seen.target.name}: whether {numbered(unseen)} lies in the server's repository; "
            "if it does not, the load is refused and nothing changes"
        )
    calls = read_config(goal.config).composing if goal.config else parts_of(serving)
    coming = {step.subject for step in draft.steps}
    missing = [
        part
        for part in calls
        if f"{seen.target.name}/{part}" not in coming
        and (part not in seen.models or not seen.models[part].ready)
    ]
    if missing:
        said = ", ".join(visible(part, 80) for part in missing)
        return f"{said}, which it calls, is not ready: a load now would unload {visible(goal.model, 80)}"
    return ""


def _config(serving: Serving, goal: Goal) -> Config | str:
    """The config to send, or why there is none."""
    base = goal.config or serving.config
    if base is None:
        return (
            f"no version of {visible(goal.model, 80)} is ready, so its config cannot be read; "
            "load it first, or go back to a known-good release"
        )
    try:
        made = with_versions(base, goal.versions)
    except ValueError as error:
        return str(error)
    said = objections(serving.config, made, _fields(serving, goal))
    return f"its config will not be sent: {'; '.join(said)}" if said else made


def _fields(serving: Serving, goal: Goal) -> list[str] | None:
    same = goal.config is None or config_digest(goal.config) == config_digest(serving.config or {})
    return [POLICY] if same else None


def _over(place: Place, serving: Serving, goal: Goal, made: Config) -> Step:
    said = Said(
        f"serve {numbered(goal.versions)} of {goal.model}",
        _effect(serving, goal),
        present(serving),
        _after(goal, made),
    )
    return over(place, serving, made, _fields(serving, goal), said)


def _after(goal: Goal, made: Config) -> dict[str, Json]:
    return {"ready": list(goal.versions), "config": config_digest(made)}


def _effect(serving: Serving, goal: Goal) -> str:
    wanted = numbered(goal.versions)
    config = ", with the release's config" if _fields(serving, goal) is None else ""
    if not serving.ready:
        return f"{wanted} is loaded{config}"
    return (
        f"{wanted} is loaded{config} beside {numbered(serving.ready)}, which then goes: no request fails. "
        "Unloading first, as Triton's documentation advises, would fail every request meanwhile"
    )


def _anew(wish: Wish, place: Place, goal: Goal, made: Config, draft: Draft) -> list[Step]:
    """Unload, then load; the ensembles that call the model go first and come back last."""
    seen = place.seen
    about = (
        f"about {wish.load_s:.1f} s, as long as a load"
        if wish.load_s
        else f"{_GAP_S} s for a small model, unknown for this"
    )
    draft.warnings.insert(
        0,
        f"{seen.target.name}: every request for {wish.shown} fails from the unload until the load is done ({about})",
    )
    above = [seen.models[name] for name in wish.dependents if name in seen.models and seen.models[name].ready]
    serving = seen.models[goal.model]
    steps = [gone(place, each) for each in reversed(above)]
    if serving.ready:
        steps.append(gone(place, serving, wait=False))
    steps.append(come(place, goal.model, made, _after(goal, made), f"{numbered(goal.versions)} serves"))
    effects = [(each, f"{each.model} serves again") for each in above]
    return [
        *steps,
        *(come(place, each.model, place.back(each), present(each), said) for each, said in effects),
    ]
