"""A recording that is read: opened by its chunks' heads alone, decoded as it is asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import inf
from pathlib import Path
from typing import TypeVar

from console.domain.marker import Marker
from console.domain.recording import Frame, RecordingError, Session
from console.domain.triage import Walk
from console.storage._codec import decode_walk
from console.storage._damage import Damages
from console.storage._frames import (
    DIGEST_SIZE,
    FILE_HEAD,
    FRAMES,
    MAJOR,
    DamagedError,
    Kind,
    check_head,
    inflate,
)
from console.storage._index import Index
from console.storage._playing import Playing, markers_of
from console.storage._scan import Scan, read_chunk, scan
from console.storage._span import Span, open_span
from console.storage._window import WINDOW, ZIP, window

__all__ = ["BUNDLE_ENDING", "ENDING", "WINDOW", "FileRecording", "open_recording"]

ENDING = ".tcrec"
BUNDLE_ENDING = ".tcinc"
# The reader of each major version of the format: a newer console reads what older ones wrote.
_SCANNERS: dict[int, Callable[[Span], Scan]] = {1: scan}
_BLOBS_LIMIT = 64 * 2**20
_T = TypeVar("_T")


class FileRecording:
    """``ports.Recording`` in a file; everything up to a damage, and after it, is read, and the rest is told."""

    def __init__(self, path: str, span: Span, found: Scan) -> None:
        self._path = path
        self._span = span
        self._index = Index(span, found)
        self._damages = Damages(found)
        for position in self._index.unread:
            self._damages.add(position)
        self._blobs: dict[bytes, bytes] = {}

    @property
    def path(self) -> str:
        """Where it is."""
        return self._path

    @property
    def sessions(self) -> Sequence[Session]:
        """The runs of the console that it holds, oldest first."""
        return self._index.sessions

    @property
    def since(self) -> float:
        """Time of its first frame, epoch seconds; of the earliest one where the clock was set back."""
        return self._index.since

    @property
    def until(self) -> float:
        """Time of its last frame; of the latest one where the clock was set back."""
        return self._index.until

    @property
    def problems(self) -> Sequence[str]:
        """What of it cannot be read, a sentence each; so far as it was looked at."""
        return self._damages.sentences()

    @cached_property
    def markers(self) -> Sequence[Marker]:
        """Every marker that was shown, oldest first."""
        found = dict.fromkeys(marker for each in self._decoded(Kind.MARKERS, markers_of) for marker in each)
        return sorted(found, key=lambda marker: marker.at)

    @cached_property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage as they were shown, oldest first."""
        return sorted(self._decoded(Kind.WALK, _walk_of), key=lambda walk: walk.at)

    def frames(self, since: float = -inf, until: float = inf, *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last key frame at or before ``since`` on."""
        playing = Playing(self._span, self._index, self._damages, self._blob)
        start = self._index.start(self._key(since))
        return playing.skim(start, until) if sparse else playing.play(start, until)

    def close(self) -> None:
        """Release the file."""
        self._span.close()

    @property
    def readable(self) -> bool:
        """Whether there is a frame to begin with."""
        return any(map(self._sound, range(len(self._index.keys))))

    def _key(self, at: float) -> int:
        """The last sound key frame at or before a time, or else the first."""
        wanted = self._index.key(at)
        tried = chain(range(wanted, -1, -1), range(wanted, len(self._index.keys)))
        found = next((key for key in tried if self._sound(key)), wanted)
        if found > wanted:
            self._pass_over(self._index.keys[wanted], self._index.keys[found])
        return found

    def _pass_over(self, begin: int, end: int) -> None:
        """What stands before the first sound key frame is lost."""
        for position in range(begin, end):
            if self._index.chunks[position].kind in FRAMES:
                self._damages.add(position)

    def _sound(self, key: int) -> bool:
        position = self._index.keys[key]
        if self._index.session(position) is None:
            return False
        try:
            read_chunk(self._span, self._index.chunks[position])
        except DamagedError:
            return False
        return True

    def _decoded(self, kind: Kind, decode: Callable[[bytes], _T]) -> Iterable[_T]:
        for position, chunk in enumerate(self._index.chunks):
            if chunk.kind != kind:
                continue
            try:
                yield decode(read_chunk(self._span, chunk))
            except (DamagedError, ValueError):
                self._damages.add(position)

    def _blob(self, digest: bytes) -> bytes:
        """The content of a digest; raises LookupError where there is none that can be read."""
        if digest in self._blobs:
            return self._blobs[digest]
        for chunk in self._index.blobs.get(digest, ()):
            try:
                content = inflate(read_chunk(self._span, chunk)[DIGEST_SIZE:])
            except DamagedError:
                continue
            if sum(map(len, self._blobs.values())) + len(content) > _BLOBS_LIMIT:
                self._blobs.clear()
            self._blobs[digest] = content
            return content
        raise LookupError(f"nothing is there for {digest.hex()}")


def _walk_of(payload: bytes) -> Walk:
    return decode_walk(inflate(payload))


def open_recording(path: Path) -> FileRecording:
    """A recording, or the window of an incident bundle; raises RecordingError."""
    span = open_span(path)
    try:
        return _opened(str(path), span)
    except BaseException:
        span.close()
        raise


def _opened(path: str, whole: Span) -> FileRecording:
    span = window(whole, path) if whole.read(0, len(ZIP)) == ZIP else whole
    major = check_head(span.read(0, len(FILE_HEAD)), path)
    if major not in _SCANNERS:
        said = f"{path} is a recording of format {major}, and this console reads {'1' if MAJOR == 1 else f'1 to {MAJOR}'}"
        raise RecordingError(
            said, "open it with a newer triton-console: pip install --upgrade triton-console"
        )
    recording = FileRecording(path, span, _SCANNERS[major](span))
    if not recording.readable:
        raise RecordingError(
            f"{path} holds no frame that can be read",
            "; ".join(recording.problems) or "nothing was recorded yet",
        )
    return recording
