"""What an alert is made of: a condition that holds now, and how serious it is."""

from typing import Final, NamedTuple

PAGE: Final = "page"
TICKET: Final = "ticket"

LEAST_REQUESTS = 20
"""Under this many requests a window proves nothing about a share of them."""


class Condition(NamedTuple):
    """An alert's condition that holds now; the engine knows since when.

    ``model``, ``version`` and ``target`` say whose it is, where it is one model's or one target's. It fires when it has
    held for ``for_s`` seconds: 0 for all that a single look can tell. ``instead_of`` is the id of a milder alert of the
    same subject that it takes the place of.
    """

    id: str
    severity: str
    subject: str
    message: str
    evidence: str
    model: str = ""
    version: str = ""
    target: str = ""
    for_s: float = 0.0
    instead_of: str = ""
