"""Values that must not be shown, logged, recorded or journalled."""

from collections.abc import Iterable

REDACTED = "•••"


class Secret:
    """A string that prints as ``•••``; only ``reveal`` gives it out, to put it on the wire."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Text with every occurrence of the secrets' values replaced, longest first."""
    values = sorted((s.reveal() for s in secrets if s.reveal()), key=len, reverse=True)
    for value in values:
        text = text.replace(value, REDACTED)
    return text
