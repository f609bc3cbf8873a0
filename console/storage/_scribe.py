"""Frames, markers and answers as chunks: what is written at each tick, and what a section begins with."""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import inf
from typing import NamedTuple
from uuid import uuid4

import msgspec

from console.domain.journal import JournalNews
from console.domain.marker import Marker
from console.domain.recording import Frame, Input, Session
from console.domain.sample import Sample
from console.domain.secret import Secret
from console.domain.triage import Walk
from console.storage._bare import bare
from console.storage._codec import Encoder, encode_markers, encode_session, encode_walk
from console.storage._frames import RUN_SIZE, SECTIONS, Kind, checksum, deflate, pack
from console.storage._index import write_head
from console.storage._redaction import Redaction

KEY_S = 10.0
"""From one key frame to the next; a seek begins at one."""


class Sections(NamedTuple):
    """From how many seconds, or bytes, on a section ends: what a damage takes with it at most, and what is trimmed at once."""

    seconds: float = 600.0
    bytes: float = inf


_SECTIONS = Sections()
# Of what happens once, while nothing can be written.
_ONCE_LIMIT = 1000


class Scribe:
    """One run of the console as chunks; its bytes are to be written in the order in which they are made.

    ``section`` is the number of the section that is written, or of the first; ``section_count`` how many were begun.
    Where bytes were not written, ``broken`` begins anew.
    """

    def __init__(
        self,
        session: Session,
        secrets: Sequence[Secret] = (),
        sections: Sections = _SECTIONS,
        section: int = 0,
    ) -> None:
        self.section = section % SECTIONS
        self._sections = sections
        self._secrets = secrets
        self._redaction = Redaction(secrets)
        self._encoder = Encoder(secrets)
        self._head = deflate(self._plain(encode_session(session._replace(fleet=bare(session.fleet)))))
        self._run = uuid4().bytes[:RUN_SIZE]
        self.section_count = 0
        self._begun = -inf
        self._bytes = 0
        self._key = -inf
        self._last = b""
        self._open = False

    def frame(self, frame: Frame) -> bytes:
        """All chunks of a tick; raises ValueError for one that is too large for any reader."""
        chunks = [self._begin(frame)] if self._due(frame.mono) else []
        key = bool(chunks) or not 0 <= frame.mono - self._key < KEY_S
        payload = deflate(self._encoder.frame(frame, key=key))
        chunks += self._blobs(frame.at, self._encoder)
        if frame.shown:
            chunks.append(
                self._pack(Kind.MARKERS, frame.at, deflate(self._plain(encode_markers(frame.shown))))
            )
        chunks += self._aside(frame)
        if key:
            self._key = frame.mono
            self._last = self._pack(Kind.KEY, frame.at, payload)
        else:
            self._last = self._pack(Kind.FRAME, frame.at, checksum(self._last) + payload)
        chunks.append(self._last)
        made = b"".join(chunks)
        self._bytes += len(made)
        return made

    def walk(self, walk: Walk) -> bytes:
        """An answer of the triage; before the first frame it has no place, and is empty."""
        if not self._open:
            return b""
        return self._pack(Kind.WALK, walk.at, deflate(self._plain(encode_walk(walk))))

    def end(self, at: float) -> bytes:
        """The sign that nothing was cut off."""
        return self._pack(Kind.END, at, b"") if self._open else b""

    def broken(self) -> None:
        """Something that was made is not in the file: the next frame needs nothing of it."""
        self._open = False

    def key_next(self) -> None:
        """Make the next frame a key frame."""
        self._key = -inf

    def _due(self, mono: float) -> bool:
        """Whether a section is to begin."""
        young = 0 <= mono - self._begun < self._sections.seconds
        return not (self._open and young and self._bytes < self._sections.bytes)

    def _begin(self, frame: Frame) -> bytes:
        self._encoder.forget()
        head = write_head(self._run, self.section_count, self._head)
        if self.section_count:
            self.section = (self.section + 1) % SECTIONS
        self.section_count += 1
        self._begun, self._bytes = frame.mono, 0
        self._open = True
        return self._pack(Kind.SESSION, frame.at, head)

    def _aside(self, frame: Frame) -> Iterable[bytes]:
        """What happens once, by itself: a reader of key frames alone needs it, too."""
        once = tuple(entry for entry in frame.inputs if happens_once(entry))
        if not once:
            return ()
        encoder = Encoder(self._secrets)
        payload = deflate(encoder.frame(frame._replace(inputs=once), key=True))
        return (*self._blobs(frame.at, encoder), self._pack(Kind.ASIDE, frame.at, payload))

    def _blobs(self, at: float, encoder: Encoder) -> list[bytes]:
        return [self._pack(Kind.BLOB, at, digest + deflate(blob)) for digest, blob in encoder.blobs()]

    def _pack(self, kind: Kind, at: float, payload: bytes) -> bytes:
        return pack(kind, self.section, at, payload)

    def _plain(self, packed: bytes) -> bytes:
        """MessagePack without the values of secrets."""
        if not self._redaction.touches(packed):
            return packed
        return msgspec.msgpack.encode(self._redaction.json(msgspec.msgpack.decode(packed)))


def happens_once(entry: Input) -> bool:
    """Whether an input is no state that the next one of its kind replaces."""
    return not isinstance(entry, Sample) or (
        isinstance(entry.reading, JournalNews) and bool(entry.reading.records)
    )


def thinned(inputs: Iterable[Input]) -> list[Input]:
    """Of inputs that wait for long the newest sample of every source, and what happens once; bounded."""
    entries = list(inputs)
    newest = {entry.source: n for n, entry in enumerate(entries) if isinstance(entry, Sample)}
    once = [n for n, entry in enumerate(entries) if happens_once(entry)][-_ONCE_LIMIT:]
    return [entries[n] for n in sorted({*chain(newest.values(), once)})]


def first_shown(markers: Sequence[Marker], before: Sequence[Marker]) -> tuple[Marker, ...]:
    """The markers of a picture that the one before had not."""
    if markers == before:
        return ()
    known = set(before)
    return tuple(marker for marker in markers if marker not in known)
