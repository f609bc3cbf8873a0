"""A change of a number as a runbook writes it: ``4``, ``+1``, ``-50%``."""

import re
from math import ceil, floor
from typing import NamedTuple

_SHAPE = re.compile(r"([+-]?)([0-9]{1,9})(%?)")


class Change(NamedTuple):
    """What becomes of a number: ``sign`` is ``+`` or ``-``, empty for a number that takes its place."""

    sign: str
    amount: int
    percent: bool

    def of(self, present: int) -> int:
        """The number after the change; a share is rounded away from the present number, so that it changes at all."""
        if not self.sign:
            return self.amount
        by = present * self.amount / 100 if self.percent else float(self.amount)
        return ceil(present + by) if self.sign == "+" else floor(present - by)


def read_change(text: str) -> Change | None:
    """The change that a text spells, None where it spells none."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None or (match[3] and not match[1]):
        return None
    return Change(match[1], int(match[2]), bool(match[3]))
