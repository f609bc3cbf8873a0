"""The inputs and outputs that a config declares, as Triton checks them before it serves."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.repository import Finding, ModelFolder, fail, rows, table, warn, whole
from console.domain.repository_artifact import backend_of
from console.domain.text import visible

TENSOR = "repo.tensor"
# These backends read what a config leaves out from the model's file.
_COMPLETING = {"onnxruntime", "tensorrt", "tensorflow", "openvino"}
_VARIABLE = -1
# No tensor has as many; their product would be a number of a million digits.
_MOST_DIMS = 1000
_TYPES = {"TYPE_INVALID", ""}
_IMAGES = {"FORMAT_NHWC", "FORMAT_NCHW"}


def tensor_findings(model: ModelFolder) -> Iterator[Finding]:
    """Inputs and outputs without name, type or dims, and shapes that cannot be."""
    tree = table(model.tree)
    completed = model.completes or backend_of(model) in _COMPLETING
    for field in ("input", "output"):
        names: set[str] = set()
        for tensor in map(table, rows(tree.get(field))):
            yield from _tensor(model, field, tensor, completed=completed)
            name = str(tensor.get("name", ""))
            if name and name in names:
                said = f"{field} {visible(name, 60)} is declared twice"
                yield warn(TENSOR, model.name, said, "take one of them out")
            names.add(name)


def _tensor(
    model: ModelFolder, field: str, tensor: Mapping[str, Any], *, completed: bool
) -> Iterator[Finding]:
    name = str(tensor.get("name", ""))
    what = f"{field} {visible(name, 60)}" if name else f"an {field}"
    missing = [
        wanted
        for wanted, there in (
            ("name", bool(name)),
            ("data_type", str(tensor.get("data_type", "")) not in _TYPES),
            ("dims", bool(rows(tensor.get("dims")))),
        )
        if not there
    ]
    if missing and not (completed and name):
        said = f"{what} has no {' and no '.join(missing)} (config_invalid)"
        yield fail(
            TENSOR, model.name, said, "write what the model has: Triton takes nothing for granted here"
        )
        return
    said = _shape(tensor, whole(table(model.tree).get("max_batch_size")))
    if said:
        hint = f"a dimension is 1 or more, or {_VARIABLE} where it varies"
        yield fail(TENSOR, model.name, f"{what}: {said} (config_invalid)", hint)


def _shape(tensor: Mapping[str, Any], max_batch: int) -> str:
    """What is wrong with its dims and their reshape; empty when nothing is."""
    dims = [whole(dim) for dim in rows(tensor.get("dims"))]
    if any(dim < 1 and dim != _VARIABLE for dim in dims):
        return f"its dims {dims[:8]} cannot be"
    if str(tensor.get("format", "")) in _IMAGES and len(dims) != 3:
        return f"{tensor['format']} takes 3 dims, and it has {len(dims)}"
    return _reshaped(tensor, dims, max_batch) if "reshape" in tensor else ""


def _reshaped(tensor: Mapping[str, Any], dims: list[int], max_batch: int) -> str:
    shape = [whole(dim) for dim in rows(table(tensor["reshape"]).get("shape"))]
    if any(dim < 1 and dim != _VARIABLE for dim in shape):
        return f"its reshape {shape[:8]} cannot be"
    if not shape and max_batch == 0:
        return "an empty reshape needs a model that batches"
    if max(len(dims), len(shape)) <= _MOST_DIMS and _trunks(dims) != _trunks(shape):
        return f"its dims {dims[:8]} and its reshape {shape[:8]} hold different numbers of values"
    return ""


def _trunks(dims: list[int]) -> list[int]:
    """How many values lie between the dimensions that vary."""
    found = [1]
    for dim in dims:
        if dim == _VARIABLE:
            found.append(1)
        else:
            found[-1] = math.prod((found[-1], dim))
    return found
