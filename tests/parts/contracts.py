"""Contracts: one that says everything there is to say, and the config that keeps it."""

from typing import Any

from console.domain.contract import Contract
from console.domain.contract_toml import read_contract

WHOLE = """\
owner = "ml-ranking"
backend = "onnxruntime"
labels = { tier = "1", service = "search" }

[escalation]
primary = "ana@example.com"
secondary = "ranking-oncall@example.com"
slack = "#ranking-oncall"
url = "https://wiki.example.com/ranker"
hours = "24x7"

[artifact]
format = "onnx"
files = { "model.onnx" = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }

[[io.inputs]]
name = "INPUT0"
datatype = "FP32"
shape = [-1, 4]

[[io.outputs]]
name = "OUTPUT0"
datatype = "FP32"
shape = [-1, 2]

[resources]
gpu_memory = "4GiB"
instances = { min = 1, max = 4 }
kind = "GPU"
cpu = 2.5

[[requests]]
name = "usual"
batch = { min = 1, max = 8 }
shapes = { INPUT0 = [4] }

[health]
request = "health.json"
expect = { OUTPUT0 = [0.5, 0.25] }
tolerance = 1e-3
timeout = "2s"

[rollout]
strategy = "canary"
versions = 2
canary_percent = 5

[rollout.gate]
p99_ratio = 1.1
errors_over = 0.001
min_requests = 200

[performance]
latency_ms = 50
quantile = 0.99
rate = 400
batch = 4
"""


def read(text: str, model: str = "ranker") -> Contract:
    """The contract of a text."""
    return read_contract(model, text.encode(), f"/contracts/{model}/contract.toml", f"{model}/contract.toml")


def config(**changes: Any) -> dict[str, Any]:
    """A config that keeps the whole contract, as a server gives it."""
    return {
        "name": "ranker",
        "platform": "onnxruntime_onnx",
        "backend": "onnxruntime",
        "max_batch_size": 8,
        "default_model_filename": "model.onnx",
        "input": [{"name": "INPUT0", "data_type": "TYPE_FP32", "dims": ["4"], "optional": False}],
        "output": [{"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": ["2"]}],
        "instance_group": [{"kind": "KIND_GPU", "count": 2, "gpus": [0]}],
        **changes,
    }
