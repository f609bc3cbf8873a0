"""Model configurations as Triton completes them: every field present, in its order, unknown ones refused."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from console.drill.sim.config_schema import ConfigError, message, ordered

_FILENAMES = {
    "python": "model.py",
    "onnxruntime": "model.onnx",
    "tensorrt": "model.plan",
    "pytorch": "model.pt",
}


def parse(text: str) -> dict[str, Any]:
    """The message in a JSON text; raises ConfigError for bad JSON, an unknown field or a wrong type."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return message("ModelConfig", given)


def complete(name: str, given: Mapping[str, Any], *, gpu: bool, found: str = "python") -> dict[str, Any]:
    """The config as ``GET /v2/models/NAME/config`` shows it; raises ConfigError, also for another model's name.

    ``gpu`` says whether the server has one: it decides the kind of an instance group that names none.
    ``found`` is the backend that the files ask for where the config does not.
    """
    config = message("ModelConfig", given)
    if config["name"] not in {"", name}:
        raise ConfigError(f"unexpected directory name '{name}' for model '{config['name']}'")
    config["name"] = name
    config.setdefault("version_policy", {"latest": {"num_versions": 1}})
    _check_batching(config)
    if "ensemble_scheduling" in config:
        config.setdefault("model_transaction_policy", {"decoupled": False})
    else:
        if not (config["backend"] or config["platform"]):
            config["backend"] = found
        config.setdefault("optimization", message("Optimization", {}))
        for side in ("input_pinned_memory", "output_pinned_memory"):
            config["optimization"].setdefault(side, {"enable": True})
        config["optimization"] = ordered("Optimization", config["optimization"])
        config["default_model_filename"] = config["default_model_filename"] or _FILENAMES.get(
            config["backend"], ""
        )
        config["instance_group"] = _instance_groups(name, config["instance_group"], gpu=gpu)
    return ordered("ModelConfig", config)


def misdescribed(config: Mapping[str, Any]) -> str:
    """Why Triton refuses to load a config that it could read, empty when it would not."""
    for side in ("input", "output"):
        for tensor in config[side]:
            if tensor["data_type"] == "TYPE_INVALID":
                return (
                    f"Invalid argument: model {side} '{tensor['name']}'"
                    f" must specify 'data_type' for {config['name']}"
                )
    return ""


def served_versions(config: Mapping[str, Any], present: Iterable[int]) -> list[int]:
    """Versions that the policy picks from the directories that are there, in order."""
    policy, there = config["version_policy"], sorted(present)
    if "specific" in policy:
        wanted = set(policy["specific"]["versions"])
        return [version for version in there if version in wanted]
    if "all" in policy:
        return there
    count = policy.get("latest", {}).get("num_versions", 0) or 1
    return there[-count:]


def _check_batching(config: Mapping[str, Any]) -> None:
    chosen = [
        name for name in ("dynamic_batching", "sequence_batching", "ensemble_scheduling") if name in config
    ]
    if len(chosen) > 1:
        raise ConfigError(f"{chosen[1]}: oneof field 'scheduling_choice' is already set")
    if "sequence_batching" in config:
        sequence = config["sequence_batching"]
        sequence["max_sequence_idle_microseconds"] = sequence["max_sequence_idle_microseconds"] or 1_000_000
    largest, batching = config["max_batch_size"], config.get("dynamic_batching")
    if largest < 0:
        raise ConfigError(f"'max_batch_size' must be non-negative value for {config['name']}")
    if batching is None:
        return
    if any(not 0 < size <= largest for size in batching["preferred_batch_size"]):
        raise ConfigError(f"dynamic batching preferred size must be <= max batch size for {config['name']}")
    if largest:
        batching["preferred_batch_size"] = batching["preferred_batch_size"] or [largest]


def _instance_groups(name: str, groups: list[dict[str, Any]], *, gpu: bool) -> list[dict[str, Any]]:
    groups = groups or [message("InstanceGroup", {"name": name})]
    for number, group in enumerate(groups):
        group["name"] = group["name"] or f"{name}_{number}"
        if group["kind"] == "KIND_AUTO":
            group["kind"] = "KIND_GPU" if gpu else "KIND_CPU"
        group["count"] = max(1, group["count"])
        if group["kind"] == "KIND_GPU" and gpu and not group["gpus"]:
            group["gpus"] = [0]
    return groups
