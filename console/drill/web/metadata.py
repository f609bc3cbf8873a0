"""What a server and a model say of themselves."""

from collections.abc import Mapping
from typing import Any

from console.drill.sim.repository import Model, Slot
from console.drill.spec import TargetSpec

EXTENSIONS = [
    "classification",
    "sequence",
    "model_repository",
    "model_repository(unload_dependents)",
    "schedule_policy",
    "model_configuration",
    "system_shared_memory",
    "cuda_shared_memory",
    "binary_tensor_data",
    "parameters",
    "statistics",
    "trace",
    "logging",
]
LOGGING = {
    "log_file": "",
    "log_info": True,
    "log_warning": True,
    "log_error": True,
    "log_verbose_level": 0,
    "log_format": "default",
}
TRACING = {
    "trace_level": ["OFF"],
    "trace_rate": "1000",
    "trace_count": "-1",
    "log_frequency": "0",
    "trace_file": "",
    "trace_mode": "triton",
}
VERSION, NEWER_VERSION = "2.51.0", "2.61.0"


def version_of(spec: TargetSpec) -> str:
    """The server's version."""
    return NEWER_VERSION if spec.newer else VERSION


def datatype(data_type: str) -> str:
    """The protocol's name of a config's type: TYPE_FP32 is FP32, TYPE_STRING is BYTES."""
    name = data_type.removeprefix("TYPE_")
    return "BYTES" if name == "STRING" else name


def model_metadata(model: Model, slot: Slot, version: int | None) -> dict[str, Any]:
    """The answer of ``GET /v2/models/NAME``; with a version, only that one is listed."""
    config = slot.config
    return {
        "name": model.name,
        "versions": [str(number) for number in (model.ready if version is None else [version])],
        "platform": config["platform"] or config["backend"],
        "inputs": [_tensor(tensor, config) for tensor in config["input"]],
        "outputs": [_tensor(tensor, config) for tensor in config["output"]],
    }


def _tensor(tensor: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    batch = [-1] if config["max_batch_size"] > 0 else []
    return {
        "name": tensor["name"],
        "datatype": datatype(tensor["data_type"]),
        "shape": [*batch, *tensor["dims"]],
    }
