"""Single files of a model's versions in a repository; calls block."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from console.domain.text import whole
from console.transport.digests import digest_file, version_folder

_ENTRIES_MOST = 20_000


def kept_versions(repository: Path, model: str) -> int | None:
    """How many versions of a model lie in the repository; None where that cannot be read."""
    folder = version_folder(repository, model)
    if folder is None:
        return None
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name for entry, _ in zip(entries, range(_ENTRIES_MOST), strict=False) if entry.is_dir()
            ]
    except OSError:
        return None
    return sum(whole(name) is not None for name in names)


def found_files(
    repository: Path, model: str, version: str, wanted: Mapping[str, str], report: Callable[[int], None]
) -> dict[str, str]:
    """Those of the wanted files that a version has, by name: the SHA-256 of those of which one is wanted.

    The digest of a file that cannot be read is empty. A link is followed as far as it stays in the repository. Raises
    OSError where the version's folder cannot be looked into, and whatever ``report`` raises as it hears of bytes read.
    """
    folder = version_folder(repository, model, version)
    if folder is None:
        raise OSError(0, "no name of a folder", f"{model}/{version}")
    root = repository.resolve(strict=True)
    folder.stat()
    found: dict[str, str] = {}
    for name, digest in wanted.items():
        file = (folder / name).resolve()
        if not file.exists() or not file.is_relative_to(root):
            continue
        try:
            found[name] = digest_file(file, report) if digest else ""
        except TimeoutError:
            raise
        except OSError:
            found[name] = ""
    return found
