"""Ensembles: the models and versions that their steps name, and whether they close a circle."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.repository import Finding, ModelFolder, Repository, fail, rows, table, whole
from console.domain.repository_artifact import ENSEMBLE
from console.domain.repository_flow import flow_findings
from console.domain.repository_versions import listed, versions_of
from console.domain.text import visible

ITSELF, MODEL, VERSION, CYCLE = (
    "repo.ensemble",
    "repo.ensemble_model",
    "repo.ensemble_version",
    "repo.ensemble_cycle",
)
_NOT_ALLOWED = ("instance_group", "optimization", "model_warmup")
_LATEST = -1


def ensemble_findings(repository: Repository) -> dict[str, list[Finding]]:
    """What is wrong with the ensembles that are asked about, by their names."""
    known = {model.name: model for model in repository.models}
    ensembles = {model.name: steps_of(model) for model in repository.models if _is_ensemble(model)}
    circling = _circling(ensembles)
    return {
        model.name: list(_ensemble(model, ensembles[model.name], known, circle=model.name in circling))
        for model in repository.asked
        if model.name in ensembles
    }


def _ensemble(
    model: ModelFolder, steps: list[Mapping[str, Any]], known: Mapping[str, ModelFolder], *, circle: bool
) -> Iterator[Finding]:
    own = list(_itself(model, steps))
    yield from own
    if circle:
        said = "its steps lead into a circle of ensembles (config_invalid)"
        yield fail(CYCLE, model.name, said, "an ensemble calls models and other ensembles, never itself")
    elif not own:
        for step in steps:
            yield from _step(model.name, step, known)
        yield from flow_findings(model, steps, known)


def steps_of(model: ModelFolder) -> list[Mapping[str, Any]]:
    """The steps of an ensemble."""
    scheduling = table(table(model.tree).get("ensemble_scheduling"))
    return [table(step) for step in rows(scheduling.get("step"))]


def _is_ensemble(model: ModelFolder) -> bool:
    tree = table(model.tree)
    return tree.get("platform") == ENSEMBLE or "ensemble_scheduling" in tree


def _itself(model: ModelFolder, steps: list[Mapping[str, Any]]) -> Iterator[Finding]:
    tree = table(model.tree)
    said, hint = "", ""
    if tree.get("platform") != ENSEMBLE:
        said, hint = (
            "it has ensemble_scheduling and another platform than ensemble",
            'write platform: "ensemble"',
        )
    elif tree.get("backend"):
        said, hint = "an ensemble has no backend", "leave backend away"
    elif not steps:
        said, hint = "an ensemble needs steps", "write ensemble_scheduling { step [ … ] }"
    elif odd := [field for field in _NOT_ALLOWED if field in tree]:
        said, hint = f"an ensemble has no {' and no '.join(odd)}", "these belong to the models that it calls"
    if said:
        yield fail(ITSELF, model.name, f"{said} (config_invalid)", hint)
    for number, step in enumerate(steps):
        for field in ("model_name", "input_map", "output_map"):
            if not step.get(field):
                said = f"step {number} has no {field} (config_invalid)"
                yield fail(
                    ITSELF, model.name, said, "each step names a model, and maps its inputs and outputs"
                )


def _step(ensemble: str, step: Mapping[str, Any], known: Mapping[str, ModelFolder]) -> Iterator[Finding]:
    name = str(step.get("model_name", ""))
    shown = visible(name, 60)
    model = known.get(name)
    if model is None:
        said = f"it calls {shown}, which is not in this repository (dependency_unavailable)"
        yield fail(MODEL, ensemble, said, "bring it, unless the server has it from another repository")
        return
    version = whole(step.get("model_version"))
    serve = versions_of(model).serve
    if version == _LATEST or version in serve:
        return
    if "model_version" not in step:
        said = f"its step to {shown} has no model_version, which is version 0, and not the latest"
        yield fail(VERSION, ensemble, f"{said} (dependency_unavailable)", "write model_version: -1")
        return
    said = f"it calls version {version} of {shown}, of which {listed(serve)} would serve (dependency_unavailable)"
    yield fail(VERSION, ensemble, said, "-1 is the latest; or correct that model's version_policy")


def _circling(ensembles: Mapping[str, list[Mapping[str, Any]]]) -> frozenset[str]:
    """The ensembles whose steps lead into a circle: those that are left when all that end somewhere are taken out."""
    calls = {
        name: {str(step.get("model_name", "")) for step in steps} & ensembles.keys()
        for name, steps in ensembles.items()
    }
    callers: dict[str, list[str]] = {name: [] for name in calls}
    for name, called in calls.items():
        for each in called:
            callers[each].append(name)
    waiting = [name for name, called in calls.items() if not called]
    left = {name: len(called) for name, called in calls.items()}
    while waiting:
        name = waiting.pop()
        del left[name]
        for caller in callers[name]:
            left[caller] -= 1
            if not left[caller]:
                waiting.append(caller)
    return frozenset(left)
