"""Triage as values: runbooks, answers with their evidence, and the walk that leads to a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from console.domain.action import Action, ActionKind

NONE, UNKNOWN = "none", "unknown"
"""Verdicts of every runbook: nothing is wrong; something is, and its cause stays unknown."""
ANY = "*"
"""In place of a verdict: what the finding names where a way leads to it, every one but *none* for a mitigation."""


class Answer(StrEnum):
    """What a check, or an engineer, says to a question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Evidence(NamedTuple):
    """One figure behind an answer.

    ``what`` names the figure, ``subject`` whose it is (a target, a version, a GPU, a route). ``now`` and ``baseline`` are in
    ``unit``; None is unknown. ``basis`` says how both are known (``summary``, ``mean``, ``gauge``, ``index`` …;
    ``mean since load`` where the baseline is the counters' past). ``source`` names where it was read, ``age_s`` how long
    ago. ``query`` is what anyone can repeat: a PromQL expression, a URL, a command. ``hint`` names what to switch on where
    the figure is unknown. ``at`` is when it happened (epoch seconds), for what happens at a moment.
    """

    check: str
    answer: Answer
    what: str
    subject: str = ""
    now: float | None = None
    baseline: float | None = None
    unit: str = ""
    basis: str = ""
    source: str = ""
    age_s: float | None = None
    query: str = ""
    hint: str = ""
    at: float | None = None

    @property
    def difference(self) -> float | None:
        """``now`` minus ``baseline``, where both are known."""
        return None if self.now is None or self.baseline is None else self.now - self.baseline


class Finding(NamedTuple):
    """What one check found.

    ``reason`` is one sentence. ``verdict`` names the cause where a *yes* knows it (``rollout``, ``python_import`` …).
    ``confidence`` (0-1) is that of the answer. ``model``, ``version`` and ``target`` name the culprit, where it is known:
    ``version`` is the one to go back to. ``at`` is when the cause began, epoch seconds. ``settles`` are ids of the
    runbook's points that it answers besides those that name the check.
    """

    check: str
    answer: Answer
    reason: str
    evidence: tuple[Evidence, ...] = ()
    verdict: str = ""
    confidence: float = 0.5
    model: str = ""
    version: str = ""
    target: str = ""
    at: float | None = None
    settles: tuple[str, ...] = ()


class CheckUse(NamedTuple):
    """A check of a runbook: ``name`` of the console's own, or a PromQL expression.

    ``{model}`` in ``promql`` is filled in. It answers yes when its greatest value is over ``above``, or its
    least one under ``below``. ``negated`` asks for the opposite: its *no* is the yes.
    """

    name: str
    promql: str = ""
    above: float | None = None
    below: float | None = None
    negated: bool = False


class Way(NamedTuple):
    """Where an answer leads: to the step of that id, or to a verdict; ``*`` is what the finding itself names.

    Where no finding names one, ``otherwise`` is the verdict of an engineer's answer; the console's goes on as from
    *unknown*.
    """

    step: str = ""
    verdict: str = ""
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class RunbookStep:
    """One question. Its answer is *yes* when any check says yes (``every``: when all do), *no* when all that it hangs on
    say no, else *unknown*. Without checks it is for people: unknown until somebody answers.

    ``act`` are ids of mitigations that are offered at this step whatever the answer.
    """

    id: str
    question: str
    checks: tuple[CheckUse, ...]
    yes: Way
    no: Way
    unknown: Way
    every: bool = False
    about: str = ""
    act: tuple[str, ...] = ()


class Point(NamedTuple):
    """One of the things that the runbook looks at on any path: an id, words, and the checks that tell."""

    id: str
    text: str
    checks: tuple[CheckUse, ...] = ()


class Mitigation(NamedTuple):
    """What can be done about it. ``verdicts`` are those that recommend it, the first mitigation first; ``*`` are all
    but *none*.

    ``action`` opens a plan with ``percent`` and ``values`` (of TUNE: absolute, or a change such as ``+1``); without
    one, ``text`` says what to do by hand, and ``command`` how. ``culprit`` is the check whose *yes* names the model to
    act on; without it that is the finding that decided.
    """

    id: str
    text: str
    why: str
    verdicts: tuple[str, ...]
    action: ActionKind | None = None
    percent: float | None = None
    values: Mapping[str, str] = {}
    command: str = ""
    culprit: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook: ``steps`` begin with the first. The walk begins only if its answer is not *no*.

    ``alerts`` are ids of alerts that open it. ``rank`` orders runbooks when the console picks one: the lowest
    whose first step answers yes. ``recovery`` tells when it is over. ``origin`` is the file.
    """

    id: str
    title: str
    about: str
    alerts: tuple[str, ...]
    rank: int
    steps: tuple[RunbookStep, ...]
    points: tuple[Point, ...]
    mitigations: tuple[Mitigation, ...]
    recovery: RunbookStep | None = None
    origin: str = ""


class Overrule(NamedTuple):
    """An engineer's answer in place of the console's: who, when, and why."""

    answer: Answer
    note: str
    who: str
    at: float


@dataclass(frozen=True, slots=True)
class WalkedStep:
    """A step that was asked: ``answer`` counts; ``found`` is the console's own, where ``overruled`` stands above it."""

    step: RunbookStep
    answer: Answer
    reason: str
    findings: tuple[Finding, ...]
    found: Answer
    overruled: Overrule | None = None


class Settled(NamedTuple):
    """What is known about one point of the runbook."""

    point: Point
    answer: Answer
    reason: str


class Advice(NamedTuple):
    """A recommended action: ``action`` for the door, or None with the ``command`` to type and the ``text`` to follow."""

    mitigation: Mitigation
    action: Action | None
    text: str
    why: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """A runbook walked on one picture: the path to the verdict, all points, what to do, and whether it is over.

    ``onset`` is when it began (epoch seconds); ``story`` is the sentence that says it with the change nearest before.
    ``confidence`` is that of the verdict, 0-1. ``path`` ends with the step that gave the verdict.
    """

    runbook: Runbook
    model: str
    at: float
    verdict: str
    confidence: float
    path: tuple[WalkedStep, ...]
    points: tuple[Settled, ...]
    advice: tuple[Advice, ...]
    onset: float | None = None
    story: str = ""
    recovery: WalkedStep | None = None
    problems: tuple[str, ...] = ()
    """What stood in the way of looking: runbooks that cannot be read, a Prometheus that does not answer."""


class Asked(NamedTuple):
    """The answer to one PromQL expression: its values by labels in words, or why there are none."""

    values: Mapping[str, float] = {}
    at: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """The runbooks that could be read, by id, and all that is wrong with the others (a sentence each)."""

    runbooks: Mapping[str, Runbook] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
