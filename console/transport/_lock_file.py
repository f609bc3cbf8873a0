"""A small file that many may read and one at a time may change.

It has mode 0644, so that the pipelines of other users can read it where its folder lets them; no symbolic
link is followed. Consoles take turns by a lock on its folder, and a first lock appears by a hard link,
which fails where somebody else's has come first, on any number of machines.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.lock import SOURCE
from console.domain.plan import ChangedError, ControlError
from console.transport.file_lock import try_lock

LARGEST = 2**20
_MODE = 0o644
_TURN_S = 3.0
_LOOK_S = 0.02
_LONGEST_NAME = 200
_ELSEWHERE = "set freeze.deploy_lock in the settings to a place that can be written"

Check = Callable[[bytes | None], None]


async def read_file(path: Path, *, own: bool) -> bytes | None:
    """The file's bytes, None where there is none; raises SourceError. Only ``own`` files may lack their folder."""
    return await asyncio.to_thread(_read, path, own=own)


async def write_file(path: Path, state: Path | None, data: bytes | None, check: Check) -> None:
    """Write the file, or remove it (None), if ``check`` lets pass what is there.

    With ``state`` the folder is made, inside that one. Raises ControlError, or what ``check`` raises.
    """
    await asyncio.to_thread(_write, path, state, data, check)


def _read(path: Path, *, own: bool) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        if own or path.parent.is_dir():
            return None
        raise _unreadable(path, "its folder does not exist", "is a share not mounted?") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unreadable(path, "it is a symbolic link", "name the file itself") from error
        raise _unreadable(path, error.strerror or str(error), "check its path and who may read it") from error
    with os.fdopen(descriptor, "rb") as file:
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable(path, "it is not a regular file", "name a file in the settings")
            data = file.read(LARGEST + 1)
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error), "check the disk it is on") from error
    if len(data) > LARGEST:
        raise _unreadable(path, f"it is over {LARGEST >> 20} MB", "it was not written by a console")
    return data


def _unreadable(path: Path, why: str, hint: str) -> SourceError:
    return SourceError(Failure(FailureKind.GARBAGE, SOURCE, f"{SOURCE}: {path} cannot be read: {why}", hint))


def _write(path: Path, state: Path | None, data: bytes | None, check: Check) -> None:
    try:
        if state is not None and data is not None:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o755, exist_ok=True)
        with _turn(path.parent) as folder:
            present = _read(path, own=state is not None)
            check(present)
            if data is not None:
                _place(path, data, first=present is None)
            elif present is not None:
                path.unlink()
            os.fsync(folder)
    except FileExistsError as error:
        raise ChangedError(f"changed under you: {path} appeared meanwhile") from error
    except OSError as error:
        raise ControlError(f"{path} cannot be written: {error.strerror or error}", _ELSEWHERE) from error


def _place(path: Path, data: bytes, *, first: bool) -> None:
    """Whole or not at all: the bytes are on disk under another name before the file's name leads to them."""
    draft = path.with_name(f".{path.name[:_LONGEST_NAME]}.{secrets.token_hex(6)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # What the umask took away: pipelines read this file.
            os.fchmod(descriptor, _MODE)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if first:
            os.link(draft, path, follow_symlinks=False)
        else:
            draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[int]:
    """The folder's descriptor, locked against other consoles where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _take_turn(descriptor, folder)
        yield descriptor
    finally:
        os.close(descriptor)


def _take_turn(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + _TURN_S
    while True:
        try:
            if try_lock(descriptor):
                return
        except OSError:
            # Network file systems may not lock folders; comparing what is there remains.
            return
        if time.monotonic() >= until:
            raise ControlError(f"another console holds {folder}", "try again")
        time.sleep(_LOOK_S)
