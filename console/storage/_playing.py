"""One way through a recording: from a key frame on, chunk by chunk."""

from collections.abc import Callable, Iterator
from math import isfinite

from console.domain.journal import JournalNews
from console.domain.marker import Marker
from console.domain.recording import Frame, Input
from console.domain.sample import Sample
from console.storage._codec import Decoder, decode_markers
from console.storage._damage import Damages
from console.storage._frames import FRAMES, Chunk, DamagedError, Kind, hangs_on, inflate
from console.storage._index import Index
from console.storage._scan import read_chunk
from console.storage._span import Span


class Playing:
    """Decodes chunks in their order; what cannot be read breaks the chain until the next key frame."""

    def __init__(self, span: Span, index: Index, damages: Damages, blob: Callable[[bytes], bytes]) -> None:
        self._span = span
        self._index = index
        self._damages = damages
        self._blob = blob
        self._decoder = Decoder(blob)
        self._session = -1
        self._last: int | None = None
        self._waiting = -1
        self._shown: list[Marker] = []
        self._once: list[Input] = []

    def play(self, start: int, until: float) -> Iterator[Frame]:
        """Every frame from a position among the chunks on; the first is a key frame, with the newest of every source."""
        first = True
        for position, chunk in self._chunks(start, until):
            frame = self._take(position, chunk, newest=first)
            if frame is not None:
                first = False
                yield frame

    def skim(self, start: int, until: float) -> Iterator[Frame]:
        """The key frames alone, each with the newest of every source."""
        for position, chunk in self._chunks(start, until):
            if chunk.kind != Kind.FRAME:
                frame = self._take(position, chunk, newest=True)
                if frame is not None:
                    yield frame

    def _chunks(self, start: int, until: float) -> Iterator[tuple[int, Chunk]]:
        for position in range(start, len(self._index.chunks)):
            chunk = self._index.chunks[position]
            if chunk.kind in FRAMES and chunk.at > until:
                return
            yield position, chunk

    def _take(self, position: int, chunk: Chunk, *, newest: bool) -> Frame | None:
        if chunk.kind == Kind.GAP:
            self._last = None
            return None
        try:
            # What is no frame is read as well: a damaged frame may look like something else.
            payload = read_chunk(self._span, chunk)
            match chunk.kind:
                case Kind.KEY | Kind.FRAME:
                    return self._frame(position, chunk, payload, newest=newest)
                case Kind.MARKERS:
                    self._wait_in(position)
                    self._shown += markers_of(payload)
                case Kind.ASIDE if newest:
                    self._wait_in(position)
                    self._once += Decoder(self._blob).frame(inflate(payload), key=True, session=0).inputs
        except (DamagedError, ValueError, LookupError):
            self._last = None
            self._damages.add(position)
        return None

    def _wait_in(self, position: int) -> None:
        """What waits for the next frame is of one session: where that lost its frames, another one is not told."""
        session = self._index.session(position)
        if session is None or session != self._waiting:
            self._waiting, self._shown, self._once = -1 if session is None else session, [], []

    def _frame(self, position: int, chunk: Chunk, payload: bytes, *, newest: bool) -> Frame | None:
        session = self._index.session(position)
        key = chunk.kind == Kind.KEY
        before, packed = (self._last, payload) if key else hangs_on(payload)
        if session is None or before != self._last or not (key or self._last is not None):
            raise DamagedError("what it hangs on is missing")
        if session != self._session:
            self._session, self._decoder = session, Decoder(self._blob)
        plain = inflate(packed)
        whole: Frame | None = None
        if newest and key:
            frame, whole = self._decoder.key_frame(plain, session=session)
        else:
            frame = self._decoder.frame(plain, key=key, session=session)
        if self._decoder.skipped:
            self._damages.newer()
        if frame.at != chunk.at or not isfinite(frame.mono):
            raise DamagedError("its times are none")
        self._last = chunk.crc
        self._wait_in(position)
        if whole is not None:
            frame = self._whole(frame, whole)
        shown, self._shown = tuple(self._shown), []
        return frame._replace(shown=shown)

    def _whole(self, frame: Frame, whole: Frame) -> Frame:
        """The key frame with the newest of every source, and what happened once since the frame before it."""
        once, self._once = self._once, []
        states = [entry for entry in whole.inputs if isinstance(entry, Sample) and not _news(entry)]
        own = [entry for entry in frame.inputs if not isinstance(entry, Sample) or _told(entry)]
        if len(once) == len(own) and {each.source for each in states} <= _sources(frame):
            # The first of a session: just what came in, in its order.
            return frame
        return frame._replace(inputs=(*states, *once))


def markers_of(payload: bytes) -> tuple[Marker, ...]:
    """The markers of a chunk; raises DamagedError or ValueError."""
    markers = decode_markers(inflate(payload))
    if not all(isfinite(marker.at) for marker in markers):
        raise DamagedError("its times are none")
    return markers


def _sources(frame: Frame) -> set[str]:
    return {entry.source for entry in frame.inputs if isinstance(entry, Sample)}


def _news(sample: Sample) -> bool:
    return isinstance(sample.reading, JournalNews)


def _told(sample: Sample) -> bool:
    return isinstance(sample.reading, JournalNews) and bool(sample.reading.records)
