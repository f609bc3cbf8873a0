"""The checks, one file each: what a scene says to one question, with its evidence.

A check is a module without a leading underscore in this package, with ``check(scene) -> Finding``.
"""

import importlib
import pkgutil
from contextlib import suppress
from functools import cache

import numpy as np

from console.domain.text import visible
from console.domain.triage import Answer, CheckUse, Evidence, Finding
from console.triage._promql import ask
from console.triage.scene import Scene

_LONGEST = 2000
_MOST_EVIDENCE = 40


@cache
def names() -> tuple[str, ...]:
    """The names of all checks, in alphabetical order."""
    return tuple(sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name[0] != "_"))


def prepare() -> None:
    """Import every check now, so that no look waits for it; one that cannot be imported says so when it is asked."""
    for name in names():
        with suppress(Exception):
            importlib.import_module(f"{__name__}.{name}")


def run(use: CheckUse, scene: Scene) -> Finding:
    """What one check of a runbook finds; it never raises: what goes wrong is unknown, with its reason."""
    if use.promql:
        return _bounded(ask(use, scene.model, scene.asked, scene.snapshot.at))
    if use.name not in names():
        return Finding(use.name, Answer.UNKNOWN, f"there is no check {visible(use.name, 80)}")
    try:
        # Absurd figures overflow to infinite ones, which are none: no reason to warn on a terminal.
        with np.errstate(all="ignore"):
            found = importlib.import_module(f"{__name__}.{use.name}").check(scene)
        return _bounded(found)
    except Exception as error:  # noqa: BLE001 - odd data must not end the walk
        said = visible(f"{type(error).__name__}: {error}")
        return Finding(
            use.name,
            Answer.UNKNOWN,
            f"the check failed on this data ({said}): a defect of the console, please report it",
            confidence=0.0,
        )


def _bounded(found: Finding) -> Finding:
    """The finding with each figure once, in text that is harmless and no longer than people read.

    Of very many figures those that say what is found come first. Names of models stay whole: actions are made of them.
    """
    evidence = tuple(dict.fromkeys(found.evidence))
    if len(evidence) > _MOST_EVIDENCE:
        evidence = tuple(sorted(evidence, key=lambda each: each.answer is not found.answer))[:_MOST_EVIDENCE]
    return found._replace(reason=visible(found.reason, _LONGEST), evidence=tuple(map(_cut, evidence)))


def _cut(found: Evidence) -> Evidence:
    return found._replace(
        what=found.what[:_LONGEST],
        subject=found.subject[:_LONGEST],
        source=found.source[:_LONGEST],
        query=found.query[:_LONGEST],
        hint=found.hint[:_LONGEST],
    )
