"""What lies in a repository and has no business there: leftovers, links, half an upload."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from console.domain.repository import CONFIG, Entry, Finding, Kind, ModelFolder, Repository, fail, warn
from console.domain.text import visible

STRAY, PARTIAL, MISPLACED, NO_MODEL = "repo.stray", "repo.partial", "repo.misplaced", "repo.no_model"
DANGLING, OUTSIDE = "repo.link_dangling", "repo.link_outside"

_EDITORS = (
    ".*.sw?",
    "*~",
    "#*#",
    ".#*",
    "*.bak",
    "*.orig",
    "*.rej",
    "4913",
    ".DS_Store",
    "._*",
    ".nfs*",
    "Thumbs.db",
)
_UPLOADS = (
    "*.tmp",
    "*.temp",
    "*.partial",
    "*.part",
    "*.filepart",
    "*.crdownload",
    "*.download",
    "*.incomplete",
    "*.upload",
)
_NO_MODELS = {"lost+found", "__pycache__", "__MACOSX"}
_ARTIFACTS = (
    "config.*",
    "*.onnx",
    "*.plan",
    "*.engine",
    "*.pt",
    "*.pt2",
    "*.savedmodel",
    "*.graphdef",
    "model.*",
)


def beside_findings(repository: Repository) -> Iterator[Finding]:
    """What lies beside the models, where Triton looks for nothing but models."""
    for entry in repository.beside:
        if entry.kind is Kind.NOTHING:
            said = "leads nowhere: Triton lists no model of the repository meanwhile, and polls none (repository_layout)"
            yield fail(
                DANGLING, entry.path, f"{_link(entry)} {said}", "remove it, or bring back what it leads to"
            )
        elif entry.kind is Kind.OTHER:
            yield warn(STRAY, entry.path, f"is {entry.kind}", "move it out of the repository")
        elif _matches(entry.name, (*_EDITORS, *_UPLOADS)):
            yield from _leftover(entry, entry.path)
        elif _matches(entry.name, _ARTIFACTS):
            said = "lies in the repository itself, where Triton looks for models' directories alone (repository_layout)"
            yield warn(MISPLACED, entry.path, said, "is this path a model's directory? name the one above it")


def no_model(model: ModelFolder) -> Finding | None:
    """A directory of something else, which Triton takes for a model all the same."""
    other = model.name.startswith(".") or model.name in _NO_MODELS
    if not other or model.config is not None:
        return None
    said = "Triton takes every directory here for a model, and fails to load this one (repository_layout)"
    return fail(NO_MODEL, model.name, said, "move it out of the repository")


def leftover_findings(model: ModelFolder) -> Iterator[Finding]:
    """Leftovers of editors and of uploads, and links that lead nowhere or elsewhere."""
    yield from _links(model, model.itself, model.name)
    for entry in model.entries.values():
        subject = f"{model.name}/{entry.path}"
        yield from _links(model, entry, subject)
        if entry.kind is Kind.OTHER and not entry.refused and entry.path != CONFIG:
            yield warn(STRAY, subject, f"is {entry.kind}", "move it out of the repository")
        elif entry.kind is not Kind.NOTHING and not entry.cached:
            yield from _leftover(entry, subject)


def _leftover(entry: Entry, subject: str) -> Iterator[Finding]:
    if _matches(entry.name, _UPLOADS):
        yield warn(
            PARTIAL, subject, "looks like an upload that did not end", "end it, or remove what it left"
        )
    elif _matches(entry.name, _EDITORS):
        said = "is an editor's or a system's leftover: writing it makes a polling server load the model again"
        yield warn(STRAY, subject, said, "remove it, and edit copies outside of the repository")


def _links(model: ModelFolder, entry: Entry, subject: str) -> Iterator[Finding]:
    if entry.kind is Kind.NOTHING and entry.folder == "":
        said = f"{_link(entry)} leads nowhere: Triton refuses the whole model for it (repository_layout)"
        yield fail(DANGLING, subject, said, "remove it, or bring back what it leads to")
    elif entry.kind is Kind.NOTHING and entry.path != CONFIG:
        said = f"{_link(entry)} leads nowhere"
        yield warn(DANGLING, subject, said, "remove it, or bring back what it leads to")
    elif entry.outside and not _behind(model, entry):
        said = (
            f"{_link(entry)} leads out of the repository: a server that mounts the repository alone misses it"
        )
        yield warn(OUTSIDE, subject, said, f"put what {model.name} needs into its directory")


def _behind(model: ModelFolder, entry: Entry) -> bool:
    """Whether it lies behind another link that leads out, which is told of already."""
    if entry is model.itself:
        return False
    above = [entry.path[:at] for at, letter in enumerate(entry.path) if letter == "/"]
    return model.itself.outside or any(model.entries[path].outside for path in above)


def _link(entry: Entry) -> str:
    return f"its link to {visible(entry.link, 80)}"


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
