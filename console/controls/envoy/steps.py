"""The steps that turn what Envoy has: runtime weights, a runtime percentage, a file of routes; pure."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from console.controls.envoy.file import Edit, RouteFile, changed_lines, digest, edited, edits, reversed_edits
from console.controls.envoy.look import RouteLook, served_state, value_state, weights_state
from console.domain.plan import Phase, Step
from console.domain.states import Json
from console.transport.envoy_admin import Value, modify_path

NAME = "envoy"
TIMEOUT_S = 20.0
_LONGEST_LINE = 300


class Knob(NamedTuple):
    """One thing: its subject, its state now, the route it belongs to, and the file it is, if it is one."""

    subject: str
    state: Json
    route: RouteLook
    file: RouteFile | None = None


def knobs(route: RouteLook) -> list[Knob]:
    """Everything of the route that a release remembers."""
    found = []
    if not route.trouble and route.route.runtime:
        found.append(Knob(f"weights {route.route.runtime}", weights_state(route.values), route))
    if not route.trouble and route.file is not None:
        served = {"weights": [dict(split.weights) for split in route.served]}
        found.append(Knob(f"routes in {route.file.path}", served, route, route.file))
    if not route.shed_trouble and route.route.shed:
        found.append(Knob(f"percentage {route.route.shed}", value_state(route.shed), route))
    return found


def weights_step(url: str, route: RouteLook, texts: Mapping[str, str], effect: str) -> Step:
    """Set the runtime weights of all clusters of the split, an empty text for none."""
    subject = f"weights {route.route.runtime}"
    goals = {name: _aimed(route.values[name], text) for name, text in texts.items()}
    there = _weights(url, route, goals, effect)
    back = _weights(url, route, route.values, f"{subject} as before")
    return replace(there, before=back.after, inverse=replace(back, before=there.after))


def _weights(url: str, route: RouteLook, goals: Mapping[str, Value], effect: str) -> Step:
    prefix = route.route.runtime
    after = weights_state(goals)
    texts: dict[str, Json] = {f"{prefix}.{name}": value.given for name, value in goals.items()}
    return Step(
        control=NAME,
        subject=f"weights {prefix}",
        title=f"weights {prefix}: {', '.join(f'{name} {state}' for name, state in after.items())}",
        call=_post(url, {key: str(text) for key, text in texts.items()}),
        before=None,
        after=after,
        effect=effect,
        change={"what": "weights", "prefix": prefix, "clusters": list(goals), "values": texts},
        timeout_s=TIMEOUT_S,
    )


def percent_step(url: str, route: RouteLook, text: str, effect: str) -> Step:
    """Set the runtime percentage that sheds, an empty text for none."""
    key = route.route.shed
    there = _percentage(url, key, _aimed(route.shed, text), effect)
    back = _percentage(url, key, route.shed, f"percentage {key} as before")
    return replace(there, before=back.after, inverse=replace(back, before=there.after))


def _percentage(url: str, key: str, goal: Value, effect: str) -> Step:
    return Step(
        control=NAME,
        subject=f"percentage {key}",
        title=f"percentage {key}: {value_state(goal)}",
        call=_post(url, {key: goal.given}),
        before=None,
        after=value_state(goal),
        effect=effect,
        change={"what": "percentage", "key": key, "values": {key: goal.given}},
        timeout_s=TIMEOUT_S,
    )


def _aimed(value: Value, text: str) -> Value:
    """What comes of a text: unset, the layers below count again."""
    return value._replace(given=text, final=text or value.below)


def file_step(
    file: RouteFile, route: RouteLook, goals: Sequence[Mapping[str, int]], version: str, effect: str
) -> Step:
    """Replace the file by one with these weights, split by split, and this version."""
    changes = edits(file, goals, version)
    text = edited(file.text, changes)
    shown = ", ".join(f"{name} {weight}" for name, weight in goals[0].items())
    served = served_state(file.digest, route.served)
    after = {
        "file": digest(text.encode()),
        "version": version if file.version else served["version"],
        "weights": [dict(goal) for goal in goals],
    }
    step = Step(
        control=NAME,
        subject=f"routes in {file.path}",
        title=f"weights in {file.path}: {shown}",
        call=_sed(file.path, file.text, text),
        before=served,
        after=after,
        effect=effect,
        change=_file_change(file, route, changes),
        timeout_s=TIMEOUT_S,
    )
    inverse = replace(
        step,
        title=f"{file.path}: as before, to the byte",
        call=_sed(file.path, text, file.text),
        before=after,
        after=served,
        effect=f"{file.path} is again what it was",
        change=_file_change(file, route, reversed_edits(changes)),
    )
    return replace(step, inverse=inverse)


def in_phase(step: Step, phase: Phase) -> Step:
    """The step, at another time of a plan."""
    return replace(step, phase=phase)


def _file_change(file: RouteFile, route: RouteLook, changes: Sequence[Edit]) -> dict[str, Json]:
    return {
        "what": "file",
        "path": file.path,
        "names": list(file.names),
        "clusters": list(route.route.clusters),
        "edits": [list(change) for change in changes],
    }


def _post(url: str, values: Mapping[str, str]) -> str:
    return f"curl -sS -X POST {shlex.quote(url + modify_path(values))}"


def _sed(path: str, text: str, new: str) -> str:
    """The same change as a command: whole lines by number, then a rename, which is what Envoy waits for."""
    lines = changed_lines(text, new)
    place, draft = shlex.quote(path), shlex.quote(f"{path}.new")
    if any(len(line) > _LONGEST_LINE for _, line in lines):
        return f"cp {place} {draft} && ${{EDITOR:-vi}} {draft} && mv {draft} {place}"
    scripts = (shlex.quote(f"{number}c" + "\\" + _escaped(line)) for number, line in lines)
    return f"sed {' '.join(f'-e {script}' for script in scripts)} {place} > {draft} && mv {draft} {place}"


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\")
