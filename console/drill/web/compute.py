"""The answers of simulated models: simple, deterministic, of the shapes that the config promises."""

import json
import zlib
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from console.drill.sim.model_config import complete
from console.drill.spec import ModelSpec
from console.drill.web.infer_body import Tensor, read_infer_body
from console.drill.web.metadata import datatype


def compute(
    config: Mapping[str, Any], how: str, version: int, inputs: Sequence[Tensor]
) -> list[dict[str, Any]]:
    """The outputs of an inference; ``how`` is echo, double or plus_version."""
    first = inputs[0]
    values = [_changed(_number(value), how, version) for value in first.values]
    batch = list(first.shape[:1]) if config["max_batch_size"] > 0 else []
    return [_output(output, batch, values) for output in config["output"]]


def expected(name: str, models: Mapping[str, ModelSpec]) -> dict[str, list[Any]]:
    """What a model's own probe must be answered with while its newest version serves: output name to data."""
    model = models[name]
    config = complete(name, model.config, gpu=True)
    body = read_infer_body(name, config, json.dumps(model.probe).encode())
    outputs = compute(config, model.answer, max(model.versions), body.inputs)
    return {output["name"]: output["data"] for output in outputs}


def _output(output: Mapping[str, Any], batch: list[int], values: list[float]) -> dict[str, Any]:
    kind = datatype(output["data_type"])
    fixed = prod(dim for dim in (*batch, *output["dims"]) if dim != -1)
    free = len(values) // max(1, fixed)
    shape = batch + [free if dim == -1 else dim for dim in output["dims"]]
    data = [_typed(values[number % len(values)] if values else 0.0, kind) for number in range(prod(shape))]
    return {"name": output["name"], "datatype": kind, "shape": shape, "data": data}


def _changed(value: float, how: str, version: int) -> float:
    if how == "double":
        return value * 2
    return value + version if how == "plus_version" else value


def _number(value: Any) -> float:
    if isinstance(value, str):
        return float(zlib.crc32(value.encode()) % 1000)
    return float(value)


def _typed(value: float, kind: str) -> Any:
    if kind == "BYTES":
        return f"word {int(value)}"
    if kind == "BOOL":
        return bool(value)
    return value if kind.startswith(("FP", "BF")) else int(value)
