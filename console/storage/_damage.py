"""What of a recording cannot be read, in sentences."""

from collections.abc import Iterator

from console.domain.instant import utc
from console.storage._frames import FRAMES, Chunk, Kind
from console.storage._scan import Scan

_TOLD = 20
_NEWER = "some of it only a newer console knows: it is left out; pip install --upgrade triton-console"
_WORDS = {
    Kind.MARKERS: "markers",
    Kind.WALK: "an answer of the triage",
    Kind.ASIDE: "notes and records",
    Kind.SESSION: "the head of a section",
    Kind.BLOB: "names that frames refer to",
}


class Damages:
    """Gathers what was found to be damaged, by the scan and by whoever reads."""

    def __init__(self, found: Scan) -> None:
        self._found = found
        self._frames: set[int] = set()
        self._others: set[int] = set()
        self._newer = False

    def add(self, position: int) -> None:
        """A chunk that cannot be read, or not without one that cannot."""
        kind = self._found.chunks[position].kind
        (self._frames if kind in FRAMES else self._others).add(position)

    def newer(self) -> None:
        """Something that is whole, and that only a newer console knows."""
        self._newer = True

    def sentences(self) -> tuple[str, ...]:
        """One for each damage, in the order of the file."""
        said = [*self._skipped(), *self._stretches(), *self._rest(), *self._torn()]
        if self._newer:
            said.insert(0, _NEWER)
        return tuple(said) if len(said) <= _TOLD else (*said[:_TOLD], f"and {len(said) - _TOLD} more damages")

    def _skipped(self) -> Iterator[str]:
        for size, since, until in self._found.skipped:
            where = f"between {utc(since)} and {utc(until)}" if since is not None else f"before {utc(until)}"
            yield f"{_counted(size, 'byte')} {where} {'is' if size == 1 else 'are'} damaged"

    def _stretches(self) -> Iterator[str]:
        chunks, stretch = self._found.chunks, list[Chunk]()
        for position, chunk in enumerate(chunks if self._frames else ()):
            if position in self._frames:
                stretch.append(chunk)
            elif stretch and chunk.kind in FRAMES:
                yield _lost(stretch)
                stretch = []
        if stretch:
            yield _lost(stretch)

    def _rest(self) -> Iterator[str]:
        for position in sorted(self._others):
            chunk = self._found.chunks[position]
            yield f"{_WORDS.get(Kind(chunk.kind), 'something')} of {utc(chunk.at)} cannot be read: damaged"

    def _torn(self) -> Iterator[str]:
        torn = self._found.torn
        if torn and self._found.half:
            said = "is" if torn == 1 else "are"
            yield f"the last {_counted(torn, 'byte')} {said} half a frame: the recorder was stopped in the middle of it"
        elif torn:
            yield f"the last {_counted(torn, 'byte')} hold no frame: they are damaged, or were never written"


def _lost(stretch: list[Chunk]) -> str:
    first, last = utc(stretch[0].at), utc(stretch[-1].at)
    if len(stretch) == 1:
        return f"1 frame of {first} cannot be read: it, or what it hangs on, is damaged"
    return f"{len(stretch)} frames from {first} to {last} cannot be read: they, or what they hang on, are damaged"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
