"""One rule of the classifier: words that a message has when it has a certain cause."""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import NamedTuple

_GAP = " … "


class Weight(IntEnum):
    """How much a match says; of several messages about one failure the heaviest names the cause.

    ``NONE`` is no match, ``BENIGN`` is noise, ``WRAPPER`` says only that something failed, ``HINT`` is a failure's words in a mere
    warning, ``UNMATCHED`` is an error that no rule knows, ``GENERIC`` names a part and no cause. ``AFTER``
    follows from another failure, ``RAISED`` is a Python exception of any kind, ``SIGN`` usually
    means the cause, ``ROOT`` always.
    """

    NONE = -1
    BENIGN = 0
    WRAPPER = 1
    HINT = 2
    UNMATCHED = 3
    GENERIC = 4
    AFTER = 5
    RAISED = 6
    SIGN = 7
    ROOT = 8


class Rule(NamedTuple):
    """Words in order (``parts``) that the lowered text has, a ``pattern`` where words say too little, and what must not stand there."""

    cause: str
    weight: Weight
    parts: tuple[str, ...]
    pattern: str = ""
    unless: tuple[str, ...] = ()


def rules(
    cause: str, weight: Weight, *phrases: str, pattern: str = "", unless: tuple[str, ...] = ()
) -> Iterator[Rule]:
    """A rule for each phrase; an ellipsis between spaces stands for anything."""
    for phrase in phrases:
        yield Rule(cause, weight, tuple(phrase.split(_GAP)), pattern, unless)


def found(rule: Rule, text: str) -> int | None:
    """Where the rule's words begin in a plain text, None where they do not stand."""
    start = end = -1
    for part in rule.parts:
        at = text.find(part, max(end, 0))
        if at < 0:
            return None
        start, end = (at if start < 0 else start), at + len(part)
    if any(word in text for word in rule.unless):
        return None
    if not rule.pattern:
        return start
    match = _compiled(rule.pattern).search(text)
    return match.start() if match else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
