"""The runtime image of a workload: what a release remembers of it, and how the one of now is held against that."""

import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from console.domain.kubernetes import Thing, member
from console.domain.kubernetes_workload import (
    TEMPLATE,
    Revision,
    by_digest,
    current,
    digest,
    image_words,
    images,
)
from console.domain.plan import Part, PartName, Standing
from console.domain.states import Json
from console.domain.text import visible


class Workload(NamedTuple):
    """What runs Triton, as it was found: its revisions newest first, and the image digests that really run."""

    thing: Thing
    obj: Mapping[str, Any]
    revisions: tuple[Revision, ...]
    running: Mapping[str, str]

    @property
    def now(self) -> Revision | None:
        """The revision that runs."""
        return current(self.obj, self.revisions)

    @property
    def images(self) -> Mapping[str, str]:
        """The images that the pod template names now."""
        return images(member(self.obj, TEMPLATE))


class Judgement(NamedTuple):
    """How the image part stands; ``goal`` is the revision to go back to, if there is anything to do."""

    part: Part
    goal: Revision | None = None
    warnings: tuple[str, ...] = ()


def remembered(workload: Workload) -> Json:
    """What a known-good release keeps: names, digests and hashes, nothing of the template itself."""
    now = workload.now
    return {
        "images": dict(workload.images),
        "digests": dict(workload.running),
        "template": digest(member(workload.obj, TEMPLATE)),
        "revision": now.number if now else None,
        "replicaset": now.name if now else "",
        "hash": now.hash if now else "",
    }


def judged(workload: Workload, known: Any) -> Judgement:
    """The image of now against what a release remembers; None where it remembers nothing."""
    if not isinstance(known, Mapping):
        said = f"runs {image_words(workload.images)}; no known-good release says what it should"
        return Judgement(_part(Standing.UNKNOWN, said))
    now = workload.now
    same_hash = now is not None and bool(now.hash) and now.hash == known.get("hash")
    if same_hash or digest(member(workload.obj, TEMPLATE)) == known.get("template"):
        return _same_template(workload, known)
    name = known.get("replicaset")
    goal = next((each for each in workload.revisions if name and each.name == name), None)
    return _gone(workload, known) if goal is None else return_to(workload, goal, _table(known.get("digests")))


def return_to(workload: Workload, goal: Revision, was: Mapping[str, Any] | None = None) -> Judgement:
    """Going back to a revision; ``was`` are the digests that ran when it was good."""
    said = f"{image_words(goal.images)} of revision {goal.number}, now {image_words(workload.images)}"
    tags = [image for image in goal.images.values() if not by_digest(image)]
    proof = f"; it was {image_words(was)} when it was good" if was else ""
    warning = (
        f"{visible(', '.join(tags), 120)} is a tag: a node that pulls it gets what it means now, "
        f"which cannot be proven the same{proof}"
    )
    return Judgement(_part(Standing.RESTORE, said), goal, (warning,) if tags else ())


def earlier(workload: Workload) -> Revision | None:
    """The revision before the one that runs."""
    now = workload.now
    return next((each for each in workload.revisions if now and each.number < now.number), None)


def model_paths(obj: Any) -> str:
    """Where the workload's Triton takes models from, as its command line says; empty where it does not."""
    containers = member(obj, (*TEMPLATE, "spec", "containers"))
    words: list[str] = []
    for each in containers if isinstance(containers, list) else ():
        for key in ("command", "args"):
            found = member(each, (key,))
            words += [str(word) for word in found] if isinstance(found, list) else []
    flags = {"--model-repository", "--model-store"}
    paths = [word.partition("=")[2] for word in words if word.partition("=")[0] in flags]
    paths += [after for word, after in pairwise(words) if word in flags]
    return visible(", ".join(path for path in paths if path), 120)


def _same_template(workload: Workload, known: Mapping[str, Any]) -> Judgement:
    then, now = _table(known.get("digests")), dict(workload.running)
    names = workload.images
    if then and now and then != now:
        said = f"same name, other content: runs {image_words(now)}, was {image_words(then)}"
        cure = _set_image(workload.thing, then)
        warning = (
            f"the tag was moved, so no rollback of the pod template brings the good image back; `{cure}` does"
        )
        return Judgement(_part(Standing.MUTABLE, said), warnings=(warning,))
    if then and now:
        return Judgement(_part(Standing.SAME, image_words(now)))
    if names and all(by_digest(image) for image in names.values()):
        return Judgement(_part(Standing.SAME, image_words(names)))
    said = f"{image_words(names)}: the same tag, which may mean another image now"
    return Judgement(_part(Standing.MUTABLE, said))


def _gone(workload: Workload, known: Mapping[str, Any]) -> Judgement:
    good = _table(known.get("digests")) or _table(known.get("images"))
    said = f"{image_words(good)} was good, but the ReplicaSet that kept its pod template is gone"
    warning = f"the pod template of the known-good release is gone; `{_set_image(workload.thing, good)}` brings its image back"
    return Judgement(_part(Standing.UNKNOWN, said), warnings=(warning,) if good else ())


def _set_image(thing: Thing, wanted: Mapping[str, Any]) -> str:
    space = ["--namespace", thing.namespace] if thing.namespace else []
    pairs = [f"{name}={image}" for name, image in wanted.items()]
    return visible(shlex.join(["kubectl", *space, "set", "image", f"{thing.kind}/{thing.name}", *pairs]), 400)


def _part(standing: Standing, detail: str) -> Part:
    return Part(PartName.IMAGE, standing, detail)


def _table(raw: Any) -> dict[str, Any]:
    return dict(raw) if isinstance(raw, Mapping) else {}
