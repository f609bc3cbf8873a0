"""Prometheus text, read in stretches as it arrives; what exporters get wrong is counted, never fatal."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.domain.text import visible
from console.sources._series import Series, SeriesTable, name_of, split_prefix

__all__ = ["BrokenLine", "Reader", "Scrape", "Series", "SeriesTable", "parse"]

# Bytes read at one go: short enough for the loop that draws, long enough to pay numpy's fixed costs.
STRETCH = 32 * 1024
LINE_LIMIT = 64 * 1024
BROKEN_KEPT = 32
# Lines that make no sense, after which the text is not an exposition and the rest is left unread.
REFUSED_LIMIT = 10_000
_TEXT_SHOWN = 200
_NEWLINE, _SPACE = 10, 32
_SUFFIXES = ("", "_sum", "_count", "_bucket", "_total", "_created")


class BrokenLine(NamedTuple):
    """A line that could not be read: its number from 1 and its text, made visible and bounded.

    Where name and labels are sound and only the value is not a number, ``series`` is set
    and ``text`` is what stands in the value's place.
    """

    number: int
    text: str
    series: Series | None = None


class Scrape(NamedTuple):
    """One exposition: series ids and their values, in the order of the text.

    A series sent twice is here twice, as in ``prometheus_client``; whoever assigns by id
    keeps the last. ``truncated`` means that the text ended inside a line, which was
    dropped, or that reading was given up: the table was full, or too much made no sense.
    Ids are void unless ``generation`` is the table's.
    """

    ids: NDArray[np.int32]
    values: NDArray[np.float64]
    broken: tuple[BrokenLine, ...]
    broken_count: int
    truncated: bool
    generation: int


def parse(body: bytes, table: SeriesTable) -> Scrape:
    """Read a whole exposition."""
    reader = Reader(table)
    for at in range(0, len(body), STRETCH):
        reader.feed(body[at : at + STRETCH])
    return reader.finish()


class Reader:
    """Reads one exposition chunk by chunk; make a new one for each poll."""

    def __init__(self, table: SeriesTable) -> None:
        table.renew()
        self._table = table
        self._generation = table.generation
        self._parts: list[bytes] = []
        self._size = 0
        self._overlong = False
        self._family = ""
        self._line = 0
        self._ids: list[NDArray[np.int32]] = []
        self._values: list[NDArray[np.float64]] = []
        self._broken: list[BrokenLine] = []
        self._broken_count = 0
        self._refused = 0
        self._truncated = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; they are read once a stretch of them is there."""
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size >= STRETCH:
            self._advance()

    def finish(self) -> Scrape:
        """What was read; the text is over."""
        self._advance()
        rest = b"".join(self._parts).strip()
        # A cut number reads as another number, so a line without its end is not believed.
        # Only the end mark of OpenMetrics says by itself that nothing is missing.
        if self._overlong or rest not in {b"", b"# EOF"}:
            self._truncated = True
        ids = np.concatenate(self._ids) if self._ids else np.empty(0, np.int32)
        values = np.concatenate(self._values) if self._values else np.empty(0, np.float64)
        broken = tuple(self._broken)
        return Scrape(ids, values, broken, self._broken_count, self._truncated, self._generation)

    def _advance(self) -> None:
        text = b"".join(self._parts)
        end = text.rfind(b"\n") + 1
        start = 0
        if end and self._overlong:
            # The last of a line that was given up, and reported then.
            start = text.index(b"\n") + 1
            self._overlong = False
            self._line += 1
        if end > start:
            self._read(b"\n" + text[start:end])
        self._hold(text[end:])

    def _hold(self, rest: bytes) -> None:
        """Keep the beginning of a line until its end comes, unless it is too long to wait for."""
        if not self._overlong and len(rest) >= LINE_LIMIT:
            self._overlong = True
            if not rest.lstrip().startswith(b"#"):
                self._refuse(self._line + 1, rest, rest)
        self._parts = [] if self._overlong else [rest]
        self._size = 0 if self._overlong else len(rest)

    def _read(self, text: bytes) -> None:
        """Whole lines, with the newline before the first of them."""
        if self._table.generation != self._generation:
            # Another poll emptied the table: the ids so far mean nothing any more.
            self._ids, self._values, self._truncated = [], [], True
            return
        if self._refused > REFUSED_LIMIT:
            self._truncated = True
            return
        kept = list(self._kept(text))
        if kept and not self._bulk(b"".join([text[start + 1 : stop] for start, stop in kept])):
            for start, stop in kept:
                number = self._line + text.count(b"\n", 0, start + 1)
                self._one_by_one(text[start + 1 : stop - 1].split(b"\n"), number)
        self._line += _lines(text) - 1

    def _kept(self, text: bytes) -> Iterator[tuple[int, int]]:
        """The stretches of samples that may hold a wanted one; each starts at the newline before it."""
        start = 0
        while start < len(text) - 1:
            header = _next_header(text, start)
            stop = len(text) if header < 0 else header
            if stop > start + 1 and not self._skippable(text[start:stop]):
                yield start, stop
            if header < 0:
                return
            start = text.index(b"\n", header)
            self._family = _family(text[header:start]) or self._family

    def _skippable(self, block: bytes) -> bool:
        """Whether every line belongs to the unwanted family under whose header it stands.

        Counting how the lines begin is ten times cheaper than reading them, and samples
        of another family that stand among them do not get lost.
        """
        if not self._family or self._table.wanted(self._family):
            return False
        left = _lines(block) - 1
        names = [name for suffix in _SUFFIXES if not self._table.wanted(name := self._family + suffix)]
        for end in ("{", " "):
            for name in names:
                left -= block.count(f"\n{name}{end}".encode())
                if left == 0:
                    return True
        return False

    def _bulk(self, text: bytes) -> bool:
        """Read lines that are all ``known-prefix value``; False, and nothing read, if one is not."""
        raw = np.frombuffer(text, np.uint8)
        blanks = raw[np.flatnonzero(raw <= _SPACE)]
        if not ((blanks[::2] == _SPACE).all() and (blanks[1::2] == _NEWLINE).all()):
            return False
        tokens = text.split()
        texts = tokens[1::2]
        if len(tokens) != len(blanks) or b"_" in b" ".join(texts):
            return False
        try:
            places = self._table.find(tokens[::2])
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except (KeyError, ValueError):
            return False
        self._take(places, values)
        return True

    def _one_by_one(self, lines: list[bytes], number: int) -> None:
        known = self._table.places.get
        places: list[int] = []
        values: list[float] = []
        for at, line in enumerate(lines, number):
            spelling, _, text = line.rpartition(b" ")
            place = known(spelling)
            value = None if place is None else _number(text)
            if place is None or value is None:
                sample = self._sample(at, line)
                if sample is None:
                    continue
                place, value = sample
            places.append(place)
            values.append(value)
        if places:
            self._take(np.array(places, np.int32), np.array(values, np.float64))

    def _take(self, places: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        ids = self._table.ids(places)
        wanted = ids >= 0
        if not wanted.all():
            ids, values = ids[wanted], values[wanted]
        self._ids.append(ids)
        self._values.append(values)

    def _sample(self, number: int, line: bytes) -> tuple[int, float] | None:
        """A line that is new or odd: its place and value, or None for what is no sample."""
        line = line.strip()
        if not line or line.startswith(b"#"):
            return None
        prefix, rest = split_prefix(line)
        value = _value(rest)
        place = self._table.places.get(prefix)
        if value is not None and place is None:
            if self._table.full:
                self._truncated = True
                return None
            place = self._table.intern(prefix)
        if place is None or value is None:
            self._refuse(number, line, prefix)
            return None
        return place, value

    def _refuse(self, number: int, line: bytes, prefix: bytes) -> None:
        """Count a broken line, unless it is of a family that nobody asked for."""
        self._refused += 1
        name = name_of(line)
        if name is not None and not self._table.wanted(name):
            return
        self._broken_count += 1
        if len(self._broken) < BROKEN_KEPT:
            series = self._table.read(prefix)
            text = line[len(prefix) :].strip() if series else line
            shown = text[: _TEXT_SHOWN * 4].decode("utf-8", "backslashreplace")
            self._broken.append(BrokenLine(number, visible(shown, _TEXT_SHOWN), series))


def _lines(text: bytes) -> int:
    """How many newlines; numpy counts what is frequent four times faster than ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _NEWLINE))


def _next_header(text: bytes, start: int) -> int:
    """Where the next line that begins with ``#`` begins, or -1."""
    at = text.find(b"#", start)
    if at > 0 and text[at - 1] != _NEWLINE:
        # One byte is found several times faster than two, so two are tried only behind a # in a label.
        at = text.find(b"\n#", at) + 1
    return at if at > 0 else -1


def _family(header: bytes) -> str:
    """The metric name of a HELP or TYPE line, empty for other comments."""
    words = header[1:].split(None, 2)
    if len(words) < 2 or words[0] not in {b"HELP", b"TYPE"}:
        return ""
    return words[1].decode("utf-8", "replace")


def _value(rest: bytes) -> float | None:
    """The value of what follows the labels, ``value [timestamp] [# exemplar]``; None if it is not one."""
    words = rest.partition(b" # ")[0].split()
    numbers = [_number(word) for word in words]
    return numbers[0] if 1 <= len(words) <= 2 and None not in numbers else None


def _number(text: bytes) -> float | None:
    # float() takes 1_000, which no exposition means.
    if b"_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None
