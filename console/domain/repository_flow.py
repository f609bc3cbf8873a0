"""The tensors of an ensemble: from its inputs through its steps to its outputs, as Triton follows them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from console.domain.repository import Finding, ModelFolder, fail, rows, table, whole
from console.domain.text import visible

TENSOR = "repo.ensemble_tensor"
_VARIABLE = -1
_INVALID = "(config_invalid)"
_CONNECT = "each tensor is written once, by an input or a step, and read by a step or an output"


class _Tensor(NamedTuple):
    """What one model says of an ensemble's tensor; ``kind`` is empty where it does not say."""

    model: str
    kind: str
    dims: tuple[int, ...]
    batched: bool

    @property
    def full(self) -> tuple[int, ...]:
        return (_VARIABLE, *self.dims) if self.batched else self.dims


def flow_findings(
    ensemble: ModelFolder, steps: Sequence[Mapping[str, Any]], known: Mapping[str, ModelFolder]
) -> Iterator[Finding]:
    """Maps of tensors that are not there, that do not fit, or that nothing connects."""
    tensors = _declared(ensemble, "input", reshaped=True) | _declared(ensemble, "output", reshaped=True)
    for step in steps:
        model = known.get(str(step.get("model_name", "")))
        if model is not None and model.tree is not None:
            yield from _batch(ensemble, model)
            yield from _maps(ensemble, model, step, tensors)
    yield from _connections(ensemble, steps)


def _batch(ensemble: ModelFolder, model: ModelFolder) -> Iterator[Finding]:
    most, its = (whole(table(each.tree).get("max_batch_size")) for each in (ensemble, model))
    if 0 < its < most:
        said = f"it takes batches of {most}, and {visible(model.name, 60)} of {its} {_INVALID}"
        yield fail(
            TENSOR, ensemble.name, said, "the ensemble's max_batch_size is the smallest of its models'"
        )


def _maps(
    ensemble: ModelFolder, model: ModelFolder, step: Mapping[str, Any], tensors: dict[str, _Tensor]
) -> Iterator[Finding]:
    shown = visible(model.name, 60)
    for field, mapped in (("input", table(step.get("input_map"))), ("output", table(step.get("output_map")))):
        declared = _declared(model, field)
        if not declared:
            # Its backend or its code completes the config: what it declares is not known here.
            continue
        for own, name in mapped.items():
            if own not in declared:
                said = f"it maps {visible(str(name), 60)} to {field} {visible(own, 60)}, which {shown} does not have"
                near = ", ".join(visible(each, 40) for each in sorted(declared)[:8])
                yield fail(TENSOR, ensemble.name, f"{said} {_INVALID}", f"{shown} has {near}")
                continue
            before = tensors.setdefault(str(name), declared[own])
            if odd := _odd(before, declared[own]):
                said = f"tensor {visible(str(name), 60)} is {odd} {_INVALID}"
                yield fail(TENSOR, ensemble.name, said, "both ends of a tensor have the same type and shape")
    wanted = [name for name in _required(model) if name not in table(step.get("input_map"))]
    if wanted and step.get("input_map"):
        said = f"input {visible(wanted[0], 60)} of {shown} is mapped to no tensor {_INVALID}"
        yield fail(TENSOR, ensemble.name, said, "map every input of a step's model that is not optional")


def _connections(ensemble: ModelFolder, steps: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    edges = [(_mapped(step, "input_map"), _mapped(step, "output_map")) for step in steps]
    inputs, outputs = set(_declared(ensemble, "input")), set(_declared(ensemble, "output"))
    read = {name for each, _ in edges for name in each}
    written = {name for _, each in edges for name in each}
    ready = _ready(inputs, edges)
    problems = (
        (sorted(inputs - read), "no step reads its input"),
        (sorted(outputs - ready - inputs), "no step writes its output"),
        (sorted(read - ready), "nothing writes tensor"),
        (sorted(written - read - outputs), "nothing reads tensor"),
    )
    for names, said in problems:
        if names:
            shown = ", ".join(visible(name, 60) for name in names[:4])
            yield fail(TENSOR, ensemble.name, f"{said} {shown} {_INVALID}", _CONNECT)
            return


def _ready(inputs: set[str], edges: Sequence[tuple[frozenset[str], frozenset[str]]]) -> set[str]:
    """The tensors that are written once the inputs are there: each step runs when all that it reads is ready."""
    readers: dict[str, list[int]] = {}
    missing = [len(read) for read, _ in edges]
    for number, (read, _) in enumerate(edges):
        for name in read:
            readers.setdefault(name, []).append(number)
    ready, waiting = set(inputs), list(inputs)
    while waiting:
        for number in readers.get(waiting.pop(), []):
            missing[number] -= 1
            if not missing[number]:
                written = edges[number][1] - ready
                ready |= written
                waiting += written
    return ready


def _odd(one: _Tensor, other: _Tensor) -> str:
    """What does not fit between two ends of a tensor; empty when all does, or nobody says."""
    if one.kind and other.kind and one.kind != other.kind:
        return f"{one.kind} in {visible(one.model, 60)} and {other.kind} in {visible(other.model, 60)}"
    if not one.dims or not other.dims or _fits(one.dims, other.dims) or _fits(one.full, other.full):
        return ""
    ends = f"{list(one.full)[:8]} in {visible(one.model, 60)} and {list(other.full)[:8]} in {visible(other.model, 60)}"
    return f"of shape {ends}"


def _fits(one: Sequence[int], other: Sequence[int]) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or _VARIABLE in {a, b} for a, b in pairs)


def _declared(model: ModelFolder, field: str, *, reshaped: bool = False) -> dict[str, _Tensor]:
    """A model's inputs or outputs by name."""
    tree = table(model.tree)
    batched = whole(tree.get("max_batch_size")) > 0
    found: dict[str, _Tensor] = {}
    for tensor in map(table, rows(tree.get(field))):
        shape = (
            table(tensor.get("reshape")).get("shape")
            if reshaped and "reshape" in tensor
            else tensor.get("dims")
        )
        dims = tuple(whole(dim) for dim in rows(shape))
        found[str(tensor.get("name", ""))] = _Tensor(
            model.name, str(tensor.get("data_type", "")), dims, batched
        )
    return found


def _required(model: ModelFolder) -> list[str]:
    tensors = map(table, rows(table(model.tree).get("input")))
    return [str(tensor.get("name", "")) for tensor in tensors if not tensor.get("optional")]


def _mapped(step: Mapping[str, Any], field: str) -> frozenset[str]:
    return frozenset(str(name) for name in table(step.get(field)).values())
