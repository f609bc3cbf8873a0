"""The tensors of a model as a server serves them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from console.domain.config import read_config
from console.domain.contract import Tensor

Rows = Sequence[Mapping[str, Any]]


class Described(Protocol):
    """Where a config and metadata are found."""

    @property
    def config(self) -> Mapping[str, Any] | None:
        """The config as served."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """The metadata as served."""
        ...


class Tensors(dict[str, Tensor]):
    """Tensors by name; ``optional`` are those that a request may leave out."""

    def __init__(self, found: Mapping[str, Tensor], optional: frozenset[str] = frozenset()) -> None:
        super().__init__(found)
        self.optional = optional


def served_tensors(served: Described) -> tuple[Tensors, Tensors]:
    """Inputs and outputs: of the metadata where it is known, else of the config."""
    optional = frozenset(
        str(row.get("name")) for row in _rows(served.config, "input") if row.get("optional") is True
    )
    if served.metadata is not None:
        told = ({t.name: t for t in map(_told, _rows(served.metadata, key))} for key in ("inputs", "outputs"))
    else:
        batched = read_config(served.config or {}).max_batch > 0
        told = (
            {t.name: t for t in (_configured(row, batched=batched) for row in _rows(served.config, key))}
            for key in ("input", "output")
        )
    inputs, outputs = told
    return Tensors(inputs, optional), Tensors(outputs)


def item_shapes(config: Mapping[str, Any]) -> Mapping[str, tuple[int, ...] | None]:
    """The shape of one item by input, without the batch; None where it is not told."""
    return {str(row.get("name")): _sizes(row.get("dims")) for row in _rows(config, "input")}


def _told(row: Mapping[str, Any]) -> Tensor:
    return Tensor(str(row.get("name")), str(row.get("datatype") or ""), _sizes(row.get("shape")))


def _configured(row: Mapping[str, Any], *, batched: bool) -> Tensor:
    kind = str(row.get("data_type") or "").removeprefix("TYPE_")
    sizes = _sizes(row.get("dims"))
    if sizes is not None and batched:
        sizes = (-1, *sizes)
    return Tensor(str(row.get("name")), "BYTES" if kind == "STRING" else kind, sizes)


def _sizes(value: object) -> tuple[int, ...] | None:
    """JSON made of protobuf has 64-bit numbers as text."""
    if not isinstance(value, list):
        return None
    try:
        return tuple(int(each) for each in value)
    except (TypeError, ValueError, OverflowError):
        return None


def _rows(raw: Mapping[str, Any] | None, key: str) -> Rows:
    rows = raw.get(key) if raw else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
