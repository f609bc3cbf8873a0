"""Loading, unloading and tuning a model on Triton servers that take loads."""

import json
from dataclasses import replace

from console.controls.triton.draft import (
    Draft,
    Wish,
    able,
    told_of_carrier,
    told_of_loads,
    told_of_readiness,
)
from console.controls.triton.look import Seen, parts_of
from console.controls.triton.steps import Said, come, gone, inverted, numbered, over, present
from console.domain.model_change import INSTANCES, POLICY, knobs, objections, tuned
from console.domain.plan import Check, Proposal, Step
from console.domain.serving import Config, Serving
from console.domain.states import Json
from console.domain.text import visible


def load(wish: Wish) -> Proposal:
    """A load as the files say, where the model is not loaded; else of what has changed since."""
    draft = Draft()
    for seen in able(wish, draft):
        serving, place = seen.models[wish.model], wish.place(seen)
        if wish.action.version:
            draft.refusals.append(
                f"a load takes what the files say; to choose version {visible(wish.action.version, 20)}, load "
                f"{wish.shown} and roll it back to that version"
            )
            continue
        draft.checks.append(Check(seen.target.name, wish.model))
        if not serving.ready:
            effect = f"{wish.shown} is loaded with its config.pbtxt" + _fetching(serving)
            draft.steps.append(come(place, wish.model, None, {"loaded": True}, effect))
            continue
        told_of_loads(wish, seen, draft)
        told_of_readiness(seen, draft)
        draft.warnings.append(
            f"{seen.target.name}: {wish.shown} serves {numbered(serving.ready)} already: Triton does nothing unless its "
            "files have changed, and then loads whatever they say"
        )
        draft.steps.append(_again(wish, seen, serving))
    return draft.proposal()


def _fetching(serving: Serving) -> str:
    parts = parts_of(serving)
    return f", and what it calls: {', '.join(map(visible, parts))}" if parts else ""


def _again(wish: Wish, seen: Seen, serving: Serving) -> Step:
    """A load over what serves; what it will find cannot be known, so only what served can be asked for in the undo."""
    place = wish.place(seen, pin=True)
    after: dict[str, Json] = {"loaded": True}
    said = Said(f"load {wish.model} again", "files that have changed are taken up", present(serving), after)
    back = Said(
        f"load {wish.model} as it was, {numbered(serving.ready)}",
        f"{numbered(serving.ready)} serves again, from the files as they are now",
        after,
        present(serving),
    )
    step = place.load(wish.model, None, None, said)
    return inverted(step, place.load(wish.model, place.back(serving), None, back))


def unload(wish: Wish) -> Proposal:
    """An unload; the ensembles that call the model go first, each in a step of its own."""
    draft = Draft(dependents=wish.dependents)
    for seen in able(wish, draft):
        serving, place = seen.models[wish.model], wish.place(seen)
        above = [
            seen.models[name] for name in wish.dependents if name in seen.models and seen.models[name].ready
        ]
        if not serving.ready:
            draft.warnings.append(f"{seen.target.name}: no version of {wish.shown} is loaded")
            continue
        draft.steps += [gone(place, each) for each in reversed(above)]
        draft.steps.append(gone(place, serving, dependents=wish.action.dependents))
        if above:
            names = ", ".join(visible(each.model, 80) for each in above)
            draft.warnings.append(
                f"{seen.target.name}: {names} cannot serve without {wish.shown} and is unloaded first"
            )
        if wish.action.dependents:
            draft.unknown.append(
                f"which models were loaded through {wish.shown} and go with it is known to {seen.target.name} alone; "
                "an undo loads them as their files say"
            )
    if draft.steps:
        share = "" if wish.share is None else f", {wish.share:.0%} of all requests now"
        draft.warnings.insert(0, f"every request for {wish.shown} fails after this{share}")
    return draft.proposal()


def tune(wish: Wish) -> Proposal:
    """A step for each value and target, each a load of the full config with that one thing changed."""
    draft = Draft()
    if not wish.action.values:
        draft.refusals.append("nothing to change: name instances, queue_delay_us or queue_size")
    for seen in able(wish, draft):
        serving = seen.models[wish.model]
        if serving.config is None:
            draft.refusals.append(
                f"{seen.target.name}: no version of {wish.shown} is ready, so its config cannot be read"
            )
            continue
        draft.checks += [Check(seen.target.name, wish.model, version) for version in serving.ready]
        before: Json = present(serving)
        for name, value in wish.action.values.items():
            step = _set(wish, seen, serving, (name, value), draft)
            if step is not None:
                draft.steps.append(
                    replace(step, before=before, inverse=step.inverse and replace(step.inverse, after=before))
                )
                made = json.loads(str(step.change["config"]))
                kept = {**made, POLICY: (serving.config or {}).get(POLICY)}
                serving, before = replace(serving, config=kept), step.after
    return draft.proposal()


def _set(wish: Wish, seen: Seen, serving: Serving, wanted: tuple[str, int], draft: Draft) -> Step | None:
    """The step for one value, None where there is nothing to do or it cannot be done."""
    name, value = wanted
    base = wish.place(seen, pin=True).back(serving)
    try:
        made, field = tuned(base, name, value)
    except ValueError as error:
        draft.refusals.append(f"{seen.target.name}: {wish.shown}: {error}")
        return None
    if knobs(made) == knobs(base):
        draft.warnings.append(f"{seen.target.name}: {name} of {wish.shown} is {value} already")
        return None
    step = changed(wish, seen, serving, made, (field, {name: value}))
    if isinstance(step, str):
        draft.refusals.append(f"{seen.target.name}: {step}")
        return None
    if name == "instances":
        up = value > int(str(knobs(base).get("instances", 1)))
        how = "the new ones start beside those that serve" if up else "those that go end their work first"
        step = replace(step, effect=f"in place: {how}")
        told_of_carrier(seen, draft)
    else:
        told_of_loads(wish, seen, draft)
    return step


def changed(
    wish: Wish, seen: Seen, serving: Serving, made: Config, what: tuple[str, dict[str, Json]]
) -> Step | str:
    """A load over what serves with one field of its config changed, or why it must not be sent."""
    field, values = what
    # The versions that serve are to stay, whatever the policy would make of the repository now.
    fields = [field, POLICY]
    said = objections(serving.config, made, fields)
    if said:
        return f"its config will not be sent: {'; '.join(said)}"
    shown = ", ".join(f"{name} = {value}" for name, value in values.items())
    effect = f"{numbered(serving.ready)} is loaded anew beside the one that serves, which then goes: no request fails"
    after: dict[str, Json] = {"ready": list(serving.ready), "values": knobs(made)}
    # A change of instances alone is made in place, and leaves the policy that the server tells of as it was.
    place = wish.place(seen, pin=field == INSTANCES)
    return over(
        place, serving, made, fields, Said(f"set {shown} of {wish.model}", effect, present(serving), after)
    )
