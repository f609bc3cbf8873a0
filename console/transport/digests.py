"""SHA-256 of the files of a model version; calls block, so that callers give them a thread."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

# More than any engine, tokenizer and code of one version; a repository that is a whole disk is refused.
FILES_LIMIT = 20_000
PBTXT_LIMIT = 2**20
_CHUNK = 2**20
# Made by the first load, and different after each: no part of what was released.
_CACHE = "__pycache__"
LINK = "link:"


def digest_folder(path: Path, report: Callable[[int], None]) -> dict[str, str]:
    """SHA-256 (hex) of each file of a version's folder by its path within it; reports the bytes read so far.

    ``path`` is REPOSITORY/MODEL/VERSION. A symbolic link in it is not followed: its digest is ``link:`` and the
    text it holds. Raises OSError with the file's name for one that cannot be read, that changes meanwhile, or that
    is no file at all, and for a folder that lies outside of the repository through a link.
    """
    _refuse_outside(path)
    done = 0
    found: dict[str, str] = {}
    for name, file in _files(path):
        if file.is_symlink():
            found[name] = f"{LINK}{file.readlink()}"
            continue
        digest = hashlib.sha256()
        for chunk in _chunks(file):
            digest.update(chunk)
            done += len(chunk)
            report(done)
        found[name] = digest.hexdigest()
    return dict(sorted(found.items()))


def digest_file(file: Path, report: Callable[[int], None]) -> str:
    """SHA-256 (hex) of one regular file, no link; reports the bytes read so far. Raises OSError with its name."""
    done = 0
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
        done += len(chunk)
        report(done)
    return digest.hexdigest()


def total_bytes(path: Path) -> int:
    """How many bytes ``digest_folder`` will read; raises OSError."""
    _refuse_outside(path)
    sizes = (file.lstat() for _, file in _files(path))
    return sum(size.st_size for size in sizes if stat.S_ISREG(size.st_mode))


def read_pbtxt(repository: Path, model: str) -> str | None:
    """The text of a model's config.pbtxt; None where there is none in the repository that can be read."""
    folder = version_folder(repository, model)
    if folder is None:
        return None
    try:
        root = repository.resolve(strict=True)
        file = (folder / "config.pbtxt").resolve(strict=True)
        if not file.is_relative_to(root):
            return None
        return b"".join(_chunks(file, PBTXT_LIMIT)).decode("utf-8")
    except (OSError, UnicodeDecodeError, RuntimeError):
        return None


def read_small(file: Path, limit: int) -> bytes:
    """The content of one regular file, links to it followed; raises OSError, for one above ``limit`` bytes too."""
    return b"".join(_chunks(file.resolve(strict=True), limit))


def version_folder(repository: Path, model: str, version: str = "") -> Path | None:
    """The folder of a model or of its version; None for a name that would lead out of the repository."""
    names = [model, version] if version else [model]
    odd = any(not name or name in {".", ".."} or "/" in name or "\0" in name for name in names)
    return None if odd else repository.joinpath(*names)


def _refuse_outside(path: Path) -> None:
    if not path.resolve().is_relative_to(path.absolute().parent.parent.resolve()):
        raise OSError(errno.ELOOP, "leads out of the repository through a symbolic link", str(path))


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link below a folder, with its path from there; raises OSError."""
    waiting = [("", root)]
    count = 0
    while waiting:
        prefix, folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    yield name, Path(entry.path)
                elif entry.name != _CACHE:
                    waiting.append((f"{name}/", Path(entry.path)))
                count += 1
                if count > FILES_LIMIT:
                    raise OSError(errno.EFBIG, f"has more than {FILES_LIMIT} files", str(root))


def _chunks(file: Path, limit: int | None = None) -> Iterator[bytes]:
    """The content of one regular file that stays as it is meanwhile; raises OSError with its name."""
    # Never blocking: a FIFO in a repository would hold the thread for good.
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as content:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "is not a regular file", str(file))
        if limit is not None and before.st_size > limit:
            raise OSError(errno.EFBIG, f"has more than {limit} bytes", str(file))
        size = 0
        try:
            while size <= before.st_size and (chunk := content.read(_CHUNK)):
                size += len(chunk)
                yield chunk
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(file)) from error
        if _identity(before) != _identity(os.fstat(descriptor)) or size != before.st_size:
            raise OSError(errno.EBUSY, "changed while it was read", str(file))


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
