"""Files that their owner alone may read: written whole or not at all, no symbolic link followed."""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import stat
from pathlib import Path

MODE = 0o600
FOLDER_MODE = 0o700
# Names are cut to this, so that the hash and an ending still fit where 255 bytes are the limit.
NAME_LIMIT = 80
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
# A FIFO must not hold the console up, so nothing is opened in blocking mode.
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space there",
    errno.EDQUOT: "the quota is used up: free some space there",
    errno.EFBIG: "the file may not grow: raise the limit (ulimit -f)",
    errno.EROFS: "the file system is read-only: set state in the settings to a folder that can be written",
    errno.EACCES: "permission denied: give it and its folder to the user that runs the console",
    errno.EPERM: "not permitted: give it to the user that runs the console, without the immutable attribute",
    errno.ELOOP: "it is a symbolic link, which is not followed: name the file itself",
    errno.ENOTDIR: "a part of its path is not a folder: set state in the settings to a folder",
    errno.EIO: "the disk reports an error: look at the system's log",
}


class UnsafeFileError(OSError):
    """A file that is not the plain private file it should be; its text says what to do."""


def advice(error: OSError) -> str:
    """What went wrong with a file, and what to do."""
    if isinstance(error, UnsafeFileError):
        return str(error)
    return _ADVICE.get(error.errno or 0) or error.strerror or str(error)


def safe_name(text: str) -> str:
    """A file name for any text: readable, bounded, and different for different texts."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    plain = _PLAIN.sub("_", text)[:NAME_LIMIT].strip("._")
    return f"{plain}-{digest}" if plain else digest


def make_folder(folder: Path) -> None:
    """The folder, made with mode 0700 where it is not there yet; one that is there keeps its mode.

    Raises UnsafeFileError where anybody could replace its files.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    mode = folder.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise UnsafeFileError(f"everybody may write to its folder: chmod o-w {folder}")


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a regular file of ours; raises OSError for anything else. A new file has mode 0600."""
    descriptor = os.open(path, flags | _SAFE, MODE)
    try:
        _refuse(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnsafeFileError("it is not a regular file: move it away")
    if found.st_uid != os.geteuid():
        said = f"it belongs to user {found.st_uid}, and the console runs as {os.geteuid()}"
        raise UnsafeFileError(f"{said}: run the console as its owner, or move it away")


def draft_of(path: Path, what: str = "new") -> Path:
    """Where this process puts something that belongs to a file until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.{what}")


def read_private(path: Path, limit: int) -> bytes:
    """All of a file of ours, of at most ``limit`` bytes; raises OSError."""
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnsafeFileError(f"it has more than {limit} bytes: it was not written by the console")
    return data


def replace_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 in one go: after a crash it holds the old or the new, on disk. Raises OSError."""
    draft = draft_of(path)
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, MODE)
    try:
        try:
            write_all(descriptor, data)
            sync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; a write may take fewer than it was given. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync(descriptor: int) -> None:
    """Return when the file is on the disk itself; raises OSError."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(descriptor)
    else:
        # Where this exists (macOS), fsync leaves the data in the drive's cache.
        fcntl.fcntl(descriptor, full)


def sync_folder(folder: Path) -> None:
    """Return when the folder's names are on disk; raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
