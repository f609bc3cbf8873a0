"""The file that is recorded to: held by one recorder, whole chunks at its end, its oldest sections dropped."""

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from console.domain.recording import RecordingError
from console.storage._files import (
    MODE,
    UnsafeFileError,
    advice,
    draft_of,
    make_folder,
    open_private,
    sync,
    sync_folder,
    write_all,
)
from console.storage._frames import FILE_HEAD, MAJOR, SECTIONS, Kind, check_head
from console.storage._index import Index
from console.storage._scan import Scan, scan
from console.storage._span import Span
from console.transport.file_lock import try_lock

# A file is moved over at most by a recorder that trims it, which then holds the new one: one more look shows that.
_LOOKS = 3
# So much is copied between two ticks: no tick waits long for it.
_COPIED = 8 * 2**20


class Mark(NamedTuple):
    """Where a section begins, and when (epoch seconds)."""

    offset: int
    at: float


class Tape:
    """A recording to append to. ``marks`` are its sections, ``section`` is the number that the next one may have.

    Raises RecordingError where the file is none of ours, cannot be written, or is held by another recorder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.marks: list[Mark] = []
        self.section = 0
        self._torn = False
        self._draft: _Draft | None = None
        try:
            make_folder(path.parent)
            self._descriptor = _held(path)
        except OSError as error:
            raise _refusal(path, error) from error
        try:
            self._continue()
        except BaseException as error:
            os.close(self._descriptor)
            if isinstance(error, OSError):
                raise _refusal(path, error) from error
            raise

    @property
    def lost(self) -> bool:
        """Whether the file was removed, or another one put in its place."""
        return not _at_its_place(self._descriptor, self.path)

    @property
    def room(self) -> int:
        """Bytes that are free where it is; raises OSError."""
        found = os.fstatvfs(self._descriptor)
        return found.f_bavail * found.f_frsize

    def append(self, chunks: bytes, section: float | None = None) -> None:
        """Write all of it or nothing; ``section`` is the time of the section that begins with it. Raises OSError."""
        if self._torn:
            self._cut_back()
        data = chunks if self.size else FILE_HEAD + chunks
        try:
            write_all(self._descriptor, data)
        except OSError:
            self._torn = True
            with contextlib.suppress(OSError):
                self._cut_back()
            raise
        if section is not None:
            self.marks.append(Mark(self.size + len(data) - len(chunks), section))
        self.size += len(data)

    def sync(self) -> None:
        """Return when all of it is on disk; raises OSError."""
        sync(self._descriptor)

    def drop(self, sections: int) -> None:
        """Begin to drop so many of the oldest sections; ``work`` does it. Raises OSError."""
        if self._draft is None and 0 < sections < len(self.marks):
            self._draft = _Draft(self.path, self.marks[sections].offset)

    def work(self) -> None:
        """A part of what ``drop`` began; raises OSError, and then it is given up."""
        draft = self._draft
        if draft is None:
            return
        try:
            if draft.copy(self._descriptor, self.size):
                draft.put()
                self._change(draft)
        except OSError:
            self._draft = None
            draft.remove()
            raise

    def close(self) -> None:
        """Let go of the file; what ``drop`` has not finished is given up."""
        if self._draft is not None:
            self._draft.remove()
            self._draft = None
        os.close(self._descriptor)

    def _continue(self) -> None:
        """Go on behind what is there; raises RecordingError for what is no recording."""
        remove_drafts(self.path)
        if os.fstat(self._descriptor).st_mode & 0o777 != MODE:
            os.fchmod(self._descriptor, MODE)
        span = Span(self._descriptor, 0, os.fstat(self._descriptor).st_size)
        head = span.read(0, len(FILE_HEAD))
        if head != FILE_HEAD[: len(head)] and check_head(head, str(self.path)) != MAJOR:
            said = f"{self.path} was recorded by another version of the console"
            raise RecordingError(said, "record to another file")
        if len(head) < len(FILE_HEAD):
            os.ftruncate(self._descriptor, 0)
            return
        found = scan(span)
        self._index(Index(span, found), found)
        if found.torn:
            os.ftruncate(self._descriptor, found.end)
        self.size = found.end

    def _index(self, index: Index, found: Scan) -> None:
        self.marks = [_mark(found, head.position) for head in index.heads]
        numbers = [chunk.section for chunk in found.chunks if chunk.kind != Kind.GAP]
        self.section = (numbers[-1] + 1) % SECTIONS if numbers else 0

    def _cut_back(self) -> None:
        os.ftruncate(self._descriptor, self.size)
        self._torn = False

    def _change(self, draft: "_Draft") -> None:
        self._draft = None
        os.close(self._descriptor)
        self._descriptor = draft.descriptor
        self.marks = [mark._replace(offset=mark.offset - draft.shift) for mark in self.marks]
        self.marks = [mark for mark in self.marks if mark.offset >= len(FILE_HEAD)]
        self.size -= draft.shift


class _Draft:
    """The rest of a file from ``start`` on, being copied beside it; the recorder goes on writing meanwhile."""

    def __init__(self, path: Path, start: int) -> None:
        self.shift = start - len(FILE_HEAD)
        self._path = path
        self._beside = draft_of(path)
        self._next = start
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self.descriptor = open_private(self._beside, flags)
        try:
            # Whoever opens it by its new name must find that it is held.
            try_lock(self.descriptor)
            write_all(self.descriptor, FILE_HEAD)
        except OSError:
            self.remove()
            raise

    def copy(self, source: int, size: int) -> bool:
        """Copy the next part, to the disk itself; whether that was the last, up to ``size``. Raises OSError."""
        data = os.pread(source, min(_COPIED, size - self._next), self._next)
        write_all(self.descriptor, data)
        sync(self.descriptor)
        self._next += len(data)
        if not data and self._next < size:
            raise OSError(errno.EIO, "the file ends before its end")
        return self._next >= size

    def put(self) -> None:
        """Put it in the file's place; raises OSError."""
        if not _is_ours(self._path):
            raise UnsafeFileError("it is not a regular file any more")
        self._beside.replace(self._path)
        with contextlib.suppress(OSError):
            sync_folder(self._path.parent)

    def remove(self) -> None:
        """Give it up."""
        os.close(self.descriptor)
        with contextlib.suppress(OSError):
            self._beside.unlink()


def live(path: Path) -> bool:
    """Whether a recorder holds the file; raises OSError."""
    descriptor = open_private(path, os.O_RDONLY)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def remove_drafts(path: Path) -> None:
    """Remove what recorders of this file left beside it when they were killed; the file's holder alone may."""
    for draft in _drafts(path):
        with contextlib.suppress(OSError):
            draft.unlink()


def _drafts(path: Path) -> Sequence[Path]:
    start, end = f".{path.name}.", ".new"
    try:
        return [
            each for each in path.parent.iterdir() if each.name.startswith(start) and each.name.endswith(end)
        ]
    except OSError:
        return ()


def _held(path: Path) -> int:
    """The file opened and locked; raises OSError or RecordingError."""
    for _ in range(_LOOKS):
        descriptor = open_private(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            locked = try_lock(descriptor)
            if locked and _at_its_place(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not locked:
            break
    raise RecordingError(f"{path} is being recorded to by another console", "record to another file")


def _at_its_place(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _is_ours(path: Path) -> bool:
    try:
        os.close(open_private(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def _mark(found: Scan, position: int) -> Mark:
    return Mark(found.chunks[position].offset, found.chunks[position].at)


def _refusal(path: Path, error: OSError) -> RecordingError:
    return RecordingError(
        f"{path} cannot be recorded to: {advice(error)}", "record to another file, or --no-record"
    )
