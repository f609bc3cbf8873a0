"""Triton's ModelConfig message: its fields in their order, their types and their defaults."""

from collections.abc import Mapping
from typing import Any

# Message -> field -> type. A scalar's type is its default. A message's name stands for a
# field that is absent until given, ``!`` after it for one that Triton always fills in.
# [x] is a repeated field and {"": x} a map.
_INT, _TEXT, _FLAG, _FLOAT = 0, "", False, 0.0
SCHEMA: dict[str, dict[str, Any]] = {
    "ModelConfig": {
        "name": _TEXT,
        "platform": _TEXT,
        "backend": _TEXT,
        "runtime": _TEXT,
        "version_policy": "VersionPolicy",
        "max_batch_size": _INT,
        "input": ["Input"],
        "output": ["Output"],
        "batch_input": ["BatchInput"],
        "batch_output": ["BatchOutput"],
        "optimization": "Optimization",
        "dynamic_batching": "DynamicBatching",
        "sequence_batching": "SequenceBatching",
        "ensemble_scheduling": "EnsembleScheduling",
        "instance_group": ["InstanceGroup"],
        "default_model_filename": _TEXT,
        "cc_model_filenames": {"": _TEXT},
        "metric_tags": {"": _TEXT},
        "parameters": {"": "Parameter"},
        "model_warmup": ["Warmup"],
        "model_operations": "Free",
        "model_transaction_policy": "TransactionPolicy",
        "model_repository_agents": "Free",
        "response_cache": "Enable",
        "model_metrics": "Free",
    },
    "VersionPolicy": {"latest": "Latest", "all": "Empty", "specific": "Specific"},
    "Latest": {"num_versions": _INT},
    "Specific": {"versions": [_INT]},
    "Empty": {},
    "Input": {
        "name": _TEXT,
        "data_type": "TYPE_INVALID",
        "format": "FORMAT_NONE",
        "dims": [_INT],
        "reshape": "Reshape",
        "is_shape_tensor": _FLAG,
        "allow_ragged_batch": _FLAG,
        "optional": _FLAG,
        "is_non_linear_format_io": _FLAG,
    },
    "Output": {
        "name": _TEXT,
        "data_type": "TYPE_INVALID",
        "dims": [_INT],
        "reshape": "Reshape",
        "label_filename": _TEXT,
        "is_shape_tensor": _FLAG,
        "is_non_linear_format_io": _FLAG,
    },
    "Reshape": {"shape": [_INT]},
    "BatchInput": {
        "kind": "BATCH_ELEMENT_COUNT",
        "target_name": [_TEXT],
        "data_type": "TYPE_INVALID",
        "source_input": [_TEXT],
    },
    "BatchOutput": {
        "target_name": [_TEXT],
        "kind": "BATCH_SCATTER_WITH_INPUT_SHAPE",
        "source_input": [_TEXT],
    },
    "Optimization": {
        "graph": "Free",
        "priority": "PRIORITY_DEFAULT",
        "cuda": "Free",
        "execution_accelerators": "Free",
        "input_pinned_memory": "Enable",
        "output_pinned_memory": "Enable",
        "gather_kernel_buffer_threshold": _INT,
        "eager_batching": _FLAG,
    },
    "Enable": {"enable": _FLAG},
    "DynamicBatching": {
        "preferred_batch_size": [_INT],
        "max_queue_delay_microseconds": _INT,
        "preserve_ordering": _FLAG,
        "priority_levels": _INT,
        "default_priority_level": _INT,
        "default_queue_policy": "QueuePolicy",
        "priority_queue_policy": {"": "QueuePolicy"},
    },
    "QueuePolicy": {
        "timeout_action": "REJECT",
        "default_timeout_microseconds": _INT,
        "allow_timeout_override": _FLAG,
        "max_queue_size": _INT,
    },
    "SequenceBatching": {
        "direct": "Free",
        "oldest": "Free",
        "max_sequence_idle_microseconds": _INT,
        "control_input": ["Free"],
        "state": ["Free"],
        "iterative_sequence": _FLAG,
    },
    "EnsembleScheduling": {"step": ["Step"]},
    "Step": {
        "model_name": _TEXT,
        "model_version": _INT,
        "input_map": {"": _TEXT},
        "output_map": {"": _TEXT},
        "model_namespace": _TEXT,
    },
    "InstanceGroup": {
        "name": _TEXT,
        "kind": "KIND_AUTO",
        "count": _INT,
        "rate_limiter": "Free",
        "gpus": [_INT],
        "secondary_devices": ["Free"],
        "profile": [_TEXT],
        "passive": _FLAG,
        "host_policy": _TEXT,
    },
    "Parameter": {"string_value": _TEXT},
    "Warmup": {"name": _TEXT, "batch_size": _INT, "inputs": {"": "Free"}, "count": _INT},
    "TransactionPolicy": {"decoupled": _FLAG},
}
_BITS = {f"{kind}{bits}" for kind in ("UINT", "INT") for bits in (8, 16, 32, 64)}
# Values of the enumerations; any other text is invalid.
_ENUMS = {
    "data_type": {
        f"TYPE_{kind}" for kind in _BITS | {"INVALID", "BOOL", "FP16", "FP32", "FP64", "STRING", "BF16"}
    },
    "format": {"FORMAT_NONE", "FORMAT_NHWC", "FORMAT_NCHW"},
    "kind": {f"KIND_{kind}" for kind in ("AUTO", "GPU", "CPU", "MODEL")}
    | {f"BATCH_{kind}" for kind in ("ELEMENT_COUNT", "ACCUMULATED_ELEMENT_COUNT", "ITEM_SHAPE")}
    | {"BATCH_SCATTER_WITH_INPUT_SHAPE"},
    "priority": {f"PRIORITY_{kind}" for kind in ("DEFAULT", "MAX", "MIN")},
    "timeout_action": {"REJECT", "DELAY"},
}


