"""What is wrong with a file that people write, all of it at once."""

import difflib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.domain.text import visible

KeyPath = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing to correct: the line (None for flags and files that cannot be read), the key's path, what is wrong."""

    line: int | None
    path: str
    message: str
    file: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part)
        return visible(": ".join(part for part in (where, self.path, self.message) if part), 500)


class Problems:
    """Collects the problems of one file; ``lines`` maps key paths to line numbers."""

    def __init__(self, file: str = "", lines: Mapping[KeyPath, int] | None = None) -> None:
        self.found: list[Problem] = []
        self.file = file
        self._lines = lines or {}

    def add(self, path: KeyPath, message: str) -> None:
        """Note a problem at a key, on the line of the longest known part of its path."""
        self.found.append(Problem(self._line(path), dotted(path), message, self.file))

    def _line(self, path: KeyPath) -> int | None:
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return None


def dotted(path: KeyPath) -> str:
    """A key path as TOML would write it; list positions are in brackets, counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
            continue
        plain = part.replace("-", "").replace("_", "")
        bare = plain.isascii() and plain.isalnum()
        text += ("." if text else "") + (part if bare else f'"{visible(part, 60)}"')
    return text


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the known name nearest to a mistyped one, else empty."""
    names = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower()[:100], names, n=1, cutoff=0.6)
    return f"; did you mean {names[found[0]]}?" if found else ""
