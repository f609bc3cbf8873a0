"""The body of an inference, checked in Triton's order and refused in its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from console.drill.web.json_text import RefusalError, member, parse_body
from console.drill.web.metadata import datatype

_TYPES = {"BOOL", "BYTES", "BF16"} | {
    f"{kind}{bits}" for kind in ("UINT", "INT", "FP") for bits in (8, 16, 32, 64)
}
_PAYLOAD = (
    "Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters',"
    " 'shared_memory_region' in 'parameters'. But no field is set"
)

_BATCH_NOTE = (
    "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended"
    " to each input shape. If you want to specify the full shape including the batch dim in your input dims"
    " config, try setting max_batch_size to zero. See the model configuration docs for more info on"
    " max_batch_size."
)


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input: values flattened."""

    name: str
    kind: str
    shape: tuple[int, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class InferBody:
    """A request that the model takes; ``items`` is its batch size, ``wanted`` the outputs asked for (none: all)."""

    id: str
    inputs: tuple[Tensor, ...]
    wanted: tuple[str, ...]
    items: int
    timeout_s: float


def read_infer_body(name: str, config: Mapping[str, Any], raw: bytes) -> InferBody:
    """Parse and check a request for a model of that config; raises RefusalError."""
    body = parse_body(raw)
    if isinstance(body, dict) and "id" in body:
        member(body, "id", str, "string")
    request_id = body.get("id", "") if isinstance(body, dict) else ""
    tensors = [_tensor(name, row) for row in member(body, "inputs", list, "array")]
    mark = f"[request id: {request_id or '<id_unknown>'}]"
    known = {tensor["name"]: tensor for tensor in config["input"]}
    seen: set[str] = set()
    for tensor in tensors:
        if known and tensor.name not in known:
            raise RefusalError(400, f"unexpected inference input '{tensor.name}' for model '{name}'")
        if tensor.name in seen:
            raise RefusalError(400, f"{mark} input '{tensor.name}' already exists in request")
        seen.add(tensor.name)
    wanted = tuple(row.get("name", "") for row in body.get("outputs") or ())
    unknown = set(wanted) - {tensor["name"] for tensor in config["output"]}
    if unknown:
        raise RefusalError(400, f"unexpected inference output '{min(unknown)}' for model '{name}'")
    _check_inputs(name, config, tensors, mark)
    items = tensors[0].shape[0] if config["max_batch_size"] > 0 and tensors else 1
    timeout_us = (body.get("parameters") or {}).get("timeout", 0)
    return InferBody(request_id, tuple(tensors), wanted, items, float(timeout_us) * 1e-6)


def _tensor(model: str, row: Any) -> Tensor:
    parameters = row.get("parameters") or {} if isinstance(row, dict) else {}
    if not isinstance(row, dict) or ("data" not in row and "binary_data_size" not in parameters):
        raise RefusalError(400, _PAYLOAD)
    name = member(row, "name", str, "string")
    shape = member(row, "shape", list, "array")
    if any(not isinstance(size, int) or size < 0 for size in shape):
        raise RefusalError(
            500, "Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer"
        )
    kind = member(row, "datatype", str, "string")
    if kind not in _TYPES:
        raise RefusalError(400, f"invalid datatype for input {name}")
    if "data" not in row:
        size = parameters["binary_data_size"]
        raise RefusalError(
            400, f"unexpected size for input '{name}', expecting {size} additional bytes for model '{model}'"
        )
    values = tuple(_flat(row["data"]))
    _check_values(kind, values)
    if len(values) != prod(shape):
        raise RefusalError(500, "Unable to parse 'data': Shape does not match true shape of 'data' field")
    return Tensor(name, kind, tuple(shape), values)


def _check_values(kind: str, values: tuple[Any, ...]) -> None:
    for value in values:
        if kind == "BYTES":
            if not isinstance(value, str):
                raise RefusalError(500, "Unable to parse 'data': attempt to access JSON non-string as string")
        elif not isinstance(value, (int, float)):
            raise RefusalError(500, "Unable to parse 'data': attempt to access JSON non-number as double")


def _check_inputs(name: str, config: Mapping[str, Any], tensors: list[Tensor], mark: str) -> None:
    wanted = [tensor["name"] for tensor in config["input"]]
    given = [tensor.name for tensor in tensors]
    if len(given) != len(wanted):
        got = ",".join(f"'{each}'" for each in given)
        lacking = ",".join(f"'{each}'" for each in wanted if each not in given)
        # Triton leaves the opening bracket away where nothing is lacking.
        missing = f"[{lacking}]" if lacking else "]"
        raise RefusalError(
            400,
            f"{mark} expected {len(wanted)} inputs but got {len(given)} inputs for model '{name}'."
            f" Got input(s) [{got}], but missing required input(s) {missing}. Please provide all required input(s).",
        )
    known = {tensor["name"]: tensor for tensor in config["input"]}
    for tensor in tensors:
        _check_input(name, config["max_batch_size"], known[tensor.name], tensor, mark)


def _check_input(model: str, max_batch: int, wanted: Mapping[str, Any], tensor: Tensor, mark: str) -> None:
    kind = datatype(wanted["data_type"])
    if tensor.kind != kind:
        raise RefusalError(
            400,
            f"{mark} inference input '{tensor.name}' data-type is '{tensor.kind}',"
            f" but model '{model}' expects '{kind}'",
        )
    shape = tensor.shape
    if max_batch and shape and shape[0] > max_batch:
        raise RefusalError(400, f"{mark} inference request batch-size must be <= {max_batch} for '{model}'")
    dims = [-1, *wanted["dims"]] if max_batch else list(wanted["dims"])
    fits = len(dims) == len(shape) and all(want in {-1, got} for want, got in zip(dims, shape, strict=True))
    if not fits:
        raise RefusalError(
            400,
            f"{mark} unexpected shape for input '{tensor.name}' for model '{model}'."
            f" Expected [{','.join(map(str, dims))}], got [{','.join(map(str, shape))}]. "
            + (_BATCH_NOTE if max_batch else ""),
        )


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        return [data]
    return [value for item in data for value in _flat(item)]
