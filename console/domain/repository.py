"""A model repository as it lies on disk: what was seen of its files, and what is found wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from console.domain.text import visible

CONFIG = "config.pbtxt"
# Triton reads these directories of a model for something else than versions.
NO_VERSIONS = ("warmup", "initial_state", "configs")
PYCACHE = "__pycache__"


class Severity(StrEnum):
    """How bad a finding is: a load fails of it, it may do harm, or all is well."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """One thing that was found: its stable id, its subject (model, version or file), a sentence, and what to do."""

    id: str
    subject: str
    severity: Severity
    message: str
    hint: str = ""


def fail(number: str, subject: str, message: str, hint: str) -> Finding:
    """A load fails of it, or serves something else than what was meant."""
    return Finding(number, visible(subject), Severity.FAIL, visible(message, 400), visible(hint, 400))


def warn(number: str, subject: str, message: str, hint: str) -> Finding:
    """It may do harm."""
    return Finding(number, visible(subject), Severity.WARN, visible(message, 400), visible(hint, 400))


def ok(number: str, subject: str, message: str) -> Finding:
    """What is well, and worth to be said."""
    return Finding(number, visible(subject), Severity.OK, visible(message, 400))


class Kind(StrEnum):
    """What a name leads to, symbolic links followed."""

    FILE = "file"
    FOLDER = "directory"
    NOTHING = "nothing"
    OTHER = "neither file nor directory"


class Entry(NamedTuple):
    """One name in the repository.

    ``path`` is from the model's directory, or from the repository for what lies beside the models. ``mtime`` is
    epoch seconds, ``mode`` the permission bits; ``link`` is the text of a symbolic link, ``outside`` whether it leads
    out of the repository; ``refused`` says why this user cannot read it.
    """

    path: str
    kind: Kind
    size: int = 0
    mtime: float = 0.0
    mode: int = 0o644
    link: str = ""
    outside: bool = False
    refused: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path without its last part; empty for what lies in the model's directory itself."""
        return self.path.rpartition("/")[0]

    @property
    def cached(self) -> bool:
        """Whether Python made it at a load: no part of what was deployed."""
        return PYCACHE in self.path.split("/")


class ConfigFault(NamedTuple):
    """Something in a config.pbtxt that the published format does not have: id, line (from 1), sentence, what to do."""

    id: str
    line: int | None
    message: str
    hint: str


class ConfigFile(NamedTuple):
    """A config.pbtxt as read: ``tree`` has the names of the format, None where it cannot be known."""

    tree: Mapping[str, Any] | None
    faults: tuple[ConfigFault, ...] = ()


@dataclass(frozen=True)
class ModelFolder:
    """A model's directory: every name below it by path, its config (None without a file), and what the scan left out.

    ``itself`` is the directory as a name in the repository. ``completes`` is whether a model.py completes its config.
    """

    name: str
    itself: Entry
    entries: Mapping[str, Entry]
    config: ConfigFile | None = None
    completes: bool = False

    def inside(self, folder: str) -> Sequence[Entry]:
        """What lies directly in a directory of the model; empty is the model's own."""
        return self._children.get(folder, ())

    def below(self, folder: str) -> Iterator[Entry]:
        """What lies in a directory of the model, and in those in it."""
        waiting = [folder]
        while waiting:
            for entry in self.inside(waiting.pop()):
                yield entry
                if entry.kind is Kind.FOLDER:
                    waiting.append(entry.path)

    def folders(self) -> list[str]:
        """The directories in the model's directory, by name as Triton sorts them."""
        return sorted(entry.path for entry in self.inside("") if entry.kind is Kind.FOLDER)

    @cached_property
    def _children(self) -> Mapping[str, Sequence[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            found.setdefault(entry.folder, []).append(entry)
        return found

    @property
    def tree(self) -> Mapping[str, Any] | None:
        """The config's values: empty where there is no file, None where it cannot be known."""
        return {} if self.config is None else self.config.tree


@dataclass(frozen=True, slots=True)
class Repository:
    """What was seen of a repository at ``at`` (epoch seconds).

    ``beside`` are the names that are no model's directory, ``problem`` why nothing could be seen, ``cut`` what was
    left out because there was too much of it. ``only`` names the models that somebody asks about, empty for all: the
    others are there because these call them.
    """

    root: str
    at: float
    models: tuple[ModelFolder, ...] = ()
    beside: tuple[Entry, ...] = ()
    problem: str = ""
    cut: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()

    @property
    def asked(self) -> tuple[ModelFolder, ...]:
        """The models that are to be told of."""
        return tuple(model for model in self.models if not self.only or model.name in self.only)

    def model(self, name: str) -> ModelFolder | None:
        """A model by its directory's name."""
        return next((model for model in self.models if model.name == name), None)


@dataclass(frozen=True, slots=True)
class Live:
    """What servers say meanwhile, where any was asked.

    ``loading`` are targets by the model that they load now, ``loaded`` when a model was last seen to be loaded
    (epoch seconds), ``gpus`` the driver's numbers of the GPUs; None where none is known.
    """

    loading: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loaded: Mapping[str, float] = field(default_factory=dict)
    gpus: frozenset[int] | None = None


def table(value: object) -> Mapping[str, Any]:
    """The value where it is a message, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Any]:
    """The value where it is repeated, else nothing."""
    return value if isinstance(value, list) else []


def whole(value: object) -> int:
    """A number of a config, whose int64 come as text; 0 is what an absent one is."""
    return int(value) if isinstance(value, int | str) else 0