class ConfigError(ValueError):
    """The text is not a model configuration; Triton says why in its log only."""


def message(kind: str, given: Any) -> dict[str, Any]:
    """A message with every field that is not itself optional; raises ConfigError for what is unknown or mistyped."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{kind}: expected an object")
    if kind == "Free":
        return dict(given)
    fields = SCHEMA[kind]
    known = {_camel(name): name for name in fields} | {name: name for name in fields}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ConfigError(f"{unknown[0]}: Cannot find field.")
    values = {known[name]: value for name, value in given.items()}
    made = {name: _field(name, shape, values.get(name)) for name, shape in fields.items()}
    return {name: value for name, value in made.items() if value is not None}


def _field(name: str, shape: Any, value: Any) -> Any:
    if isinstance(shape, list):
        return [_field(name, shape[0], item) for item in _typed(name, [] if value is None else value, list)]
    if isinstance(shape, dict):
        return {
            key: _field(name, shape[""], item)
            for key, item in _typed(name, {} if value is None else value, dict).items()
        }
    if isinstance(shape, str) and (shape == "Free" or shape in SCHEMA):
        return None if value is None else message(shape, value)
    return shape if value is None else _scalar(name, shape, value)


def _scalar(name: str, default: Any, value: Any) -> Any:
    if isinstance(default, bool):
        return _typed(name, value, bool)
    if isinstance(default, int):
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool):
            raise ConfigError(f"({name}): invalid value for type TYPE_INT32")
        return _typed(name, value, int)
    _typed(name, value, str)
    if name in _ENUMS and value not in _ENUMS[name]:
        raise ConfigError(f'({name}): invalid value "{value}" for type TYPE_ENUM')
    return value


def _typed(name: str, value: Any, wanted: type) -> Any:
    if not isinstance(value, wanted):
        raise ConfigError(f"({name}): invalid value for type {wanted.__name__}")
    return value


def ordered(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a message in the order in which Triton writes them."""
    return {name: config[name] for name in SCHEMA[kind] if name in config}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
