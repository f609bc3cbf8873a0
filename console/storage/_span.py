"""A stretch of a file that is read at any place, by as many bytes as are there."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from console.domain.recording import RecordingError


class Span:
    """``size`` bytes of a file from ``base`` on, as they were when it was opened; it may be cut off meanwhile."""

    def __init__(self, descriptor: int, base: int, size: int) -> None:
        self._descriptor = descriptor
        self._base = base
        self.size = size

    def read(self, offset: int, count: int) -> bytes:
        """At most ``count`` bytes, fewer at the end, and none where the file cannot be read."""
        wanted = min(count, self.size - offset)
        if wanted <= 0 or self._descriptor < 0:
            return b""
        try:
            # One call is enough but for very large reads.
            data = os.pread(self._descriptor, wanted, self._base + offset)
            while len(data) < wanted and (more := self._more(offset + len(data), wanted - len(data))):
                data += more
        except OSError:
            return b""
        return data

    def within(self, offset: int, size: int) -> "Span":
        """A part of it, on the same descriptor."""
        return Span(self._descriptor, self._base + offset, max(0, min(size, self.size - offset)))

    def file(self) -> BinaryIO:
        """The whole file, as those read it who want one."""
        return os.fdopen(os.dup(self._descriptor), "rb")

    def close(self) -> None:
        """Release the file; what is read afterwards is empty."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _more(self, offset: int, count: int) -> bytes:
        return os.pread(self._descriptor, count, self._base + offset)


def open_span(path: Path) -> Span:
    """A file as it is now; raises RecordingError that says why it cannot be read."""
    try:
        # A FIFO must not hold the console up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be read: {_why(error)}", "name a recording that is there"
        ) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise RecordingError(
            f"{path} is not a regular file", "name a recording, which ends in .tcrec or .tcinc"
        )
    return Span(descriptor, 0, found.st_size)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
