"""Inputs for a model that nobody wrote any for: the same made-up request with different values in it."""

from collections.abc import Mapping
from typing import Any

from console.domain.gate_answers import Input

_TURN = 97


def variants(request: Mapping[str, Any]) -> tuple[Input, ...]:
    """A request of zeros as it is, of ones, and of values that differ from each other.

    A wrong answer often shows only where the values are not all alike.
    """
    ones = [_filled(each, lambda _: 1) for each in request["inputs"]]
    mixed = [_filled(each, lambda i: (i * 37 + 11) % _TURN) for each in request["inputs"]]
    return (
        Input("zeros", request, made_up=True),
        Input("ones", {**request, "inputs": ones}, made_up=True),
        Input("mixed values", {**request, "inputs": mixed}, made_up=True),
    )


def _filled(tensor: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """The tensor with the value of each position, in its datatype; small integers are what most models take."""
    kind = tensor["datatype"]
    numbers = [value(i) for i in range(len(tensor["data"]))]
    if kind == "BOOL":
        return {**tensor, "data": [bool(number % 2) for number in numbers]}
    if kind == "BYTES":
        return {**tensor, "data": [str(number) for number in numbers]}
    if kind.startswith("FP"):
        # Signs and fractions, within what activations like.
        return {**tensor, "data": [number if number == 1 else number / _TURN * 2 - 1 for number in numbers]}
    return {**tensor, "data": numbers}
