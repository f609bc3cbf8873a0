"""Whether tensors and requests are as a contract says: names, data types, shapes, batch sizes."""

from collections.abc import Iterator, Mapping, Sequence

from console.domain.contract import Io, RequestShape, Tensor
from console.domain.contract_found import Finding
from console.domain.contract_served import Tensors
from console.domain.text import visible
from console.domain.toml_problems import nearest

_NAME = 60
_OPEN = -1

Shape = tuple[int, ...]


def io_findings(io: Io, inputs: Tensors, outputs: Tensors) -> Iterator[Finding]:
    """What a request must hold and an answer holds; what the server offers beyond that breaks nothing."""
    if io.inputs is not None:
        named = {tensor.name for tensor in io.inputs}
        yield from (_tensor("input", tensor, inputs) for tensor in io.inputs)
        for name in inputs:
            if name not in named and name not in inputs.optional:
                said = f"server wants input {visible(name, _NAME)}, of which the contract says nothing"
                yield Finding(passed=False, said=said)
    if io.outputs is not None:
        yield from (_tensor("output", tensor, outputs) for tensor in io.outputs)


def request_findings(
    requests: Sequence[RequestShape], max_batch: int, shapes: Mapping[str, Shape | None]
) -> Iterator[Finding]:
    """Whether the server takes each kind of valid request; ``shapes`` are those of one item by input."""
    for number, request in enumerate(requests, 1):
        whose = visible(request.name, _NAME) if request.name else f"request {number}"
        found = [*_batch(request, max_batch), *_shapes(request, shapes)]
        if not found:
            yield Finding(passed=True, said=f"{whose} is taken")
        yield from (each._replace(said=f"{whose}: {each.said}") for each in found)


def shape_text(shape: Shape | None) -> str:
    """``[-1,4]``."""
    return "any shape" if shape is None else f"[{','.join(map(str, shape))}]"


def _tensor(what: str, wanted: Tensor, served: Tensors) -> Finding:
    name = visible(wanted.name, _NAME)
    found = served.get(wanted.name)
    if found is None:
        guess = visible(nearest(wanted.name, served), _NAME + 20)
        return Finding(passed=False, said=f"contract says {what} {name}, server has none{guess}")
    fits = _fits(wanted.shape, found.shape, given=what == "input")
    same = not wanted.datatype or wanted.datatype == found.datatype
    if same and fits is True:
        return Finding(passed=True, said=f"{what} {name} {_typed(found)}")
    said = f"{what} {name}: contract says {_typed(wanted)}, server says {_typed(found)}"
    return Finding(None if same and fits is None else False, said)


def _typed(tensor: Tensor) -> str:
    shape = "" if tensor.shape is None else shape_text(tensor.shape)
    return " ".join(part for part in (visible(tensor.datatype, _NAME), shape) if part) or "any"


def _fits(wanted: Shape | None, served: Shape | None, *, given: bool) -> bool | None:
    """Whether what is promised of a shape holds; None where the server leaves open what the contract does not.

    A server that takes any size takes the one that is promised (``given``); one that may answer any size promises none.
    """
    if wanted is None or wanted == served:
        return True
    if served is None:
        return None
    if len(wanted) != len(served):
        return False
    differing = [(want, has) for want, has in zip(wanted, served, strict=True) if want != has]
    if all(has == _OPEN for _, has in differing):
        return True if given else None
    return False


def _batch(request: RequestShape, max_batch: int) -> Iterator[Finding]:
    most = request.batch_most
    if max_batch == 0 and most > 1:
        yield Finding(
            passed=False, said=f"contract says batches of up to {most}, server takes none (max_batch_size 0)"
        )
    elif max_batch and most > max_batch:
        yield Finding(
            passed=False, said=f"contract says batches of up to {most}, server takes {max_batch} at most"
        )


def _shapes(request: RequestShape, served: Mapping[str, Shape | None]) -> Iterator[Finding]:
    for name, wanted in request.shapes.items():
        shown = visible(name, _NAME)
        if name not in served:
            guess = visible(nearest(name, served), _NAME + 20)
            yield Finding(passed=False, said=f"server has no input {shown}{guess}")
            continue
        fits = _fits(wanted, served[name], given=True)
        if fits is not True:
            said = f"{shown}: contract says {shape_text(wanted)}, server says {shape_text(served[name])}"
            yield Finding(fits, said)
