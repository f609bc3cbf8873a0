"""Series and the keys they are known by: one dictionary for every target of a fleet."""

import re
from array import array
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_UNWANTED = -1

_NAME = rb"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_QUOTED = rb'"(?:[^"\\]++|\\.)*+"'
_PREFIX = re.compile(_NAME + rb'(?:(?=[ \t]++[^ \t{])|[ \t]*+\{(?:[^"}]++|' + _QUOTED + rb")*+\})")
_HEAD = re.compile(rb"(" + _NAME + rb")[ \t]*+(?:\{(.*)\})?", re.DOTALL)
_STARTS = re.compile(rb"(" + _NAME + rb")(?:[ \t{]|$)")
_LABEL = re.compile(rb'[ \t]*+([a-zA-Z_][a-zA-Z0-9_]*+)[ \t]*+=[ \t]*+"((?:[^"\\]++|\\.)*+)"[ \t]*+(?:,|$)')
_ESCAPE = re.compile(rb'\\([\\n"])')
# A prefix this long weighs as much as another series, so that long names cannot buy memory.
_WEIGHT = 256


class Series(NamedTuple):
    """One metric and its labels, unescaped; a byte that is not UTF-8 stands as an escape."""

    name: str
    labels: Mapping[str, str]


class SeriesTable:
    """The part of a line before its value -> the id of its series, shared by all targets.

    ``wanted`` says which metric names are kept at all. A server that changes its names
    at each poll fills the table: beyond ``limit`` it is emptied, ``generation`` grows,
    and the ids of an older generation are void. Two spellings of one series (another
    order of labels) have two ids whose ``Series`` are equal.

    Each spelling has a place, by order of arrival; its id stands there, or -1 for a name
    that nobody wants. ``places`` is for the reader.
    """

    def __init__(self, wanted: Callable[[str], bool] | None = None, limit: int = 2_000_000) -> None:
        self.wanted = wanted or _everything
        self.generation = 0
        self._limit = limit
        self._empty()

    def _empty(self) -> None:
        self.places: dict[bytes, int] = {}
        self._spellings: list[bytes] = []
        self._ids = array("i")
        self._series: list[Series] = []
        self._texts: dict[bytes, str] = {}
        self._weight = 0

    def __len__(self) -> int:
        """How many series have an id."""
        return len(self._series)

    def series(self, id: int) -> Series:  # noqa: A002 (the word of the contract)
        """The series of an id of this generation."""
        return self._series[id]

    @property
    def full(self) -> bool:
        """Whether the limit is reached and nothing new is taken in."""
        return self._weight >= self._limit

    def renew(self) -> None:
        """Empty the table if it is full; called between polls only."""
        if self.full:
            self.generation += 1
            self._empty()

    def find(self, spellings: list[bytes]) -> NDArray[np.int32]:
        """The places of known spellings; KeyError if one is new."""
        first = self.places[spellings[0]]
        stop = first + len(spellings)
        # Servers repeat themselves in the same order, and comparing is cheaper than hashing.
        if self._spellings[first:stop] == spellings:
            return np.arange(first, stop, dtype=np.int32)
        return np.fromiter(map(self.places.__getitem__, spellings), np.int32, len(spellings))

    def ids(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """The ids at these places, -1 for unwanted names."""
        return np.frombuffer(self._ids, np.int32)[places]

    def intern(self, prefix: bytes) -> int | None:
        """The place of a new prefix, None if it is no series."""
        name = name_of(prefix)
        if name is not None and not self.wanted(name):
            return self._add(prefix, _UNWANTED)
        series = self.read(prefix)
        if series is None:
            return None
        self._series.append(series)
        return self._add(prefix, len(self._series) - 1)

    def _add(self, spelling: bytes, number: int) -> int:
        self.places[spelling] = place = len(self._ids)
        self._spellings.append(spelling)
        self._ids.append(number)
        self._weight += 1 + len(spelling) // _WEIGHT
        return place

    def read(self, prefix: bytes) -> Series | None:
        """The series that a prefix spells, or None if it spells none."""
        match = _HEAD.fullmatch(prefix)
        labels = self._labels(match[2] or b"") if match else None
        return None if match is None or labels is None else Series(match[1].decode(), labels)

    def _labels(self, text: bytes) -> dict[str, str] | None:
        labels: dict[str, str] = {}
        at, end = 0, len(text.rstrip(b" \t"))
        while at < end:
            match = _LABEL.match(text, at)
            if match is None or (name := self._text(match[1])) in labels:
                return None
            labels[name] = self._text(match[2])
            at = match.end()
        return labels

    def _text(self, raw: bytes) -> str:
        """Label text, one object for all series that use it."""
        text = self._texts.get(raw)
        if text is None:
            text = _unescape(raw).decode("utf-8", "backslashreplace")
            self._texts[raw] = text
            self._weight += 1 + len(raw) // _WEIGHT
        return text


def split_prefix(line: bytes) -> tuple[bytes, bytes]:
    """A stripped sample line as (name and labels, the rest); all is prefix where it begins with no series."""
    match = _PREFIX.match(line)
    end = match.end() if match else len(line)
    return line[:end], line[end:]


def name_of(line: bytes) -> str | None:
    """The metric name that a stripped line begins with, however broken the rest is."""
    match = _STARTS.match(line)
    return match[1].decode() if match else None


def _unescape(raw: bytes) -> bytes:
    r"""Label text with ``\\``, ``\"`` and ``\n`` resolved; other backslashes are literal."""
    return _ESCAPE.sub(_resolve, raw) if b"\\" in raw else raw


def _resolve(match: re.Match[bytes]) -> bytes:
    return b"\n" if match[1] == b"n" else match[1]


def _everything(_name: str) -> bool:
    return True
