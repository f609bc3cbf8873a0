"""The version directories of a model against its version policy, read as Triton reads them."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from console.domain.repository import (
    NO_VERSIONS,
    Finding,
    Kind,
    ModelFolder,
    fail,
    ok,
    rows,
    table,
    warn,
    whole,
)

MISSING, ABSENT, NAME, SERVES = (
    "repo.version_missing",
    "repo.version_absent",
    "repo.version_name",
    "repo.versions",
)

# What C++'s stoll takes: white space, a sign, digits, and then anything at all.
_LEADING = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")
_MEANT = re.compile(r"(v|ver|version|rev|release)[-_. ]?[0-9]+", re.IGNORECASE)
_LARGEST = 2**63 - 1
_MOST_SAID = 12


class Versions(NamedTuple):
    """``there`` are directories by the version that Triton takes them for, ``serve`` what it would serve of them.

    A version in ``mistaken`` is read from a directory of another name, so its files are not where Triton looks.
    ``policy`` says in words what decides, ``named`` which versions it names.
    """

    there: Mapping[int, str]
    serve: tuple[int, ...]
    mistaken: Mapping[int, str]
    policy: str
    named: tuple[int, ...] = ()


def versions_of(model: ModelFolder) -> Versions:
    """What would serve; without a config that can be read, what the default policy would make of it."""
    there: dict[int, str] = {}
    mistaken: dict[int, str] = {}
    for name in model.folders():
        number = _number(name)
        if number is not None and abs(number) <= _LARGEST:
            (there if str(number) == name and number >= 0 else mistaken)[number] = name
    mistaken = {number: name for number, name in mistaken.items() if number not in there}
    policy = table(table(model.tree).get("version_policy"))
    known = sorted({*there, *mistaken})
    if "specific" in policy:
        named = tuple(sorted({whole(each) for each in rows(table(policy["specific"]).get("versions"))}))
        wanted = frozenset(named)
        serve = tuple(each for each in known if each in wanted)
        return Versions(there, serve, mistaken, f"specific {listed(named)}", named)
    if "all" in policy:
        return Versions(there, tuple(known), mistaken, "all")
    latest = table(policy.get("latest"))
    count = whole(latest.get("num_versions")) if "latest" in policy else 1
    return Versions(there, tuple(known[-count:] if count else ()), mistaken, f"latest {count}")


def version_findings(model: ModelFolder) -> Iterator[Finding]:
    """The names of the directories, and what the policy makes of them where it is known."""
    versions = versions_of(model)
    yield from _names(model, versions)
    found = listed(sorted(versions.there))
    if model.tree is None and (versions.there or versions.mistaken):
        return
    if not versions.serve:
        yield _none(model, versions, found)
        return
    absent = sorted(set(versions.named) - set(versions.serve))
    if absent:
        said = f"its policy names {listed(absent)}, which is not there: Triton passes over it without a word"
        yield warn(ABSENT, model.name, said, f"there are {found}: correct version_policy, or bring the files")
    if not versions.mistaken:
        said = f"would serve {listed(versions.serve)} (there are {found}; its policy is {versions.policy})"
        yield ok(SERVES, model.name, said)


def listed(numbers: tuple[int, ...] | list[int]) -> str:
    """Numbers in a row, the middle of many left out."""
    texts = [str(number)[:24] for number in numbers]
    if len(texts) > _MOST_SAID:
        texts = [*texts[:3], "…", *texts[-6:]]
    return " ".join(texts) or "none"


def _none(model: ModelFolder, versions: Versions, found: str) -> Finding:
    if versions.there or versions.mistaken:
        said = f"no version would serve: its policy is {versions.policy}, and there are {found} (version_missing)"
        return fail(
            MISSING, model.name, said, "correct version_policy in its config, or bring that version's files"
        )
    files = [entry.path for entry in model.inside("") if entry.kind is not Kind.FOLDER and _whole(entry.path)]
    if files:
        said = f"{files[0]} is no directory, and there is no other version (version_missing)"
        return fail(MISSING, model.name, said, f"make {files[0]} a directory, and put the file in it")
    said = "it has no version directory, so it cannot be loaded (version_missing)"
    return fail(MISSING, model.name, said, f"make {model.name}/1 and put the model's files there")


def _names(model: ModelFolder, versions: Versions) -> Iterator[Finding]:
    serve = frozenset(versions.serve)
    for name in model.folders():
        subject = f"{model.name}/{name}"
        number = _number(name)
        if number is not None and abs(number) > _LARGEST:
            said = "is too large a number: Triton 2.51 ends when it loads the model (repository_layout)"
            yield fail(NAME, subject, said, "rename it to a version that fits in 64 bits")
        elif number is not None and number in versions.mistaken:
            served = number in serve
            said = f"Triton takes it for version {number}, and then looks for {number}/, which is not there"
            hint = "rename it, or move it out of the model's directory"
            yield (fail if served else warn)(NAME, subject, f"{said} (repository_layout)", hint)
        elif _leading_zero(name):
            said = "is passed over: a version has no leading zero (repository_layout)"
            yield warn(NAME, subject, said, f"rename it to {name.lstrip('0')[:20] or '0'}")
        elif _MEANT.fullmatch(name):
            said = "is passed over: a version is a number and nothing else (repository_layout)"
            yield warn(NAME, subject, said, f"rename it to {re.sub('[^0-9]', '', name)[:20]}")


def _number(name: str) -> int | None:
    """The version that Triton takes a directory for, None for one that it passes over."""
    if name in NO_VERSIONS or _leading_zero(name):
        return None
    found = _LEADING.match(name[:64])
    return int(found[1]) if found else None


def _leading_zero(name: str) -> bool:
    return len(name) > 1 and name[0] == "0" and name.isascii() and name[:2].isdigit()


def _whole(name: str) -> bool:
    return name.isascii() and name.isdigit()
