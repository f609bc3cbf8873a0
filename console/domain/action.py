"""What an operator asks for: one value for the keys, the command line and the runbooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ActionKind(StrEnum):
    """What can be asked for; ``TUNE`` changes instances or queue of a model, ``UNDO`` and ``CONTINUE`` follow a plan."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    REDUCE = "reduce"
    RESTORE = "restore"
    ROLLBACK = "rollback"
    LOAD = "load"
    UNLOAD = "unload"
    TUNE = "tune"
    UNDO = "undo"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Action:
    """One wish. What does not belong to its kind stays empty.

    ``version`` is the goal of a rollback, ``release`` the id of a known-good release (empty: the newest
    that holds the model). ``percent`` is the share (0-100) of its route's traffic that the model keeps.
    ``via`` names the control to reduce with (empty: the first that can). ``targets`` are names (empty: all).
    ``expires_s`` is how long a freeze lasts. ``unload_first`` asks for a rollback with a gap,
    ``dependents`` for an unload that takes along what was loaded through the model.
    ``values`` of TUNE: ``instances``, ``queue_delay_us``, ``queue_size``. ``plan`` is the id that UNDO and
    CONTINUE follow; RESTORE may follow several, with spaces between them.
    """

    kind: ActionKind
    model: str = ""
    version: str = ""
    release: str = ""
    percent: float | None = None
    via: str = ""
    targets: tuple[str, ...] = ()
    expires_s: float | None = None
    unload_first: bool = False
    dependents: bool = False
    values: Mapping[str, int] = field(default_factory=dict)
    plan: str = ""
    reason: str = ""
    who: str = ""
