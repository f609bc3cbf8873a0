"""What a query measures: seconds, shares or bytes, and in which unit."""

import math
import operator
from collections.abc import Callable
from typing import NamedTuple

from console.domain.lint_families import Dimension, Kind, family
from console.domain.lint_nodes import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Selector,
    Subquery,
    children,
)

_RATES = frozenset(("rate", "irate"))
_GROWTHS = frozenset(("increase", "delta", "idelta"))
_SAME = frozenset(
    [
        "avg_over_time",
        "max_over_time",
        "min_over_time",
        "last_over_time",
        "quantile_over_time",
        "abs",
        "ceil",
        "floor",
        "round",
        "sort",
        "sort_desc",
        "clamp",
        "clamp_max",
        "clamp_min",
        "scalar",
        "vector",
        "label_replace",
        "label_join",
        "sum_over_time",
    ]
)
_SAME_OVER = frozenset(("avg", "min", "max", "topk", "bottomk", "quantile", "sum"))
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}


class Quantity(NamedTuple):
    """What an expression measures; ``scale`` turns it into seconds, shares or bytes.

    ``per_s`` is a rate of it, ``raw`` a counter as it stands since its server began.
    """

    dimension: Dimension
    scale: float
    name: str
    per_s: bool = False
    raw: bool = False
    failed: bool = False


def constant(node: Node) -> float | None:
    """The number that a tree without metrics comes to."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Binary):
        left, right = constant(node.left), constant(node.right)
        if left is not None and right is not None:
            return _computed(node.op, left, right)
    return None


def _computed(op: str, left: float, right: float) -> float | None:
    work = _ARITHMETIC.get(op)
    try:
        made = work(left, right) if work is not None else math.nan
    except (ArithmeticError, ValueError):
        return None
    return made if math.isfinite(made) else None


def measure(node: Node) -> Quantity | None:
    """What a tree measures, None where that is not clear."""
    match node:
        case Selector(name, _, _):
            return _series(name)
        case Subquery(inner):
            return measure(inner)
        case Call(name, args):
            return _called(name, args)
        case Aggregate(name, args):
            found = measure(args[-1]) if args and name in _SAME_OVER else None
            # A sum of shares may pass 1.
            return None if found and name == "sum" and found.dimension is Dimension.SHARE else found
        case Binary(op, left, right):
            return _combined(op, left, right)
    return None


def _series(name: str) -> Quantity | None:
    found = family(name)
    if found is None or (found.kind is Kind.HISTOGRAM and not name.endswith("_sum")):
        return None
    if name.endswith("_count") and found.kind is Kind.SUMMARY:
        return Quantity(Dimension.COUNT, 1.0, name, raw=True)
    raw = found.kind in {Kind.COUNTER, Kind.TOTAL} or name.endswith("_sum")
    failed = name == "nv_inference_request_failure"
    return Quantity(found.dimension, found.scale, name, raw=raw, failed=failed)


def _called(name: str, args: tuple[Node, ...]) -> Quantity | None:
    if name == "histogram_quantile":
        return _bucketed(args[-1]) if args else None
    found = measure(args[1] if name == "quantile_over_time" and len(args) > 1 else args[0]) if args else None
    if found is None:
        return None
    if name in _RATES:
        return found._replace(per_s=True, raw=False)
    if name in _GROWTHS:
        return found._replace(raw=False)
    if name.endswith("_over_time"):
        found = found._replace(raw=False)
    return found if name in _SAME else None


def _bucketed(node: Node) -> Quantity | None:
    """The unit of a histogram's bounds."""
    if isinstance(node, Selector):
        found = family(node.name)
        if found is not None and found.kind is Kind.HISTOGRAM:
            return Quantity(found.dimension, found.scale, node.name)
        return None
    return next((made for child in children(node) if (made := _bucketed(child)) is not None), None)


def _combined(op: str, left: Node, right: Node) -> Quantity | None:
    if op in {"+", "-"}:
        return _added(left, right)
    if op in {"*", "/"}:
        return _multiplied(op, left, right)
    return measure(left) if op in {"and", "unless"} or op in COMPARISONS else None


def _added(left: Node, right: Node) -> Quantity | None:
    mine, other = measure(left), measure(right)
    if mine is not None and constant(right) is not None:
        return mine
    return other if other is not None and constant(left) is not None else _same(mine, other)


def _multiplied(op: str, left: Node, right: Node) -> Quantity | None:
    mine, other = measure(left), measure(right)
    by, of = constant(right), constant(left)
    if op == "/" and by is None:
        return _divided(mine, other)
    found, factor = (mine, by) if by is not None else (other, of)
    if found is None or not factor:
        return None
    return _scaled(found, factor if op == "/" else 1 / factor)


def _same(mine: Quantity | None, other: Quantity | None) -> Quantity | None:
    if mine is None or other is None or mine.dimension is not other.dimension:
        return None
    alike = math.isclose(mine.scale, other.scale) and mine.per_s == other.per_s
    return mine._replace(failed=mine.failed and other.failed) if alike else None


def _scaled(found: Quantity, factor: float) -> Quantity:
    return found._replace(scale=found.scale * factor)


def _divided(mine: Quantity | None, other: Quantity | None) -> Quantity | None:
    if mine is None or other is None or mine.per_s != other.per_s or not other.scale:
        return None
    if mine.dimension is Dimension.TIME and other.dimension is Dimension.COUNT:
        return Quantity(Dimension.TIME, mine.scale / other.scale, mine.name)
    alike = mine.dimension is other.dimension
    if alike and (mine.dimension in {Dimension.TIME, Dimension.BYTES} or mine.failed):
        return Quantity(Dimension.SHARE, mine.scale / other.scale, mine.name)
    return None
