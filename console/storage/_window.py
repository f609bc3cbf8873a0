"""Where an incident bundle holds its recording, so that it is read in place."""

import struct
import zipfile
import zlib

from console.domain.recording import RecordingError
from console.storage._span import Span

ZIP = b"PK\x03\x04"
WINDOW = "window.tcrec"
_LOCAL = struct.Struct("<4s22xHH")
# A bundle has about ten members.
_MEMBERS = 1000
_ODD = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
    KeyError,
    EOFError,
    MemoryError,
)


def window(span: Span, path: str) -> Span:
    """The part of a bundle that is its recording; raises RecordingError."""
    try:
        with span.file() as file, zipfile.ZipFile(file) as bundle:
            members = bundle.infolist()
    except _ODD as error:
        raise RecordingError(
            f"{path} is a damaged bundle", "copy it anew, or open the recording that it was made of"
        ) from error
    found = next((member for member in members[:_MEMBERS] if member.filename == WINDOW), None)
    if found is None:
        said = f"{path} has no recording in it ({WINDOW})"
        raise RecordingError(
            said, "triton-console report tells what it holds; what was not recorded cannot be replayed"
        )
    head = span.read(found.header_offset, _LOCAL.size)
    if len(head) < _LOCAL.size or found.compress_type != zipfile.ZIP_STORED or not head.startswith(ZIP):
        raise RecordingError(
            f"the recording in {path} cannot be read in place", "unzip it, and open window.tcrec"
        )
    _, name, extra = _LOCAL.unpack(head)
    return span.within(found.header_offset + _LOCAL.size + name + extra, found.file_size)
