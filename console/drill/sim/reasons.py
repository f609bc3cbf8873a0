"""Why a version cannot be loaded, in Triton's words."""

from collections.abc import Mapping
from typing import Any

from console.drill.sim.batching import instance_count, on_gpu
from console.drill.sim.gpu import Gpu
from console.drill.sim.model_config import misdescribed
from console.drill.spec import VersionSpec

BACKENDS = {"python", "onnxruntime", "tensorrt", "pytorch", "tensorflow", "identity", "openvino"}


def steps_of(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps of an ensemble's config, none for a plain model's."""
    steps: list[dict[str, Any]] = (config.get("ensemble_scheduling") or {}).get("step", [])
    return steps


def backend_missing(config: Mapping[str, Any]) -> str:
    """No library for the backend: fails before anything is started."""
    if steps_of(config) or config["backend"] in BACKENDS:
        return ""
    return (
        f"Invalid argument: unable to find backend library for backend '{config['backend']}',"
        " try specifying runtime on the model configuration."
    )


def gpu_missing(config: Mapping[str, Any], gpu: Gpu | None) -> str:
    """An instance group on a GPU where there is none."""
    for group in config["instance_group"]:
        if group["kind"] == "KIND_GPU" and gpu is None:
            return (
                f"Invalid argument: instance group {group['name']} of model {config['name']}"
                " has kind KIND_GPU but no GPUs are available"
            )
    return ""


def no_room(config: Mapping[str, Any], spec: VersionSpec, gpu: Gpu | None) -> str:
    """Less GPU memory than the instances need."""
    wanted = spec.memory_mib * instance_count(config)
    if gpu is None or not on_gpu(config) or wanted <= gpu.free_mib:
        return ""
    return (
        f"Internal: failed to load model '{config['name']}': CUDA out of memory."
        f" Tried to allocate {wanted:.2f} MiB. GPU 0 has a total capacity of {gpu.spec.memory_mib:.2f} MiB"
        f" of which {gpu.free_mib:.2f} MiB is free."
    )


def why_not(config: Mapping[str, Any], spec: VersionSpec, gpu: Gpu | None) -> str:
    """The first reason for which a version cannot serve, empty when it can."""
    return (
        backend_missing(config)
        or misdescribed(config)
        or gpu_missing(config, gpu)
        or spec.fails
        or no_room(config, spec, gpu)
    )
