"""Known-good releases on disk: one file each, in a folder that their owner alone may read."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from console.domain.release import Release
from console.domain.release_json import read_release, release_json
from console.domain.states import Json, canonical
from console.storage._files import (
    UnsafeFileError,
    advice,
    make_folder,
    read_private,
    replace_private,
    safe_name,
)

FORMAT = 1
# Configs and digests of all models of a server are a few megabytes; a file beyond this is none of ours.
SIZE_LIMIT = 64 * 2**20


class Problem(NamedTuple):
    """A file that should hold a release and is left out: its path, and why."""

    path: Path
    message: str


def releases_path(state: Path, fleet: str) -> Path:
    """The folder of a fleet's releases in the folder where everything is kept."""
    return state / f"releases-{safe_name(fleet)}"


class FileReleases:
    """``ports.Releases`` in a folder, which is made when the first release is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, release: Release) -> None:
        """Keep a release, on disk when this returns; raises OSError with what to do, ValueError for what JSON cannot say."""
        content = release_json(release)
        text = canonical({"format": FORMAT, "release": content, "sha256": _digest(content)})
        try:
            make_folder(self._folder)
            replace_private(self._folder / f"{safe_name(release.id)}.json", f"{text}\n".encode("ascii"))
        except OSError as error:
            raise UnsafeFileError(f"no release can be kept in {self._folder}: {advice(error)}") from error

    def all(self) -> tuple[Release, ...]:
        """Every release that is as it was saved, oldest first; ``problems`` has the others."""
        found = (each for each in self._read() if isinstance(each, Release))
        return tuple(sorted(found, key=lambda release: (release.at, release.id)))

    def problems(self) -> tuple[str, ...]:
        """The files that are left out, and why."""
        return tuple(f"{each.path}: {each.message}" for each in self._read() if isinstance(each, Problem))

    def _read(self) -> Iterator[Release | Problem]:
        try:
            paths = sorted(path for path in self._folder.iterdir() if path.suffix == ".json")
        except FileNotFoundError:
            return
        except OSError as error:
            yield Problem(self._folder, f"the releases cannot be listed: {advice(error)}")
            return
        for path in paths:
            yield _release(path)


def _release(path: Path) -> Release | Problem:
    try:
        raw = json.loads(read_private(path, SIZE_LIMIT))
        written = raw["format"]
        if written != FORMAT:
            return Problem(
                path, f"its format {str(written)[:20]!r} is not known to this version of the console"
            )
        if raw["sha256"] != _digest(raw["release"]):
            return Problem(path, "it was changed after it was saved")
        return read_release(raw["release"])
    except OSError as error:
        return Problem(path, f"it cannot be read: {advice(error)}")
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return Problem(path, "it holds no release")


def _digest(content: Json) -> str:
    return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()
