"""Runbooks from their files: those that come with the console, and a team's own in place of or beside them."""

from collections.abc import Collection, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from console.domain.toml_document import read_document
from console.domain.toml_problems import Problem, Problems
from console.domain.triage import Library, Runbook
from console.storage._files import advice
from console.storage._runbook import is_name, read_runbook

PACKAGE = "runbooks"
SIZE_LIMIT = 256 * 2**10
FILES_MOST = 200
_ENDING = ".toml"
_TOLD = 20
_MEANWHILE = "until then the one that comes with the console is used"


class _File(NamedTuple):
    """A file that should hold a runbook: where, its name in messages, and the id that it gives."""

    entry: Traversable
    origin: str

    @property
    def id(self) -> str:
        return self.entry.name.removesuffix(_ENDING)


def load(own: str, checks: Collection[str]) -> Library:
    """Every runbook that can be read; ``own`` is a team's folder, empty where there is none.

    A file of the team's takes the place of the console's of the same name. ``checks`` are the names that a runbook
    may use. Never raises: what is wrong is told in ``Library.problems``, a sentence for each thing, all of them at
    once, and hides nothing of the other files.
    """
    runbooks: dict[str, Runbook] = {}
    problems: list[Problem] = []
    for file in [*_shipped(problems), *_own(own, problems)]:
        made, found = _read(file, checks)
        if made is not None:
            runbooks[made.id] = made
        elif file.id in runbooks:
            found.append(Problem(None, "", _MEANWHILE, file.origin))
        problems += found
    return Library(dict(sorted(runbooks.items())), tuple(str(problem) for problem in problems))


def _shipped(problems: list[Problem]) -> list[_File]:
    try:
        entries = [each for each in resources.files(PACKAGE).iterdir() if each.name.endswith(_ENDING)]
    except (ImportError, OSError) as error:
        problems.append(Problem(None, "", f"the console's own runbooks cannot be read: {error}", PACKAGE))
        return []
    return [_File(each, f"{PACKAGE}/{each.name}") for each in sorted(entries, key=lambda each: each.name)]


def _own(folder: str, problems: list[Problem]) -> list[_File]:
    if not folder:
        return []
    try:
        entries = sorted(_visible(Path(folder)))
    except OSError as error:
        problems.append(Problem(None, "", f"the team's runbooks cannot be listed: {advice(error)}", folder))
        return []
    if len(entries) > FILES_MOST:
        said = f"holds {len(entries)} runbooks; those after the first {FILES_MOST} are left out"
        problems.append(Problem(None, "", said, folder))
    return [_File(each, str(each)) for each in entries[:FILES_MOST]]


def _visible(folder: Path) -> Iterator[Path]:
    """Editors keep hidden drafts beside the files."""
    return (each for each in folder.iterdir() if each.suffix == _ENDING and not each.name.startswith("."))


def _read(file: _File, checks: Collection[str]) -> tuple[Runbook | None, list[Problem]]:
    """The runbook of one file, or None and all that is wrong with it."""
    problems = Problems(file.origin)
    if not is_name(file.id):
        said = f"its name is the runbook's id: lower-case letters, digits and dashes, then {_ENDING}"
        return None, [Problem(None, "", said, file.origin)]
    try:
        raw = _bytes(file.entry)
    except (OSError, ValueError) as error:
        why = advice(error) if isinstance(error, OSError) else str(error)
        return None, [Problem(None, "", why, file.origin)]
    values, problems = read_document(raw, file.origin)
    made = None if values is None else read_runbook(file.id, values, problems, checks)
    return made, _bounded(problems.found, file.origin)


def _bytes(entry: Traversable) -> bytes:
    # A FIFO in the folder would hold the console up.
    if not entry.is_file():
        raise ValueError("is not a regular file")
    with entry.open("rb") as stream:
        data = stream.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise ValueError(f"is over {SIZE_LIMIT >> 10} kB: no runbook is that long")
    return data


def _bounded(found: list[Problem], origin: str) -> list[Problem]:
    ordered = sorted(found, key=lambda problem: problem.line or 0)
    if len(ordered) <= _TOLD:
        return ordered
    return [*ordered[:_TOLD], Problem(None, "", f"and {len(ordered) - _TOLD} more", origin)]
