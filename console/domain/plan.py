"""A plan: what will be changed, how, what it will do, how it is undone, and what cannot be known."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import NamedTuple

from console.domain.action import Action
from console.domain.states import Json


class Phase(IntEnum):
    """When in a plan a step comes; within a phase steps keep the order they were proposed in.

    LOCK is after all else: a deploy lock stands over what is frozen, and goes when all of it is free.
    """

    LIFT = 0
    ROUTE = 1
    CHANGE = 2
    HOLD = 3
    LOCK = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one thing, compare-and-set: ``before`` must hold, then ``after`` must come true.

    ``control`` names who does it. ``subject`` names the thing, uniquely within the control and
    understandably to an operator. ``before`` and ``after`` are states as the control's ``read``
    returns them (``after`` may name only the members that matter; see ``holds``); None means the
    state cannot be read. ``change`` is what the control needs besides. ``call`` is the exact
    call as an operator could type it, with shell variables where secrets go. ``effect`` is a
    sentence. ``inverse`` undoes the step; ``final`` says why there is none. A step with neither
    changes nothing: it waits.
    """

    control: str
    subject: str
    title: str
    call: str
    before: Json
    after: Json
    effect: str
    change: Mapping[str, Json] = field(default_factory=dict)
    inverse: "Step | None" = None
    final: str = ""
    phase: Phase = Phase.CHANGE
    timeout_s: float = 60.0


def inverted(step: Step) -> Step | None:
    """The step back, with the step itself as its own way back; None where there is none."""
    return step.inverse and replace(step.inverse, inverse=replace(step, inverse=None))


class PartName(StrEnum):
    """The six parts that a rollback restores, in the order they are shown."""

    ROUTE = "traffic route"
    ARTIFACT = "model artifact"
    CONFIG = "config.pbtxt"
    IMAGE = "runtime image"
    ENGINE = "TensorRT engine"
    TOKENIZER = "tokenizer, pre- and post-processing"


class Standing(StrEnum):
    """How one part of a rollback stands; ``MUTABLE`` cannot be proven the same as it was."""

    SAME = "same"
    RESTORE = "will restore"
    MUTABLE = "mutable, cannot be proven"
    UNKNOWN = "unknown"


class Part(NamedTuple):
    """One of the six parts, how it stands, and why."""

    name: PartName
    standing: Standing
    detail: str = ""


class ShareGoal(NamedTuple):
    """The share (0-1) of its route's requests that a model shall get, as ``control`` counts them on ``subject``."""

    control: str
    subject: str
    asked: float


class Check(NamedTuple):
    """A version on a target that must serve after the plan; an empty version is any."""

    target: str
    model: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one control would do for an action; ``refusals`` say why it cannot, with what to do instead."""

    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    dependents: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    share: ShareGoal | None = None


class Blast(NamedTuple):
    """What a plan touches; ``share`` (0-1) is the models' part of all requests now, None if unknown."""

    models: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    share: float | None = None


_NO_BLAST = Blast()


@dataclass(frozen=True, slots=True)
class Plan:
    """All of one change. A plan with a ``refusal`` cannot run; one without steps has nothing to change.

    ``id`` names it in the journal, and it runs once.
    """

    action: Action
    goal: str
    id: str = ""
    steps: tuple[Step, ...] = ()
    blast: Blast = _NO_BLAST
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    checks: tuple[Check, ...] = ()
    share: ShareGoal | None = None
    refusal: str = ""

    @property
    def runs(self) -> bool:
        """Whether running it does anything, be it only to count a share, or to close the plan that it follows."""
        return not self.refusal and bool(self.steps or self.share or self.action.plan)


class ControlError(Exception):
    """A step that did not work: a message, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ChangedError(ControlError):
    """The thing refused the change because it was no longer as planned; ``actual`` is what it is now."""

    def __init__(self, message: str, actual: Json = None) -> None:
        super().__init__(message)
        self.actual = actual


class StillRunningError(ControlError):
    """The time is up and the change goes on by itself; nobody retries it."""
