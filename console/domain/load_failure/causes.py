"""Every cause that a text can name: the part it belongs to, what it means, and which of the runbook's points it answers."""

from collections.abc import Mapping
from typing import NamedTuple


class Cause(NamedTuple):
    """``part`` groups causes; ``settles`` are ids of points of the load-failure runbook."""

    part: str
    meaning: str
    settles: tuple[str, ...] = ()


GENERIC_CAUSES = ("unknown", "generic_wrapper", "engine_load_generic")
"""Answers that name no cause: the text does not say one."""

CAUSES: Mapping[str, Cause] = {
    "repository_layout": Cause(
        "repository layout",
        "Triton did not find a file or directory where a model repository has it.",
        ("layout",),
    ),
    "version_missing": Cause(
        "repository layout", "The model has no version directory that its version policy allows.", ("layout",)
    ),
    "config_parse": Cause("config.pbtxt", "A configuration file cannot be parsed.", ("config",)),
    "config_invalid": Cause(
        "config.pbtxt", "The configuration parses, but Triton does not allow what it says.", ("config",)
    ),
    "config_model_mismatch": Cause(
        "config.pbtxt",
        "The configuration describes other inputs, outputs or batching than the artifact has.",
        ("config",),
    ),
    "gpu_placement": Cause(
        "config.pbtxt",
        "The configuration places instances on GPUs that this server does not have.",
        ("config", "runtime"),
    ),
    "parallelism_config": Cause(
        "config.pbtxt",
        "The number of ranks or GPUs is not the one that the model was built for.",
        ("config", "engine"),
    ),
    "backend_missing": Cause("backend", "This server has no backend of that name.", ("backend", "runtime")),
    "backend_shared_library": Cause(
        "backend",
        "A shared library of the backend, or one below it, cannot be loaded.",
        ("backend", "runtime"),
    ),
    "permissions": Cause(
        "permissions", "The server may not read, write or execute a file.", ("permissions",)
    ),
    "artifact_format": Cause(
        "artifact", "The artifact is damaged, or in a format that this backend does not read.", ("artifact",)
    ),
    "engine_version": Cause(
        "TensorRT engine",
        "The engine was serialised by another TensorRT than the one that reads it.",
        ("engine", "runtime"),
    ),
    "engine_compute": Cause(
        "TensorRT engine", "The engine was built for another GPU architecture or platform.", ("engine",)
    ),
    "engine_plugin": Cause(
        "TensorRT engine", "The engine needs a plugin that is not registered.", ("engine",)
    ),
    "engine_load_generic": Cause(
        "TensorRT engine", "TensorRT refused the engine; these words do not say why."
    ),
    "gpu_oom": Cause("GPU memory", "There was not enough free GPU memory.", ("gpu_memory",)),
    "gpu_driver": Cause(
        "runtime", "The GPU, its driver or the CUDA runtime cannot be used from this container.", ("runtime",)
    ),
    "warmup_failed": Cause("warmup", "The model loaded, and its warmup request failed.", ()),
    "python_import": Cause(
        "python", "The Python model imports something that cannot be imported.", ("runtime",)
    ),
    "python_init": Cause("python", "The Python model raised an exception while it was initialised.", ()),
    "python_env": Cause(
        "python", "The execution environment does not fit the Python stub or the image.", ("runtime",)
    ),
    "python_stub_dead": Cause(
        "python", "The process that runs the Python model died or does not answer.", ()
    ),
    "tokenizer_asset": Cause(
        "artifact", "A tokenizer, or another asset of the Hugging Face kind, cannot be loaded.", ("artifact",)
    ),
    "host_shared_memory": Cause(
        "runtime", "The host's shared memory (/dev/shm) is too small or cannot be used.", ("runtime",)
    ),
    "storage_access": Cause(
        "storage", "The object store refused, or the path or credentials are not right.", ("permissions",)
    ),
    "storage_unreachable": Cause("storage", "The object store was not reached.", ()),
    "storage_object_missing": Cause("storage", "The object store has no such object.", ("layout",)),
    "dependency_unavailable": Cause(
        "dependency", "A model that this ensemble needs is not loaded; its own failure comes first.", ()
    ),
    "generic_wrapper": Cause("wrapper", "These words say that a load failed, and not why."),
    "benign_warning": Cause("warning", "A usual warning: no load fails of it."),
    "unknown": Cause("unknown", "The text names no cause that the console knows."),
}
