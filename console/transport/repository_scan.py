"""Looks at a model repository on disk: bounded, and without changing anything; calls block."""

import os
import stat
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

from console.domain.repository import CONFIG, ConfigFault, ConfigFile, Entry, Kind, ModelFolder, Repository
from console.domain.repository_ensemble import steps_of
from console.domain.text import visible
from console.transport.digests import PBTXT_LIMIT, read_small
from console.transport.repository_config import PARSE, read_config_file

MODELS_LIMIT = 5_000
NAMES_LIMIT = 200_000
DEPTH_LIMIT = 8
SECONDS_LIMIT = 60.0
_CODE_LIMIT = 2**20
_COMPLETES = b"auto_complete_config"
_EFFECTIVE = os.access in os.supports_effective_ids


def scan(root: Path, models: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> Repository:
    """What a repository holds, of these models alone where any is named; never raises.

    No file that is itself a symbolic link out of the repository is read; a directory behind such a link is looked into.
    """
    return _Scan(root, frozenset(models), clock).repository()


class _Scan:
    """One look: counts what it saw, and stops at its limits."""

    def __init__(self, root: Path, only: frozenset[str], clock: Callable[[], float]) -> None:
        self._root = root
        self._only = only
        self._clock = clock
        self._ends = clock() + SECONDS_LIMIT
        self._names = 0
        self._cut: dict[str, None] = {}
        self._resolved = root

    def repository(self) -> Repository:
        at = time.time()
        try:
            self._resolved = self._root.resolve(strict=True)
            names = _names(self._root)
        except (OSError, RuntimeError) as error:
            return Repository(str(self._root), at, problem=_why(error))
        entries = [self._entry(self._root / name, name) for name in names]
        folders = {entry.path: entry for entry in entries if entry.kind is Kind.FOLDER}
        beside = tuple(entry for entry in entries if entry.kind is not Kind.FOLDER)
        models = sorted(self._wanted(folders), key=lambda model: model.name)
        return Repository(str(self._root), at, tuple(models), beside, cut=tuple(self._cut), only=self._only)

    def _wanted(self, folders: Mapping[str, Entry]) -> Iterator[ModelFolder]:
        """The models that are asked about, and those that they call."""
        waiting = deque(name for name in folders if not self._only or name in self._only)
        seen = set(waiting)
        looked = 0
        while waiting:
            if looked >= MODELS_LIMIT or self._over():
                self._cut[f"only {looked} models were looked at: name others with --model"] = None
                return
            model = self._model(folders[waiting.popleft()])
            looked += 1
            yield model
            called = {str(step.get("model_name", "")) for step in steps_of(model)} & folders.keys() - seen
            seen |= called
            waiting += sorted(called)

    def _model(self, itself: Entry) -> ModelFolder:
        folder = self._root / itself.path
        entries = {entry.path: entry for entry in self._below(folder)}
        return ModelFolder(
            itself.path,
            itself,
            entries,
            _config(folder / CONFIG, entries.get(CONFIG)),
            completes=any(_completes(folder / path, entry) for path, entry in entries.items()),
        )

    def _below(self, folder: Path) -> Iterator[Entry]:
        """Every name below a model's directory; a directory behind a link is looked into once."""
        waiting: list[tuple[str, int]] = [("", 0)]
        seen: set[tuple[int, int]] = set()
        while waiting:
            prefix, depth = waiting.pop()
            for name in self._listed(folder / prefix, seen):
                path = f"{prefix}/{name}" if prefix else name
                if self._over():
                    self._cut[f"there was too much to look at: {visible(folder.name)} is incomplete"] = None
                    return
                entry = self._entry(folder / path, path)
                self._names += 1
                yield entry
                if entry.kind is Kind.FOLDER and depth < DEPTH_LIMIT:
                    waiting.append((path, depth + 1))
                elif entry.kind is Kind.FOLDER:
                    self._cut[f"directories more than {DEPTH_LIMIT} below a model's were not looked at"] = (
                        None
                    )

    def _listed(self, folder: Path, seen: set[tuple[int, int]]) -> list[str]:
        """The names in a directory, sorted; none where it cannot be read, or was listed before."""
        try:
            found = folder.stat()
            key = (found.st_dev, found.st_ino)
            if key in seen:
                return []
            seen.add(key)
            return _names(folder)
        except OSError:
            return []

    def _entry(self, place: Path, path: str) -> Entry:
        try:
            own = place.lstat()
        except OSError as error:
            return Entry(path, Kind.OTHER, refused=_why(error))
        linked = stat.S_ISLNK(own.st_mode)
        link = _link(place) if linked else ""
        outside = linked and self._leads_out(place)
        try:
            found = place.stat() if linked else own
        except (OSError, RuntimeError):
            return Entry(path, Kind.NOTHING, 0, own.st_mtime, stat.S_IMODE(own.st_mode), link, outside)
        kind = _kind(found.st_mode)
        mode = stat.S_IMODE(found.st_mode)
        return Entry(path, kind, found.st_size, found.st_mtime, mode, link, outside, _refused(place, kind))

    def _leads_out(self, place: Path) -> bool:
        try:
            return not place.resolve().is_relative_to(self._resolved)
        except (OSError, RuntimeError):
            return False

    def _over(self) -> bool:
        return self._names >= NAMES_LIMIT or self._clock() > self._ends


def _names(folder: Path) -> list[str]:
    """The names in a directory, sorted; of more than any repository has, as many as come first."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in islice(entries, NAMES_LIMIT))


def _config(path: Path, entry: Entry | None) -> ConfigFile | None:
    if entry is None or entry.kind is Kind.NOTHING or (entry.kind is Kind.FILE and entry.outside):
        return None if entry is None else ConfigFile(None)
    if entry.kind is not Kind.FILE:
        ends = "a directory: Triton 2.51 ends when it loads the model"
        said = f"it is {ends if entry.kind is Kind.FOLDER else entry.kind} (repository_layout)"
        return ConfigFile(None, (ConfigFault(PARSE, None, said, "put a file in its place"),))
    if entry.refused:
        return ConfigFile(None)
    try:
        return read_config_file(read_small(path, PBTXT_LIMIT))
    except OSError as error:
        said = f"{CONFIG} cannot be read: {_why(error)} (config_parse)"
        return ConfigFile(None, (ConfigFault(PARSE, None, said, "look at it, and check again"),))


def _completes(path: Path, entry: Entry) -> bool:
    """Whether a file is a model.py that completes its own config."""
    in_version = entry.name == "model.py" and entry.path.count("/") == 1
    if not in_version or entry.kind is not Kind.FILE or entry.outside or entry.refused:
        return False
    try:
        return _COMPLETES in read_small(path, _CODE_LIMIT)
    except OSError:
        return False


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return Kind.FILE
    return Kind.FOLDER if stat.S_ISDIR(mode) else Kind.OTHER


def _link(place: Path) -> str:
    try:
        return str(place.readlink())
    except OSError:
        return "?"


def _refused(place: Path, kind: Kind) -> str:
    """Why this user cannot read it, as the system would decide now."""
    wanted = os.R_OK | os.X_OK if kind is Kind.FOLDER else os.R_OK
    allowed = os.access(place, wanted, effective_ids=_EFFECTIVE)
    return "" if allowed or kind is Kind.OTHER else "permission denied"


def _why(error: OSError | RuntimeError) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error)).lower()
