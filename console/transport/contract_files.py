"""Contracts from their files: a folder of their own, else beside each model in its repository; calls block."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from console.domain.contract import Contract, ContractReading, Health
from console.domain.contract_toml import read_contract
from console.domain.fleet import Fleet
from console.domain.text import visible

SIZE_LIMIT = 256 * 2**10
REQUEST_LIMIT = 16 * 2**20
MODELS_MOST = 5000
NAME = "contract.toml"
_ENDING = ".toml"
_PROBLEMS_MOST = 20


class _State(NamedTuple):
    """By which a file is known to be as it was."""

    device: int
    inode: int
    size: int
    changed_ns: int


class _Kept(NamedTuple):
    state: _State
    contract: Contract


class ContractFiles:
    """The contracts of a fleet's models; a file is read again when it has changed.

    In ``contracts`` they are ``MODEL/contract.toml`` or ``MODEL.toml``, in a repository ``MODEL/contract.toml``.
    """

    def __init__(self, fleet: Fleet) -> None:
        own = Path(fleet.contracts) if fleet.contracts else None
        beside = Path(fleet.repository) if fleet.repository else None
        self.folder = own or beside
        self._own = own is not None
        self._kept: dict[Path, _Kept] = {}
        self._last = ContractReading(())

    def all(self) -> ContractReading:
        """Every contract, by model; the same object as before where nothing changed. Never raises."""
        if self.folder is None:
            return self._last
        found: dict[str, Contract] = {}
        problems: list[str] = []
        try:
            entries = dict(_entries(self.folder, own=self._own, problems=problems))
        except OSError as error:
            entries = {}
            if self._own:
                problems.append(f"contracts: {visible(str(self.folder), 200)}: {_why(error)}")
        for model, path in sorted(entries.items()):
            contract = self._read(model, path)
            if contract is not None:
                found[model] = contract
        kept = set(entries.values())
        self._kept = {path: each for path, each in self._kept.items() if path in kept}
        reading = ContractReading(tuple(found.values()), tuple(problems[:_PROBLEMS_MOST]))
        if reading != self._last:
            self._last = reading
        return self._last

    def of(self, model: str) -> Contract | None:
        """The contract of one model, None where it has none; one that cannot be read says so in its problems."""
        if self.folder is None or not _plain(model):
            return None
        for path in _places(self.folder, model, own=self._own):
            contract = self._read(model, path)
            if contract is not None:
                return contract
        return None

    def request(self, contract: Contract, health: Health) -> Mapping[str, Any]:
        """The body of the health check; raises OSError or ValueError, whose text says why there is none."""
        try:
            body = json.loads(health.request or self._beside(contract, health))
        except RecursionError as error:
            raise ValueError("is nested too deeply") from error
        if not isinstance(body, dict) or not isinstance(body.get("inputs"), list):
            raise ValueError('is not the body of an infer call: it needs "inputs", a list')  # noqa: TRY004 - a file's content, not a caller's type
        return body

    def _beside(self, contract: Contract, health: Health) -> bytes:
        path = Path(contract.origin).parent / health.file
        if self.folder is None or not path.resolve().is_relative_to(self.folder.resolve()):
            raise ValueError(f"lies outside of {self.folder}")
        return _bytes(path, REQUEST_LIMIT)

    def _read(self, model: str, path: Path) -> Contract | None:
        """The contract of a file, None where there is no such file."""
        try:
            state = _state(path)
            known = self._kept.get(path)
            if known is not None and known.state == state:
                return known.contract
            contract = read_contract(model, _bytes(path, SIZE_LIMIT), str(path), self._named(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            return Contract(model, str(path), problems=(f"{self._named(path)}: {_why(error)}",))
        self._kept[path] = _Kept(state, contract)
        return contract

    def _named(self, path: Path) -> str:
        """As messages call it: by its place in the folder."""
        return visible(str(path.relative_to(self.folder or path.parent)), 200)


def _entries(folder: Path, *, own: bool, problems: list[str]) -> Iterator[tuple[str, Path]]:
    """Each model with the file that should be its contract; raises OSError."""
    seen = 0
    with os.scandir(folder) as entries:
        # A model with both kinds of file has the one in its folder.
        found = sorted(entries, key=lambda entry: not entry.name.endswith(_ENDING))
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.name.endswith(_ENDING) and own:
            model, path = entry.name.removesuffix(_ENDING), Path(entry.path)
        else:
            model, path = entry.name, Path(entry.path) / NAME
            if not _there(path):
                continue
        seen += 1
        if seen > MODELS_MOST:
            problems.append(f"contracts: {visible(str(folder), 200)} holds more than {MODELS_MOST}")
            return
        yield model, path


def _places(folder: Path, model: str, *, own: bool) -> Iterator[Path]:
    yield folder / model / NAME
    if own:
        yield folder / f"{model}{_ENDING}"


def _there(path: Path) -> bool:
    """Whether there is anything at all: what cannot be looked at is told of when it is read."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _state(path: Path) -> _State:
    found = path.stat()
    return _State(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _bytes(path: Path, limit: int) -> bytes:
    """A regular file's content; raises OSError, and ValueError for what is none or is too long."""
    # A FIFO in the folder would hold the console up.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is not a regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"is over {limit >> 10} kB")
    return data


def _why(error: OSError | ValueError) -> str:
    return visible((error.strerror if isinstance(error, OSError) else None) or str(error), 200)


def _plain(name: str) -> bool:
    """Whether a model's name stays within the folder."""
    return name not in {"", ".", ".."} and not set(name) & set("/\\\0")
