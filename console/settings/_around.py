"""What a settings file may refer to: other files, and the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Around:
    """Files are relative to ``folder``.

    ``chosen`` is False for fleets that are only checked and not opened: their secrets
    and certificates may live on another machine.
    """

    folder: Path
    environ: Mapping[str, str]
    chosen: bool

    def file(self, name: str) -> Path:
        """A file named in the settings."""
        return self.folder / expanded(name)


def expanded(text: str) -> Path:
    """A path with ``~`` resolved; as it is where that is the name of nobody."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_there(path: Path) -> bool:
    """Whether there is anything, as far as one may look."""
    try:
        return path.exists()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether there is such a file, as far as one may look."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder, as far as one may look."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_bounded(path: Path, limit: int) -> bytes:
    """A file's bytes; raises OSError when it cannot be read and ValueError when it is over ``limit`` bytes."""
    if path.exists() and not path.is_file():
        raise ValueError("is not a regular file")
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"is over {limit >> 10} kB")
    return data


def reason(error: Exception) -> str:
    """Why a file could not be used, without its name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
