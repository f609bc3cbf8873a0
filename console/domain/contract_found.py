"""What is found of one clause, put together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from console.domain.contract import Clause

_TOLD = 4


class Finding(NamedTuple):
    """One thing that was looked at for a clause: whether it is as promised (None: it cannot be known), in words."""

    passed: bool | None
    said: str


def clause(name: str, findings: Iterable[Finding]) -> Clause:
    """The clause holds where all does; what is broken is told first and alone, then what cannot be known."""
    found = tuple(findings)
    for passed in (False, None):
        told = [each.said for each in found if each.passed is passed]
        if told:
            return Clause(name, passed, _sentence(told))
    return Clause(name, passed=True, detail=_sentence([each.said for each in found if each.said]))


def _sentence(told: Sequence[str]) -> str:
    more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return "; ".join(told[:_TOLD]) + more
