"""The chain of the journal's lines: which records are as they were written, and where something is not."""

from collections.abc import Iterator
from typing import NamedTuple

from console.domain.journal import Damage, JournalReading, Record
from console.storage._head import Remembered
from console.storage._lines import START, BrokenLineError, HeadTrouble, Line, Link, decode


class _Seen(NamedTuple):
    at: int
    line: Line


class _Broken(NamedTuple):
    at: int
    size: int
    ended: bool
    why: str


class Chain:
    """Takes the lines of a journal one by one, in order; nothing that is wrong is forgotten or put right."""

    def __init__(self) -> None:
        self._lines = 0
        self._last = START.seq
        self._seen: dict[int, _Seen] = {}
        self._rivals: dict[int, list[_Seen]] = {}
        self._broken: list[_Broken] = []
        self._damages: list[Damage] = []

    def feed(self, line: bytes, *, ended: bool = True) -> None:
        """The next line without its line end; only the last of a file may have none."""
        self._lines += 1
        try:
            read = decode(line)
        except BrokenLineError as error:
            self._broken.append(_Broken(self._lines, len(line), ended, str(error)))
            return
        self._place(read)
        self._last = max(self._last, read.link.seq)
        if not ended:
            self._say(
                "has no line end: a console died while it was written, or the end of the file was cut off"
            )
        if read.head:
            self._say(
                f"was written when the head file was {read.head.value}: lines before it may have been cut off"
            )
        if read.odd:
            self._say(
                f"record {read.link.seq} is left out, as this version does not understand it ({read.odd})"
            )

    def reading(self, head: Remembered) -> JournalReading:
        """Everything so far, held against the head file."""
        return JournalReading(self._records(head.link), (*self._damages, *self._at_the_end(head)))

    def _place(self, read: Line) -> None:
        seq = read.link.seq
        known = self._seen.get(seq)
        if known is not None:
            self._clash(known, read)
            return
        if seq < self._last:
            self._say(f"is out of order: it holds record {seq}, and later ones come before it")
        else:
            self._follow(read, seq - self._last - 1)
        self._seen[seq] = _Seen(self._lines, read)

    def _clash(self, known: _Seen, read: Line) -> None:
        seq = read.link.seq
        if known.line.link == read.link:
            self._say(f"repeats line {known.at} (record {seq})")
            return
        self._say(f"says that it is record {seq}, and so does line {known.at}: one of the two was put in")
        self._rivals.setdefault(seq, [known]).append(_Seen(self._lines, read))

    def _follow(self, read: Line, missing: int) -> None:
        """Check what lies between the newest good line and this one, where so many records are missing."""
        self._damages += [_damage(each, lost=missing > 0) for each in self._broken]
        left = missing - len(self._broken)
        self._broken = []
        if left > 0:
            self._say(f"{_missing(left)} before it")
        elif missing == 0 and read.prev not in self._hashes(self._last):
            self._say(
                f"is not chained to record {self._last}: it was put in, or a line before it was replaced"
            )

    def _hashes(self, seq: int) -> set[str]:
        if seq == START.seq:
            return {START.hash}
        return {seen.line.link.hash for seen in self._rivals.get(seq, [self._seen[seq]])}

    def _at_the_end(self, remembered: Remembered) -> Iterator[Damage]:
        head = remembered.link
        missing = head.seq - self._last if head else 0
        yield from (_damage(each, lost=missing > 0) for each in self._broken)
        if head is None:
            if self._lines or remembered.trouble is HeadTrouble.DAMAGED:
                yield Damage(0, f"{remembered.said}: whether its end was cut off cannot be known")
        elif missing > len(self._broken) and not self._lines:
            yield Damage(0, f"{_missing(missing)}: the file was removed or emptied")
        elif missing > len(self._broken):
            yield Damage(0, f"{_missing(missing - len(self._broken))} at its end: the file was cut off")
        elif head.seq in self._seen and head.hash not in self._hashes(head.seq):
            yield Damage(self._seen[head.seq].at, f"is not record {head.seq} as the head file remembers it")

    def _records(self, head: Link | None) -> tuple[Record, ...]:
        """What is understood, by number; of two with one number that which the next one, or the head, is chained to."""
        chosen = (self._authentic(seq, head) for seq in sorted(self._seen))
        return tuple(line.record for line in chosen if line.record is not None and not line.odd)

    def _authentic(self, seq: int, head: Link | None) -> Line:
        first = self._seen[seq].line
        rivals = self._rivals.get(seq)
        if rivals is None:
            return first
        following = self._seen.get(seq + 1)
        named = following.line.prev if following else head.hash if head else ""
        return next((each.line for each in rivals if each.line.link.hash == named), first)

    def _say(self, what: str) -> None:
        self._damages.append(Damage(self._lines, what))


def _damage(line: _Broken, *, lost: bool) -> Damage:
    """``lost``: a record is missing where the line stands, so that the line was that record once."""
    if lost and line.ended:
        said = f"was changed, and its record is lost ({line.why})"
    elif lost:
        said = f"is cut off after {line.size} bytes, and its record is lost"
    elif line.ended:
        said = f"is no record, and none is missing there: a write broke off, or it was put in ({line.why})"
    else:
        said = (
            f"breaks off after {line.size} bytes: a console died, or the disk was full, while it was written"
        )
    return Damage(line.at, said)


def _missing(records: int) -> str:
    return "1 record is missing" if records == 1 else f"{records} records are missing"
