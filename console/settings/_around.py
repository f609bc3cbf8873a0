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
        return self.folder / Path(name).expanduser()


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
