"""Model repositories for the real Triton: small models of the Python backend, written as files.

``write(repository, "fast", "multi")`` writes these; ``write(repository)`` writes all. Inputs and outputs are FP32.
"""

from dataclasses import dataclass
from pathlib import Path

# Magic inputs of ``flaky``.
DIE, RAISE, ERROR = 13.0, 7.0, 5.0

SLOW_SECONDS = 0.05
QUEUE_SECONDS = 0.2

_ECHO = """\
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        time.sleep({seconds})
        return [self.answer(request) for request in requests]

    def answer(self, request):
        values = pb_utils.get_input_tensor_by_name(request, "INPUT0").as_numpy()
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT0", values)])
"""

_BADINIT = """\
class TritonPythonModel:
    def initialize(self, args):
        raise RuntimeError("cannot open weights file /models/missing.bin")

    def execute(self, requests):
        return []
"""

_SLOWINIT = (
    _ECHO.format(seconds=0)
    + """
    def initialize(self, args):
        time.sleep(3)
"""
)

_FLAKY = f"""\
import os

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        values = pb_utils.get_input_tensor_by_name(request, "INPUT0").as_numpy()
        if {DIE} in values:
            os._exit(1)
        if {RAISE} in values:
            raise ValueError("the input is {RAISE:.0f}")
        if {ERROR} in values:
            return pb_utils.InferenceResponse(error=pb_utils.TritonError("the input is {ERROR:.0f}"))
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT0", values)])
"""

_TENSORS = """\
input [{ name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] }]
output [{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1 ] }]
"""

_CPU = 'backend: "python"\ninstance_group [{ kind: KIND_CPU count: 1 }]\n'

_BATCHING = f"""\
max_batch_size: 8
dynamic_batching {{
  preferred_batch_size: [ 8 ]
  max_queue_delay_microseconds: {SLOW_SECONDS / 2 * 1e6:.0f}
}}
"""

_SHORT_QUEUE = """\
max_batch_size: 1
dynamic_batching { default_queue_policy { max_queue_size: 2 } }
"""

_ENSEMBLE = """\
platform: "ensemble"
ensemble_scheduling {
  step [
    { model_name: "fast" model_version: -1
      input_map { key: "INPUT0" value: "INPUT0" } output_map { key: "OUTPUT0" value: "BETWEEN" } },
    { model_name: "multi" model_version: -1
      input_map { key: "INPUT0" value: "BETWEEN" } output_map { key: "OUTPUT0" value: "OUTPUT0" } }
  ]
}
"""


@dataclass(frozen=True, slots=True)
class Model:
    """One model's files: what its config says besides tensors, its code, and its versions."""

    config: str
    code: str | None = None
    versions: int = 1

    def write(self, folder: Path) -> None:
        """Write config.pbtxt and a numbered directory for each version."""
        folder.mkdir(parents=True)
        (folder / "config.pbtxt").write_text(f'name: "{folder.name}"\n{self.config}{_TENSORS}')
        for version in range(1, self.versions + 1):
            place = folder / str(version)
            place.mkdir()
            if self.code:
                (place / "model.py").write_text(self.code)


_INSTANT = _ECHO.format(seconds=0)

MODELS = {
    "fast": Model(_CPU, _INSTANT),
    "slow": Model(_CPU + _BATCHING, _ECHO.format(seconds=SLOW_SECONDS)),
    "multi": Model(_CPU, _INSTANT, versions=3),
    "multiall": Model(_CPU + "version_policy: { all { } }\n", _INSTANT, versions=3),
    "badinit": Model(_CPU, _BADINIT),
    "slowinit": Model(_CPU, _SLOWINIT),
    "flaky": Model(_CPU, _FLAKY),
    "queue": Model(_CPU + _SHORT_QUEUE, _ECHO.format(seconds=QUEUE_SECONDS)),
    "ens": Model(_ENSEMBLE),
}


def write(repository: Path, *names: str) -> Path:
    """Write the named models, all when none is named, and return the repository."""
    for name in names or MODELS:
        MODELS[name].write(repository / name)
    return repository


def request(*values: float, batched: bool = False) -> dict[str, object]:
    """The JSON body of an inference; ``batched`` for models whose config has a max_batch_size."""
    shape = [1, len(values)] if batched else [len(values)]
    return {"inputs": [{"name": "INPUT0", "datatype": "FP32", "shape": shape, "data": list(values)}]}
