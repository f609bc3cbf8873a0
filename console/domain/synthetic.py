"""A request made from a model's own description, for a model that nobody wrote a probe for."""

import re
from collections.abc import Mapping
from math import prod
from typing import Any

from console.domain.config import read_config
from console.domain.text import visible

BYTES_MOST = 16 * 2**20
_SIZES = {
    "BOOL": 1,
    **{f"{sign}INT{bits}": bits // 8 for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "FP32": 4,
    "FP64": 8,
    "BYTES": 1,
}
# What a value takes as JSON text, at the most: "0.0," and the like.
_AS_TEXT = 5
_SIZE = re.compile(r"-?[0-9]{1,18}")
_SHOWN = 100
_DIMENSIONS = 64


class CannotGuessError(ValueError):
    """No request can be made up for this model; says why."""


def synthetic_request(metadata: Mapping[str, Any], config: Mapping[str, Any] | None) -> dict[str, Any]:
    """A v2 inference of zeros and empty texts, open dimensions being 1; raises CannotGuessError."""
    if config is not None:
        _refuse(config)
    optional = {str(each.get("name")) for each in _rows(config, "input") if each.get("optional")}
    wanted = [each for each in _rows(metadata, "inputs") if str(each.get("name")) not in optional]
    if not wanted:
        raise CannotGuessError("its metadata names no inputs")
    inputs = [_input(each) for each in wanted]
    if sum(prod(each["shape"]) * _AS_TEXT for each in inputs) > BYTES_MOST:
        raise CannotGuessError(f"its inputs are over {BYTES_MOST >> 20} MB")
    return {"inputs": [{**each, "data": _data(each)} for each in inputs]}


def _refuse(config: Mapping[str, Any]) -> None:
    if "sequence_batching" in config:
        raise CannotGuessError("it keeps sequences, and a lone request is none")
    policy = config.get("model_transaction_policy")
    if isinstance(policy, Mapping) and policy.get("decoupled"):
        raise CannotGuessError("it is decoupled: it answers over streams alone")


def _input(raw: Mapping[str, Any]) -> dict[str, Any]:
    name, kind, shape = str(raw.get("name")), str(raw.get("datatype")), raw.get("shape")
    if kind not in _SIZES:
        raise CannotGuessError(f"{visible(kind, _SHOWN)} cannot be sent as JSON")
    if (
        not isinstance(shape, list)
        or len(shape) > _DIMENSIONS
        or not all(type(size) is int for size in shape)
    ):
        raise CannotGuessError(f"its input {visible(name, _SHOWN)} has no shape")
    return {"name": name, "datatype": kind, "shape": [1 if size < 0 else size for size in shape]}


def _data(each: Mapping[str, Any]) -> list[Any]:
    count = prod(each["shape"])
    kind = each["datatype"]
    if kind == "BYTES":
        return [""] * count
    return [False if kind == "BOOL" else 0.0 if kind.startswith("FP") else 0] * count


def disagreement(metadata: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """How a model's metadata and its config differ about its tensors, empty where they agree."""
    batched = read_config(config).max_batch > 0
    for told, said in (("inputs", "input"), ("outputs", "output")):
        rows = _rows(config, said)
        expected = {str(row.get("name")): _expected(row, batched=batched) for row in rows}
        reshaped = {str(row.get("name")) for row in rows if "reshape" in row}
        found = {
            str(row.get("name")): (str(row.get("datatype")), _sizes(row.get("shape")))
            for row in _rows(metadata, told)
        }
        if expected.keys() != found.keys():
            return f"its metadata has the {told} {_names(found)}, its config {_names(expected)}"
        wrong = [name for name, value in expected.items() if value != found[name] and name not in reshaped]
        if wrong:
            name = wrong[0]
            return f"{said} {visible(name, _SHOWN)} is {_typed(*found[name])}, by its config {_typed(*expected[name])}"
    return ""


def _expected(row: Mapping[str, Any], *, batched: bool) -> tuple[str, list[Any]]:
    kind = str(row.get("data_type", "")).removeprefix("TYPE_")
    shape = _sizes(row.get("dims"))
    return ("BYTES" if kind == "STRING" else kind), ([-1, *shape] if batched else shape)


def _sizes(raw: Any) -> list[Any]:
    """The sizes of a shape as numbers, of which JSON from protobuf makes texts; one that is none stays as it is."""
    return (
        [int(size) if _SIZE.fullmatch(str(size)) else size for size in raw] if isinstance(raw, list) else []
    )


def _typed(kind: str, shape: list[Any]) -> str:
    return visible(f"{kind} {shape}", _SHOWN)


def _names(found: Mapping[str, Any]) -> str:
    return visible(", ".join(sorted(found)), 2 * _SHOWN) or "none"


def _rows(raw: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    rows = raw.get(key) if raw else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
