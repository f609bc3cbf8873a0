"""The files of a repository against those of the known-good release."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.release import Digests, Release, ReleasedModel
from console.domain.repository import CONFIG, Finding, Repository, fail, ok, warn
from console.domain.repository_versions import versions_of
from console.domain.text import visible

RELEASE = "repo.release"
_MOST_NAMED = 4


class Remembered(NamedTuple):
    """A version that the newest release with its model remembers the files of."""

    model: str
    version: str
    release: str
    digests: Digests


def remembered(repository: Repository, releases: Sequence[Release]) -> list[Remembered]:
    """The versions that would serve and that can be compared; ``releases`` are oldest first."""
    found: list[Remembered] = []
    for model in repository.asked:
        newest = _newest(releases, model.name)
        if newest is None:
            continue
        release, known = newest
        for number in versions_of(model).serve:
            digests = known.digests.get(str(number))
            if digests:
                found.append(Remembered(model.name, str(number), release.id, digests))
    return found


def compared(known: Remembered, found: Digests) -> Finding:
    """What a version's files are against what they were."""
    subject = f"{known.model}/{known.version}"
    changed = [name for name in known.digests if found.get(name, known.digests[name]) != known.digests[name]]
    missing = [name for name in known.digests if name not in found]
    added = [name for name in found if name not in known.digests]
    parts = ((changed, "changed"), (missing, "missing"), (added, "new"))
    said = "; ".join(f"{_named(names)} {word}" for names, word in parts if names)
    if not said:
        count = len(known.digests)
        what = "its file is the one" if count == 1 else f"its {count} files are those"
        return ok(RELEASE, subject, f"{what} of the known-good release {visible(known.release, 60)}")
    message = f"differs from the known-good release {visible(known.release, 60)}: {said}"
    hint = "a rollback to it would not bring back what served: restore the files, or mark this good if it is"
    return fail(RELEASE, subject, message, hint)


def release_findings(
    repository: Repository, releases: Sequence[Release], configs: Mapping[str, str | None]
) -> Iterator[Finding]:
    """What can be told without reading large files: configs that changed, and what no release remembers.

    ``configs`` are the texts of config.pbtxt by model, None where one cannot be read.
    """
    unknown: list[str] = []
    for model in repository.asked:
        newest = _newest(releases, model.name)
        if newest is None:
            unknown.append(model.name)
            continue
        release, known = newest
        name = visible(release.id, 60)
        text = configs.get(model.name)
        if known.pbtxt is not None and text is not None and text != known.pbtxt:
            said = f"is not that of the known-good release {name}"
            yield warn(RELEASE, f"{model.name}/{CONFIG}", said, "mark it good when it has proved itself")
        absent = [str(each) for each in versions_of(model).serve if not known.digests.get(str(each))]
        if absent:
            said = f"version {visible(' '.join(absent), 60)} is not remembered: release {name} has no digests of it"
            yield ok(RELEASE, model.name, said)
    if unknown:
        what = f"{len(unknown)} models are" if len(unknown) > 1 else f"{_named(unknown)} is"
        said = f"{what} in no known-good release: there is nothing to compare the files with"
        yield ok(RELEASE, "", said)


def uncompared(known: Remembered, why: str) -> Finding:
    """A version whose files could not be read to the end."""
    said = f"could not be compared with the known-good release {visible(known.release, 60)}: {why}"
    return warn(
        RELEASE, f"{known.model}/{known.version}", said, "check again, with --model for this model alone"
    )


def _newest(releases: Sequence[Release], model: str) -> tuple[Release, ReleasedModel] | None:
    for release in reversed(releases):
        known = release.model(model)
        if known is not None:
            return release, known
    return None


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(visible(name, 60) for name in names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
