"""The one thing of an action that can be changed in place: a share, a version, a time, a number."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from console.domain.action import Action
from console.view.styled import EMPTY, Line, Span


class Option(NamedTuple):
    """One value: how it is shown, and the action that it makes."""

    text: str
    action: Action


class Number(NamedTuple):
    """Numbers that may be typed, and what a number makes."""

    lowest: int
    highest: int
    option: Callable[[int], Option]


@dataclass(frozen=True, slots=True)
class Choice:
    """Options with one chosen; where ``number`` is set, ``typed`` digits stand in for it. An empty label hides it.

    ``values`` are the numbers of the options.
    """

    label: str
    options: tuple[Option, ...]
    at: int = 0
    number: Number | None = None
    values: tuple[int, ...] = ()
    typed: str = ""

    @property
    def chosen(self) -> Option:
        """The option in force."""
        value = self._value
        return self.number.option(value) if self.number and value is not None else self.options[self.at]

    @property
    def movable(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.label) and (len(self.options) > 1 or self.number is not None)

    @property
    def _value(self) -> int | None:
        if not (self.number and self.typed):
            return None
        return min(max(int(self.typed), self.number.lowest), self.number.highest)

    def moved(self, by: int) -> "Choice":
        """The next or the one before; from a typed number on the nearest that is set."""
        value = self._value
        at = self.at + by
        if value is not None:
            beyond = [i for i, each in enumerate(self.values) if (each > value if by > 0 else each < value)]
            at = (beyond[0] if by > 0 else beyond[-1]) if beyond else self.at
        return replace(self, at=min(max(at, 0), len(self.options) - 1), typed="")

    def digit(self, char: str) -> "Choice":
        """With one more digit typed, as long as the number may be."""
        if self.number is None:
            return self
        typed = (self.typed + char).lstrip("0") or "0"
        return replace(self, typed=typed) if len(typed) <= len(str(self.number.highest)) else self

    def erased(self) -> "Choice":
        """With one digit less."""
        return replace(self, typed=self.typed[:-1])

    def line(self) -> Line:
        """The option in force, and that there are others."""
        if not self.label:
            return EMPTY
        name = Span(f"{self.label}  ", "dim")
        if not self.movable:
            return name, Span(self.chosen.text, "title")
        left = Span("◂ ", "key" if self.at or self.typed else "quiet")
        right = Span(" ▸", "key" if self.at < len(self.options) - 1 or self.typed else "quiet")
        which = "" if self.values or self.typed else f"   {self.at + 1} of {len(self.options)}"
        return name, left, Span(self.chosen.text, "title"), right, Span(which, "dim")


def only(action: Action) -> Choice:
    """An action without anything to choose."""
    return Choice("", (Option("", action),))


def numbers(label: str, values: tuple[int, ...], start: int, number: Number) -> Choice:
    """A choice among numbers that begins at ``start``, which is put among them."""
    known = tuple(sorted({*values, start}))
    options = tuple(number.option(value) for value in known)
    return Choice(label, options, known.index(start), number, known)
