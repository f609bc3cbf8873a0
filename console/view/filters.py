"""The filter line: fuzzy words and typed terms, such as ``p99>200 state=READY gpu:0 -canary``.

Terms stand side by side and all must hold; ``-`` in front turns one round. An unknown
value satisfies no comparison. A broken term is reported and left out.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

Value = float | str | Iterable[str] | None
Get = Callable[[T], Value]

LONGEST = 1000
"""Characters of a line; it is read at each key and each picture."""

_TERM = re.compile(r"(?P<field>[A-Za-z][\w]*)(?P<op>>=|<=|!=|[<>=:])(?P<value>.*)", re.DOTALL)
_WORDS = re.compile(r'(?:"[^"]*"?|[^\s"])+')


class Field(NamedTuple, Generic[T]):
    """A name that a term may use: numbers are compared, texts are matched; ``about`` says what, with the unit."""

    get: Get[T]
    about: str
    numeric: bool


class Fields(NamedTuple, Generic[T]):
    """What a table may be filtered by: named fields, and the texts that a bare word is looked for in.

    A word is a subsequence of one of the ``names`` or a part of one of the ``also``.
    """

    named: Mapping[str, Field[T]]
    names: Callable[[T], Iterable[str]]
    also: Callable[[T], Iterable[str]]


class Filter(NamedTuple, Generic[T]):
    """A parsed filter line: its tests, and what was wrong with the terms that were left out."""

    text: str
    tests: tuple[Callable[[T], bool], ...] = ()
    errors: tuple[str, ...] = ()

    def matches(self, item: T) -> bool:
        """Whether every term holds for the item."""
        return all(test(item) for test in self.tests)


class _BadTermError(ValueError):
    """A term that cannot be understood, in words."""


def parse(text: str, fields: Fields[T]) -> Filter[T]:
    """The filter that a line means over these fields."""
    tests: list[Callable[[T], bool]] = []
    errors: list[str] = []
    if len(text) > LONGEST:
        errors.append(f"only its first {LONGEST} characters are read")
    for word in _WORDS.findall(text[:LONGEST]):
        negated = word.startswith("-") and len(word) > 1
        try:
            test = _test(word[1:] if negated else word, fields)
        except _BadTermError as error:
            errors.append(str(error))
            continue
        tests.append(_opposite(test) if negated else test)
    return Filter(text.strip(), tuple(tests), tuple(errors))


def fuzzy(pattern: str, text: str) -> bool:
    """Whether the pattern's characters stand in the text in this order, whatever their case."""
    rest = iter(text.casefold())
    return all(char in rest for char in pattern.casefold())


def _opposite(test: Callable[[T], bool]) -> Callable[[T], bool]:
    return lambda item: not test(item)


def _test(word: str, fields: Fields[T]) -> Callable[[T], bool]:
    term = _TERM.fullmatch(word)
    if term is None:
        return _word(word.replace('"', ""), fields)
    name, op = term["field"].casefold(), term["op"]
    value = term["value"].replace('"', "")
    field = fields.named.get(name)
    if field is None:
        raise _BadTermError(_unknown(term["field"], fields.named))
    if not value:
        raise _BadTermError(f"{name}{op} needs a value")
    return (
        _number_test(name, op, value, field.get) if field.numeric else _text_test(name, op, value, field.get)
    )


def _word(word: str, fields: Fields[T]) -> Callable[[T], bool]:
    part = word.casefold()

    def test(item: T) -> bool:
        if any(fuzzy(part, name) for name in fields.names(item)):
            return True
        return any(part in text.casefold() for text in fields.also(item))

    return test


def _unknown(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.4)
    if near:
        return f"no field {name}: did you mean {near[0]}?"
    return f"no field {name}: use {' '.join(names)}"


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: math.isclose(a, b, rel_tol=1e-3),
    ":": lambda a, b: math.isclose(a, b, rel_tol=1e-3),
    "!=": lambda a, b: not math.isclose(a, b, rel_tol=1e-3),
}


def _number_test(name: str, op: str, text: str, get: Get[T]) -> Callable[[T], bool]:
    try:
        limit = float(text)
    except ValueError:
        raise _BadTermError(f"{name}{op} needs a number, not {text}") from None
    compare = _COMPARE[op]

    def test(item: T) -> bool:
        value = get(item)
        return isinstance(value, int | float) and compare(value, limit)

    return test


def _text_test(name: str, op: str, text: str, get: Get[T]) -> Callable[[T], bool]:
    if op not in ("=", "!=", ":"):
        raise _BadTermError(f"{name} is a text: use {name}= or {name}:")
    wanted = text.casefold()
    part = op == ":"

    def test(item: T) -> bool:
        value = get(item)
        if value is None:
            return False
        texts = (value,) if isinstance(value, str) else value
        found = [str(t).casefold() for t in texts] if not isinstance(texts, float) else []
        hit = any(wanted in t if part else wanted == t for t in found)
        return not hit if op == "!=" else hit

    return test
