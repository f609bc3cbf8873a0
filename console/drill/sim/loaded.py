"""One version as it was loaded, and the words in which its failed executions are answered."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from console.drill.spec import VersionSpec

# What each backend says when it finds no memory for an execution.
_RAISED = {
    "python": (
        "Failed to process the request(s) for model '{instance}', message: RuntimeError: CUDA out of memory."
        " Tried to allocate 512.00 MiB.\n\nAt:\n  /models/{model}/{version}/model.py(58): execute\n"
    ),
    "onnxruntime": (
        "onnx runtime error 1: Non-zero status code returned while running MatMul node. Status Message:"
        " Failed to allocate memory for requested buffer of size 536870912"
    ),
    "tensorrt": "Failed to enqueue for inference: CUDA out of memory, instance '{instance}'",
}


class Loaded(NamedTuple):
    """A version with the config and the files that it was loaded with."""

    model: str
    version: int
    config: Mapping[str, Any]
    spec: VersionSpec

    def instance(self, number: int) -> str:
        """Triton's name of an instance."""
        groups = self.config["instance_group"]
        return f"{groups[0]['name'] if groups else self.model}_{number}"

    def dead(self, number: int) -> str:
        """What an inference is told whose stub process has died."""
        return f"Stub process '{self.instance(number)}' is not healthy."

    def raised(self, number: int) -> str:
        """What an inference is told whose execution found no memory."""
        text = _RAISED.get(self.config["backend"], _RAISED["python"])
        return text.format(instance=self.instance(number), model=self.model, version=self.version)
