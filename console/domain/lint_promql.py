"""PromQL read far enough to say what a query asks for: a tokenizer and a small parser.

Dashboards put variables (``$model``, ``${kind}``, ``[[x]]``) wherever they like: a name with one in it stands for
anything. What cannot be read is a ``PromqlError``, never another exception.
"""

import math
import re
from typing import NamedTuple

from console.domain.lint_nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Node,
    Number,
    PromqlError,
    Selector,
    Subquery,
    Text,
)

LONGEST = 20_000
# What looks at the tree follows it down: bounds that no query of people comes near.
_DEEPEST, _MOST_OPERATORS = 60, 150
_VARIABLE = r"\$\{[^}]*\}|\$\w+|\[\[\w+(?::\w+)?\]\]"
_TOKEN = re.compile(
    rf"""
    (?P<space> [\s]+ | \#[^\n]* )
  | (?P<string> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` )
  | (?P<duration> (?:[0-9]+(?:ms|[smhdwy]))+ (?![\w.]) )
  | (?P<number> 0[xX][0-9a-fA-F]+ | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<name> (?:[a-zA-Z_]|{_VARIABLE}) (?:[\w:]|{_VARIABLE})* | :[\w:]+ )
  | (?P<op> ==|!=|<=|>=|=~|!~|[-+*/%^<>=(){{}}\[\],:@] )
    """,
    re.VERBOSE | re.DOTALL,
)
_AGGREGATIONS = frozenset(
    (
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "quantile",
        "count_values",
    )
)
_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_UNARY = 5


class _Token(NamedTuple):
    kind: str
    text: str


def tokens(query: str) -> list[_Token]:
    """The query in pieces, without space and comments."""
    if len(query) > LONGEST:
        raise PromqlError(f"longer than {LONGEST:,} characters")
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None or match.lastgroup is None:
            raise PromqlError(f"unexpected {query[at]!r} at character {at + 1}")
        if match.lastgroup != "space":
            found.append(_Token(match.lastgroup, match.group()))
        at = match.end()
    return found


def parse(query: str) -> Node:
    """The query as a tree; raises PromqlError."""
    return _Parser(tokens(query)).whole()


class _Parser:
    def __init__(self, found: list[_Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self._at < len(self._tokens):
            raise PromqlError(f"unexpected {self._peek()!r}")
        return node

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise PromqlError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, text: str) -> bool:
        if self._peek().lower() != text:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise PromqlError(f"expected {text!r}, not {self._peek() or 'its end'!r}")

    def _expression(self, least: int) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PromqlError("too deeply nested")
        left = self._operand()
        while (level := _PRECEDENCE.get(self._peek().lower(), 0)) > least:
            op = self._next().text.lower()
            self._operators += 1
            if self._operators > _MOST_OPERATORS:
                raise PromqlError("too many operators")
            on = self._joining()
            # The power binds to the right.
            left = Binary(op, left, self._expression(level - (op == "^")), on)
        self._depth -= 1
        return left

    def _joining(self) -> tuple[str, ...]:
        """``bool``, ``on (…)``, ``group_left (…)``: the labels of ``on``."""
        self._take("bool")
        on: tuple[str, ...] = ()
        if self._take("on"):
            on = self._labels()
        elif self._take("ignoring"):
            self._labels()
        if (self._take("group_left") or self._take("group_right")) and self._peek() == "(":
            self._labels()
        return on

    def _labels(self) -> tuple[str, ...]:
        self._expect("(")
        found = []
        while not self._take(")"):
            found.append(self._next().text)
            self._take(",")
        return tuple(found)

    def _operand(self) -> Node:
        if self._peek() in {"-", "+"}:
            sign = -1.0 if self._next().text == "-" else 1.0
            node = self._expression(_UNARY)
            return Number(sign * node.value) if isinstance(node, Number) else Binary("*", Number(sign), node)
        return self._behind(self._atom())

    def _behind(self, node: Node) -> Node:
        """Ranges, offsets and moments behind an operand."""
        while True:
            if self._take("["):
                node = self._range(node)
            elif self._take("offset"):
                self._take("-")
                self._next()
            elif self._take("@"):
                self._next()
                if self._take("("):
                    self._expect(")")
            else:
                return node

    def _range(self, node: Node) -> Node:
        stepped = False
        while not self._take("]"):
            stepped |= self._next().text == ":"
        if stepped or not isinstance(node, Selector):
            return Subquery(node)
        return node._replace(ranged=True)

    def _atom(self) -> Node:
        token = self._next()
        match token.kind:
            case "number":
                return Number(_number(token.text))
            case "string":
                return Text(_unquoted(token.text))
            case "duration":
                return Text(token.text)
            case "name":
                return self._named(token.text)
        if token.text == "(":
            node = self._expression(0)
            self._expect(")")
            return node
        if token.text == "{":
            return Selector("", self._matchers())
        raise PromqlError(f"unexpected {token.text!r}")

    def _named(self, name: str) -> Node:
        lowered = name.lower()
        if lowered in {"inf", "nan"}:
            return Number(float(lowered))
        if lowered in _AGGREGATIONS and self._peek().lower() in {"(", "by", "without"}:
            return self._aggregate(lowered)
        if self._take("("):
            return Call(lowered, self._args())
        return Selector(name, self._matchers() if self._take("{") else ())

    def _aggregate(self, name: str) -> Node:
        kept = self._grouping()
        self._expect("(")
        args = self._args()
        by, without = kept if kept != (None, None) else self._grouping()
        return Aggregate(name, args, by, without)

    def _grouping(self) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        if self._take("by"):
            return self._labels(), None
        if self._take("without"):
            return None, self._labels()
        return None, None

    def _args(self) -> tuple[Node, ...]:
        found = []
        while not self._take(")"):
            found.append(self._expression(0))
            if not self._take(",") and self._peek() != ")":
                raise PromqlError(f"expected ',' or ')', not {self._peek() or 'its end'!r}")
        return tuple(found)

    def _matchers(self) -> tuple[Matcher, ...]:
        found = []
        while not self._take("}"):
            label, op, value = self._next(), self._next(), self._next()
            if op.text not in {"=", "!=", "=~", "!~"} or value.kind not in {"string", "name"}:
                raise PromqlError(f"no label matcher: {label.text}{op.text}{value.text}")
            found.append(Matcher(label.text, op.text, _unquoted(value.text)))
            self._take(",")
        return tuple(found)


def _number(text: str) -> float:
    try:
        return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
    except OverflowError:
        return math.inf


def _unquoted(text: str) -> str:
    if text[:1] == "`":
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text[:1] in {'"', "'"} else text
