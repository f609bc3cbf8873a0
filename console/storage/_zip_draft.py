"""A zip that appears whole or not at all, with the size and the hash of everything that is put into it."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from console.domain.bundle import Member
from console.storage._files import MODE, draft_of, open_private, sync, sync_folder

_CHUNK = 1 << 20


class ZipDraft:
    """The members as they are put in; all are stored as they are, so that each can be read in its place."""

    def __init__(self, archive: zipfile.ZipFile, at: float) -> None:
        self.members: list[Member] = []
        self._archive = archive
        self._date = datetime.fromtimestamp(max(at, 315532800.0), UTC).timetuple()[:6]

    def put(self, name: str, content: bytes) -> None:
        """A member that is at hand."""
        with self._opened(name, len(content)) as out:
            out.write(content)
        self.members.append(Member(name, len(content), hashlib.sha256(content).hexdigest()))

    def put_file(self, name: str, path: Path) -> None:
        """A member that is a file of ours."""
        digest, size = hashlib.sha256(), 0
        with (
            os.fdopen(open_private(path, os.O_RDONLY), "rb") as file,
            self._opened(name, path.stat().st_size) as out,
        ):
            while chunk := file.read(_CHUNK):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.members.append(Member(name, size, digest.hexdigest()))

    def _opened(self, name: str, size: int) -> IO[bytes]:
        info = zipfile.ZipInfo(name, self._date)
        info.external_attr = MODE << 16
        info.file_size = size
        return self._archive.open(info, "w")


@contextmanager
def zip_draft(path: Path, at: float) -> Iterator[ZipDraft]:
    """A zip of mode 0600 that takes its place when all is in it, and on disk; ``at`` is its members' time (epoch seconds).

    Raises OSError, and then nothing of it is left.
    """
    draft = draft_of(path, "zip")
    try:
        descriptor = open_private(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield ZipDraft(archive, at)
            file.flush()
            sync(file.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()
    sync_folder(path.parent)


def clear_drafts(path: Path) -> None:
    """Remove what processes that are no more have left half done beside a file, and this one earlier."""
    for draft in path.parent.iterdir():
        # A draft may have a draft of its own.
        ours = draft.name.startswith(".") and draft.name.lstrip(".").startswith(f"{path.name}.")
        pid = draft.name.split(".")[-2] if ours else ""
        if pid.isdigit() and (int(pid) == os.getpid() or not _lives(int(pid))):
            with suppress(OSError):
                draft.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
