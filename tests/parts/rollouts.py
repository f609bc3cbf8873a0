"""A model for gates: one version serves well, each of the others differs from it in one way."""

from pathlib import Path

MODEL = "ranker"
STABLE, EQUAL, SLOWER, WRONG, FAILING, MOODY = "1", "2", "3", "4", "5", "6"
SLOWER_SECONDS = 0.25

_CONFIG = f"""\
name: "{MODEL}"
backend: "python"
instance_group [{{ kind: KIND_CPU count: 1 }}]
version_policy: {{ all {{ }} }}
input [{{ name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] }}]
output [
  {{ name: "SCORE" data_type: TYPE_FP32 dims: [ -1 ] }},
  {{ name: "LABEL" data_type: TYPE_STRING dims: [ 1 ] }}
]
"""

_CODE = """\
import random
import time

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        values = pb_utils.get_input_tensor_by_name(request, "INPUT0").as_numpy()
        {before}
        score = values {score}
        label = np.array(["high" if values.sum() > 0 else "low"], dtype=object)
        return pb_utils.InferenceResponse([
            pb_utils.Tensor("SCORE", score.astype(np.float32)), pb_utils.Tensor("LABEL", label)
        ])
"""

_VERSIONS = {
    STABLE: ("pass", "* 2"),
    EQUAL: ("pass", "* 2 * 1.00001"),
    SLOWER: (f"time.sleep({SLOWER_SECONDS})", "* 2"),
    WRONG: ("pass", "* 2 + (values > 0.5) * 0.1"),
    FAILING: ('raise ValueError("no such column")', "* 2"),
    MOODY: ("pass", "* random.random()"),
}


def write_rollout(repository: Path) -> Path:
    """Write the model with all its versions and return the repository."""
    folder = repository / MODEL
    folder.mkdir(parents=True)
    (folder / "config.pbtxt").write_text(_CONFIG)
    for version, (before, score) in _VERSIONS.items():
        place = folder / version
        place.mkdir()
        (place / "model.py").write_text(_CODE.format(before=before, score=score))
    return repository
