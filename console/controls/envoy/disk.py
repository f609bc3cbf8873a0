"""A file of routes on disk: read within bounds, replaced whole by a rename, as Envoy's watch wants it."""

import os
from contextlib import suppress
from pathlib import Path

from console.controls.envoy.file import LIMIT, digest
from console.domain.plan import ControlError


def read(path: str) -> bytes:
    """The file's bytes; raises ControlError for one that is too large or cannot be read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ControlError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > LIMIT:
        raise ControlError(f"{path} is over {LIMIT >> 20} MB: not a file of routes for one gateway")
    return data


def digest_of(path: str) -> str | None:
    """The digest of the file's bytes; None where there is no file."""
    return digest(read(path)) if Path(path).exists() else None


def trouble(path: str) -> str:
    """Why the file cannot be replaced by a rename; empty when it can."""
    place = Path(path)
    if place.is_symlink():
        return f"{path} is a symbolic link, so something else keeps it (a ConfigMap?): change it there"
    if not os.access(place.parent, os.W_OK | os.X_OK):
        return f"the folder of {path} is not writable: the file is replaced by a rename within it"
    return ""


def replace(path: str, data: bytes) -> None:
    """Put the bytes in the file's place at once, with its mode and owner; raises ControlError."""
    place = Path(path)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        was = place.stat()
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(was.st_mode & 0o7777)
        with suppress(PermissionError):
            os.chown(draft, was.st_uid, was.st_gid)
        draft.replace(place)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise ControlError(f"{path} cannot be replaced: {error.strerror or error}") from error
