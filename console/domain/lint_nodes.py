"""A query of PromQL as a tree."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))


class PromqlError(ValueError):
    """A query that cannot be read, in words."""


class Matcher(NamedTuple):
    """One label matcher; ``op`` is ``=``, ``!=``, ``=~`` or ``!~``."""

    label: str
    op: str
    value: str


class Number(NamedTuple):
    """A constant."""

    value: float


class Text(NamedTuple):
    """A string, or what a dashboard fills in."""

    value: str


class Selector(NamedTuple):
    """A metric; ``ranged`` with a range behind it. The name is empty where only matchers say which."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    ranged: bool = False


class Call(NamedTuple):
    """A function."""

    name: str
    args: tuple["Node", ...]


class Aggregate(NamedTuple):
    """An aggregation over all but ``labels`` (by), or over these (without); None of both keeps nothing."""

    name: str
    args: tuple["Node", ...]
    by: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None


class Binary(NamedTuple):
    """Two operands; ``on`` are the labels that join them."""

    op: str
    left: "Node"
    right: "Node"
    on: tuple[str, ...] = ()


class Subquery(NamedTuple):
    """A range over an expression."""

    inner: "Node"


Node: TypeAlias = Number | Text | Selector | Call | Aggregate | Binary | Subquery


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside."""
    match node:
        case Call(_, args) | Aggregate(_, args):
            return args
        case Binary(_, left, right):
            return left, right
        case Subquery(inner):
            return (inner,)
    return ()


def selectors(node: Node) -> Iterator[Selector]:
    """Every metric in the tree, from left to right."""
    if isinstance(node, Selector):
        yield node
    for child in children(node):
        yield from selectors(child)
