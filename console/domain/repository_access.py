"""Who may read the repository's files: this user, and a server that runs as another one."""

from collections.abc import Iterator

from console.domain.repository import Entry, Finding, Kind, ModelFolder, Repository, fail, warn

PERMISSIONS, CLOSED = "repo.permissions", "repo.closed"
_READ, _ENTER = 0o4, 0o1


def access_findings(repository: Repository) -> Iterator[Finding]:
    """Files that this user cannot read, and files that others cannot although they may read the rest."""
    for model in repository.asked:
        for entry in _entries(model):
            if entry.refused:
                said = f"cannot be read by this user: {entry.refused} (permissions)"
                hint = (
                    "whoever runs the server may read it; if not: chmod a+rX, and the same for what is above"
                )
                yield fail(PERMISSIONS, _subject(model, entry), said, hint)
    yield from _closed(repository)


def _closed(repository: Repository) -> Iterator[Finding]:
    """A repository that is closed throughout is one user's own; single files in an open one were forgotten."""
    known = [
        (model, entry)
        for model in repository.asked
        for entry in _entries(model)
        if entry.kind in {Kind.FILE, Kind.FOLDER} and not entry.cached
    ]
    closed = [(model, entry) for model, entry in known if not _open(entry)]
    if len(closed) == len(known):
        return
    for model, entry in closed:
        if not entry.refused:
            said = (
                f"has mode {entry.mode:04o}: a server that runs as another user cannot read it (permissions)"
            )
            yield warn(CLOSED, _subject(model, entry), said, "chmod a+rX, as for the files around it")


def _entries(model: ModelFolder) -> Iterator[Entry]:
    yield model.itself
    yield from model.entries.values()


def _subject(model: ModelFolder, entry: Entry) -> str:
    return model.name if entry is model.itself else f"{model.name}/{entry.path}"


def _open(entry: Entry) -> bool:
    wanted = _READ | _ENTER if entry.kind is Kind.FOLDER else _READ
    return entry.mode & wanted == wanted
