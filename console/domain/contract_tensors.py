"""The tensors of a contract: what a request holds, what an answer holds, which requests are valid."""

import json
from math import isfinite
from typing import Any

from console.domain.contract import Io, RequestShape, Tensor
from console.domain.contract_words import shape, span, words
from console.domain.toml_problems import nearest
from console.domain.toml_table import Table, shown

DATATYPES = (
    "BOOL",
    *(f"{sign}INT{bits}" for sign in ("U", "") for bits in (8, 16, 32, 64)),
    "FP16",
    "FP32",
    "FP64",
    "BF16",
    "BYTES",
)
_TENSORS_MOST, _REQUESTS_MOST, _BATCH_MOST = 256, 100, 10**6


def read_io(document: Table) -> Io | None:
    """``[[io.inputs]]`` and ``[[io.outputs]]``; None where the contract has neither."""
    if document.raw("io") is None:
        return None
    table = document.table("io")
    found = Io(_tensors(table, "inputs"), _tensors(table, "outputs"))
    table.close()
    return found


def read_requests(document: Table) -> tuple[RequestShape, ...]:
    """Every ``[[requests]]``."""
    if document.raw("requests") is None:
        return ()
    rows = document.rows("requests")
    if len(rows) > _REQUESTS_MOST:
        document.problem("requests", f"are {len(rows)}; at most {_REQUESTS_MOST} are looked at")
    return tuple(_request(table) for table in rows[:_REQUESTS_MOST])


def read_inline(table: Table) -> str:
    """The body of an infer call as JSON, from ``[[inputs]]`` with name, datatype, shape and data; empty where there is none."""
    if table.raw("inputs") is None:
        return ""
    rows = [_inline(each) for each in table.rows("inputs")]
    return json.dumps({"inputs": rows}) if rows and all("data" in row for row in rows) else ""


def _tensors(table: Table, key: str) -> tuple[Tensor, ...] | None:
    if table.raw(key) is None:
        return None
    rows = table.rows(key)
    if len(rows) > _TENSORS_MOST:
        table.problem(key, f"are {len(rows)}; at most {_TENSORS_MOST} are looked at")
    found: dict[str, Tensor] = {}
    for each in rows[:_TENSORS_MOST]:
        tensor = _tensor(each)
        each.close()
        if tensor.name in found:
            each.problem("name", f"there is another {shown(tensor.name)}")
        if tensor.name:
            found.setdefault(tensor.name, tensor)
    return tuple(found.values())


def _tensor(table: Table) -> Tensor:
    name = words(table, "name")
    if not name and "name" not in table:
        table.problem("name", 'is missing; write name = "INPUT0"')
    sizes = table.raw("shape")
    read = None if sizes is None else shape(sizes, (*table.path, "shape"), table.problems)
    return Tensor(name, _datatype(table), read)


def _datatype(table: Table) -> str:
    """As clients write it; as a config writes it is understood too."""
    value = table.raw("datatype")
    if value is None:
        return ""
    known = str(value).removeprefix("TYPE_")
    known = "BYTES" if known == "STRING" else known
    if known in DATATYPES and isinstance(value, str):
        return known
    guess = nearest(str(value), DATATYPES) or f"; known are {', '.join(DATATYPES)}"
    table.problem("datatype", f"is no data type of Triton's: {shown(value)}{guess}")
    return ""


def _request(table: Table) -> RequestShape:
    least, most = span(table, "batch", least=1, most=_BATCH_MOST)
    inner = table.table("shapes")
    shapes = {name: shape(inner.raw(name), (*inner.path, name), inner.problems) for name in inner}
    found = RequestShape(
        name=words(table, "name"),
        batch_least=least or 1,
        batch_most=most or least or 1,
        shapes={name: sizes for name, sizes in shapes.items() if sizes is not None},
    )
    table.close()
    return found


def _inline(table: Table) -> dict[str, Any]:
    tensor = _tensor(table)
    data = table.raw("data")
    if not isinstance(data, list) or not is_data(data):
        table.problem("data", f"must be a list of numbers, texts, true or false, not {shown(data)}")
        data = None
    for key in ("datatype", "shape"):
        if key not in table:
            example = '"FP32"' if key == "datatype" else "[1, 4]"
            table.problem(key, f"is missing; write {key} = {example}")
    table.close()
    whole = data is not None and tensor.name and tensor.datatype and tensor.shape is not None
    row: dict[str, Any] = {
        "name": tensor.name,
        "datatype": tensor.datatype,
        "shape": list(tensor.shape or ()),
    }
    return {**row, "data": data} if whole else row


def is_data(data: list[Any]) -> bool:
    """Whether it can be sent as JSON: TOML has dates, too, and numbers that are none."""
    waiting = [*data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif not isinstance(value, str | int | float) or (isinstance(value, float) and not isfinite(value)):
            return False
    return True
