"""Values of the domain as what MessagePack can say, and back, as their type hints say.

Records go by the names of their fields: one that is missing takes its default, one that is unknown is left out. So a
field may be added (with a default), moved or dropped, and what was written before is still read.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from console.domain.secret import Secret
from console.storage._schema_plain import JSON, SLOT, Place, Plain, Reader, Writer, integer, text


class Kind(Protocol):
    """One type of value."""

    def write(self, value: Any, out: Writer) -> Plain:
        """The value as plain data; raises TypeError or ValueError for one that is not of the type."""
        ...

    def read(self, plain: Plain, given: Reader) -> Any:
        """The value; raises ValueError for whatever is not one."""
        ...


@cache
def kind(hint: Any) -> Kind:
    """How values of a type hint are written and read; raises TypeError for a type that cannot be."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _Choice(hint)
    if isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields")):
        return Record(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _union(arguments)
    if origin is tuple:
        return _Row(arguments[0]) if arguments[-1] is Ellipsis else _Pair(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _Table(arguments[1]) if arguments[0] is str else _Pairs(*arguments)
    raise TypeError(f"no way to write {hint}")


def _union(arguments: tuple[Any, ...]) -> Kind:
    present = tuple(each for each in arguments if each is not type(None))
    if {bool, int, str} <= set(present):
        return JSON
    inner: Kind = kind(present[0]) if len(present) == 1 else OneOf(present)
    return _Maybe(inner) if len(present) < len(arguments) else inner


class _Text:
    def write(self, value: Any, out: Writer) -> Plain:
        return out.text(value)

    def read(self, plain: Plain, given: Reader) -> Any:  # noqa: ARG002 - one shape for all kinds
        return text(plain)


class _Integer:
    def write(self, value: Any, out: Writer) -> Plain:  # noqa: ARG002 - one shape for all kinds
        return value if -(2**63) <= value < 2**64 else str(int(value))

    def read(self, plain: Plain, given: Reader) -> Any:  # noqa: ARG002 - one shape for all kinds
        return integer(plain)


class _Truth:
    def write(self, value: Any, out: Writer) -> Plain:  # noqa: ARG002 - one shape for all kinds
        return bool(value)

    def read(self, plain: Plain, given: Reader) -> Any:  # noqa: ARG002 - one shape for all kinds
        if plain is True or plain is False:
            return plain
        raise ValueError("not true or false")


class _Number:
    """A float; where the writer takes numbers apart, a sign stands in its place."""

    def write(self, value: Any, out: Writer) -> Plain:
        if not isinstance(value, float):
            return value if -(2**63) <= value < 2**63 else float(value)
        if out.numbers is None:
            return float(value)
        out.numbers.append(value)
        return SLOT

    def read(self, plain: Plain, given: Reader) -> Any:
        if type(plain) is Place:
            return given.number(plain)
        if type(plain) is float or type(plain) is int:
            return plain
        raise ValueError("not a number")


class _Hidden:
    """A secret; its value is never written."""

    def write(self, value: Any, out: Writer) -> Plain:  # noqa: ARG002 - one shape for all kinds
        return None

    def read(self, plain: Plain, given: Reader) -> Any:  # noqa: ARG002 - one shape for all kinds
        return Secret("")


class _Choice:
    def __init__(self, members: type[Enum]) -> None:
        self._members = members

    def write(self, value: Any, out: Writer) -> Plain:  # noqa: ARG002 - one shape for all kinds
        return self._members(value).value

    def read(self, plain: Plain, given: Reader) -> Any:  # noqa: ARG002 - one shape for all kinds
        return self._members(plain)


class _Maybe:
    def __init__(self, inner: Kind) -> None:
        self._inner = inner

    def write(self, value: Any, out: Writer) -> Plain:
        return None if value is None else self._inner.write(value, out)

    def read(self, plain: Plain, given: Reader) -> Any:
        return None if plain is None else self._inner.read(plain, given)


class _Row:
    """A tuple of any length of one type."""

    def __init__(self, item: Any) -> None:
        self._item = kind(item)

    def write(self, value: Any, out: Writer) -> Plain:
        write = self._item.write
        return [write(each, out) for each in value]

    def read(self, plain: Plain, given: Reader) -> Any:
        read = self._item.read
        return tuple([read(each, given) for each in _list(plain)])


class _Pair:
    """A tuple of a fixed length."""

    def __init__(self, items: tuple[Any, ...]) -> None:
        self._items = [kind(item) for item in items]

    def write(self, value: Any, out: Writer) -> Plain:
        return [item.write(each, out) for item, each in zip(self._items, value, strict=True)]

    def read(self, plain: Plain, given: Reader) -> Any:
        pairs = zip(self._items, _list(plain), strict=True)
        return tuple([item.read(each, given) for item, each in pairs])


class _Table:
    """A mapping from text."""

    def __init__(self, value: Any) -> None:
        self._value = kind(value)

    def write(self, value: Any, out: Writer) -> Plain:
        return {out.text(key): self._value.write(each, out) for key, each in value.items()}

    def read(self, plain: Plain, given: Reader) -> Any:
        if not isinstance(plain, dict):
            raise ValueError("not a table")  # noqa: TRY004 - one error type for every odd recording
        return {text(key): self._value.read(each, given) for key, each in plain.items()}


class _Pairs:
    """A mapping from anything else."""

    def __init__(self, key: Any, value: Any) -> None:
        self._items = _Row(tuple[key, value])

    def write(self, value: Any, out: Writer) -> Plain:
        return self._items.write(value.items(), out)

    def read(self, plain: Plain, given: Reader) -> Any:
        return dict(self._items.read(plain, given))


class OneOf:
    """One of several records, which the name of its type tells apart."""

    def __init__(self, members: tuple[type, ...]) -> None:
        self._kinds = {member.__name__: kind(member) for member in members}

    def write(self, value: Any, out: Writer) -> Plain:
        name = type(value).__name__
        if name not in self._kinds:
            raise TypeError(f"a {name} is not expected here")
        return [name, self._kinds[name].write(value, out)]

    def read(self, plain: Plain, given: Reader) -> Any:
        name, inner = _list(plain)
        if not isinstance(name, str) or name not in self._kinds:
            raise ValueError("a record of an unknown type")
        return self._kinds[name].read(inner, given)


class Record:
    """A NamedTuple or a dataclass, without the fields that are written ``apart``.

    What is none or empty both in the value and by default is not written.
    """

    def __init__(self, shape: Any, apart: frozenset[str] = frozenset()) -> None:
        self._shape = shape
        self._apart = apart
        self._resolved: tuple[tuple[str, Kind, Any], ...] | None = None

    @property
    def _fields(self) -> tuple[tuple[str, Kind, Any], ...]:
        """Name, kind and default (a new object, where it has none); found at first use, since records may nest."""
        if self._resolved is None:
            shape = self._shape
            hints = get_type_hints(shape, localns=dict.fromkeys(_ELSEWHERE, object))
            if is_dataclass(shape):
                defaults: Mapping[str, Any] = {each.name: each.default for each in fields(shape)}
            else:
                defaults = {name: shape._field_defaults.get(name, object()) for name in shape._fields}
            self._resolved = tuple(
                (name, kind(hints[name]), defaults[name]) for name in defaults if name not in self._apart
            )
        return self._resolved

    def write(self, value: Any, out: Writer) -> Plain:
        plain = {}
        for name, inner, default in self._fields:
            member = getattr(value, name)
            if member is None:
                if default is None:
                    continue
            elif type(member) in {str, tuple} and not member and member == default:
                continue
            plain[name] = inner.write(member, out)
        return plain

    def read(self, plain: Plain, given: Reader) -> Any:
        return self.build(plain, given, {})

    def build(self, plain: Plain, given: Reader, apart: Mapping[str, Any]) -> Any:
        """The record with the fields that came apart."""
        if not isinstance(plain, dict):
            raise ValueError("not a record")  # noqa: TRY004 - one error type for every odd recording
        found = {name: inner.read(plain[name], given) for name, inner, _ in self._fields if name in plain}
        try:
            return self._shape(**found, **apart)
        except TypeError as error:
            raise ValueError(f"a {self._shape.__name__} that is not whole") from error


# Names that a module of the domain imports for the type checker alone; fields of theirs are written apart.
_ELSEWHERE = ("Counters",)

_SIMPLE: dict[Any, Kind] = {
    str: _Text(),
    int: _Integer(),
    float: _Number(),
    bool: _Truth(),
    Secret: _Hidden(),
    Any: JSON,
}


def _list(plain: Plain) -> list[Plain]:
    if isinstance(plain, list):
        return plain
    raise ValueError("not a list")
