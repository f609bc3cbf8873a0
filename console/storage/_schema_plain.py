"""The leaves of what is written: text, whole numbers, JSON of any depth, and floats that are taken out of it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec

Plain = Any
"""What MessagePack can say."""
SLOT = b""
"""Stands where a number was taken out; no text is written as no bytes."""
_TUPLE, _WHOLE = 1, 2


class Writer:
    """What is gathered while a value is written.

    ``numbers`` takes the floats of records out of it, in order; None leaves them in. ``change`` is done to every
    text, names of a mapping's members included.
    """

    __slots__ = ("_change", "numbers")

    def __init__(
        self, numbers: list[float] | None = None, change: Callable[[str], str | bytes] | None = None
    ) -> None:
        self.numbers = numbers
        self._change = change

    def text(self, value: str) -> str | bytes:
        """A text as it is written."""
        if not isinstance(value, str):
            raise TypeError("not text")
        return value if self._change is None else self._change(value)


class Place(int):
    """Which of the numbers stands here."""


class Reader:
    """Gives the numbers back."""

    __slots__ = ("_numbers",)

    def __init__(self, numbers: Sequence[float] = ()) -> None:
        self._numbers = numbers

    def number(self, place: Place) -> float:
        """The one of that place; ValueError where there is none."""
        if place >= len(self._numbers):
            raise ValueError("fewer numbers than named")
        return self._numbers[place]


def placed(plain: Plain) -> tuple[Plain, int]:
    """Plain data with places where numbers were taken out, in the order they were written, and how many they are.

    So a reader that knows other fields, or has them in another order, takes each number where it belongs.
    """
    counted = count()

    def named(value: Plain) -> Plain:
        if isinstance(value, dict):
            return {name: named(each) for name, each in value.items()}
        if isinstance(value, list):
            return [named(each) for each in value]
        return Place(next(counted)) if value == SLOT else value

    return named(plain), next(counted)


def encodable(value: str) -> str | bytes:
    """A text as MessagePack can hold it: one with lone surrogates, which servers' JSON may bring, goes as bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")
    return value


def text(plain: Plain) -> str:
    """A text that was written; raises ValueError for anything else."""
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bytes):
        return plain.decode(errors="surrogatepass")
    raise ValueError("not text")


def integer(plain: Plain) -> int:
    """A whole number, those beyond 64 bits written as digits; raises ValueError for anything else."""
    if type(plain) is int:
        return plain
    if isinstance(plain, str):
        return int(plain)
    raise ValueError("not a whole number")


class _Json:
    """A JSON value; lists and tuples stay what they were."""

    def write(self, value: Any, out: Writer) -> Plain:
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, str):
            return out.text(value)
        if isinstance(value, int):
            return value if -(2**63) <= value < 2**64 else msgspec.msgpack.Ext(_WHOLE, str(value).encode())
        if isinstance(value, Mapping):
            return {out.text(str(name)): self.write(each, out) for name, each in value.items()}
        if isinstance(value, list | tuple):
            items = [self.write(each, out) for each in value]
            packed = isinstance(value, tuple)
            return msgspec.msgpack.Ext(_TUPLE, msgspec.msgpack.encode(items)) if packed else items
        raise TypeError(f"a {type(value).__name__} is not JSON")

    def read(self, plain: Plain, given: Reader) -> Any:
        if plain is None or isinstance(plain, bool | int | float | str):
            return plain
        if isinstance(plain, bytes):
            return text(plain)
        if isinstance(plain, dict):
            return {text(name): self.read(each, given) for name, each in plain.items()}
        if isinstance(plain, list):
            return [self.read(each, given) for each in plain]
        if isinstance(plain, msgspec.msgpack.Ext) and plain.code == _WHOLE:
            return int(bytes(plain.data))
        if isinstance(plain, msgspec.msgpack.Ext) and plain.code == _TUPLE:
            items = msgspec.msgpack.decode(plain.data)
            return tuple([self.read(each, given) for each in items]) if isinstance(items, list) else ()
        raise ValueError("not JSON")


JSON = _Json()
