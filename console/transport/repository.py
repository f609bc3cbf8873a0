"""The model repository as a folder."""

from collections.abc import Callable
from pathlib import Path

from console.domain.release import Digests
from console.transport.digests import digest_folder, read_pbtxt, total_bytes


class ModelRepository:
    """``ports.Repository`` over a folder; without one, or where it cannot be read, nothing is known."""

    def __init__(self, folder: str | None) -> None:
        self._folder = Path(folder) if folder else None

    def size(self, model: str, version: str) -> int:
        """Bytes of a version's files, 0 where they cannot be read."""
        path = self._version(model, version)
        try:
            return total_bytes(path) if path is not None else 0
        except OSError:
            return 0

    def digests(self, model: str, version: str, report: Callable[[int], None]) -> Digests | None:
        """SHA-256 of each file of a version; None where it cannot be read. Reports bytes as they are read."""
        path = self._version(model, version)
        try:
            return digest_folder(path, _increments(report)) if path is not None else None
        except OSError:
            return None

    def pbtxt(self, model: str) -> str | None:
        """The model's config.pbtxt; None where there is none or it cannot be read."""
        if self._folder is None or not _plain(model):
            return None
        return read_pbtxt(self._folder, model)

    def _version(self, model: str, version: str) -> Path | None:
        if self._folder is None or not (_plain(model) and _plain(version)):
            return None
        return self._folder / model / version


def _increments(report: Callable[[int], None]) -> Callable[[int], None]:
    """A report of what is new, from one of what was read so far."""
    told = 0

    def tell(so_far: int) -> None:
        nonlocal told
        report(so_far - told)
        told = so_far

    return tell


def _plain(name: str) -> bool:
    """Whether a name that a server sent stays within its folder."""
    return name not in {"", ".", ".."} and not set(name) & set("/\\\0")
