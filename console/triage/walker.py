"""Walks a runbook on what its checks found: the path to a verdict, every point, and what to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from console.domain.text import visible
from console.domain.triage import (
    ANY,
    NONE,
    UNKNOWN,
    Answer,
    CheckUse,
    Finding,
    Library,
    Overrule,
    Point,
    Runbook,
    RunbookStep,
    Settled,
    Walk,
    WalkedStep,
    Way,
)
from console.triage._advice import Configs, Culprit, advice, blamed

DEFAULT = "p99-latency"

Run = Callable[[CheckUse], Finding]
Found = Mapping[CheckUse, Finding]

# An answer that had to do without one that would have told more is worth a little less.
_DOUBT = 0.85
_OPPOSITE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}
_REASON = 300
_NOBODY = "for people: nobody has answered yet"
_NOT_SEEN = "nothing that the console sees tells"


def uses(runbook: Runbook) -> tuple[CheckUse, ...]:
    """Every check that a walk of the runbook asks for, each once and never negated, in the order of the runbook."""
    steps = (*runbook.steps, *([runbook.recovery] if runbook.recovery else ()))
    named = [use for step in steps for use in step.checks]
    named += [use for point in runbook.points for use in point.checks]
    return _plain([*named, *(CheckUse(each.culprit) for each in runbook.mitigations if each.culprit)])


def first_uses(library: Library) -> tuple[CheckUse, ...]:
    """Every check that ``pick`` asks for."""
    return _plain(use for runbook in library.runbooks.values() for use in runbook.steps[0].checks)


def pick(library: Library, run: Run) -> Runbook | None:
    """The runbook of lowest rank whose first step answers yes, else that of p99; None where there is neither."""
    for runbook in _ranked(library):
        first = runbook.steps[0]
        found = {use: run(use) for use in _plain(first.checks)}
        if first.checks and _combined(first, _findings(first.checks, found)) is Answer.YES:
            return runbook
    return library.runbooks.get(DEFAULT)


def for_alert(library: Library, alert: str) -> Runbook | None:
    """The runbook of lowest rank that names the alert's id."""
    return next((runbook for runbook in _ranked(library) if alert in runbook.alerts), None)


def walk(  # noqa: PLR0913 - what a walk depends on, each thing of another kind
    runbook: Runbook,
    run: Run,
    model: str,
    at: float,
    *,
    overrules: Mapping[str, Overrule] | None = None,
    configs: Configs | None = None,
) -> Walk:
    """The runbook walked on what ``run`` says of each of its checks; it is asked for each of them once.

    ``at`` is epoch seconds, ``overrules`` are by id of the step. ``configs`` gives a model's config by target name
    (``History.config``); without it no advice can say what a relative change comes to. ``onset`` and ``story`` stay
    empty: they are the scene's to tell.
    """
    found = {use: run(use) for use in uses(runbook)}
    said = overrules or {}
    path = tuple(_path(runbook, found, said))
    way, decided = _lead(path[-1])
    verdict = way.verdict or UNKNOWN
    return Walk(
        runbook=runbook,
        model=model,
        at=at,
        verdict=verdict,
        confidence=_confidence(path, decided),
        path=path,
        points=tuple(_settled(point, found) for point in runbook.points),
        advice=advice(runbook, path, verdict, _culprits(runbook, found, decided, model), configs),
        recovery=_walked(runbook.recovery, found, said) if runbook.recovery else None,
    )


def _culprits(
    runbook: Runbook, found: Found, decided: Finding | None, model: str
) -> dict[str, Culprit | None]:
    """Whom each check blames that a mitigation asks; under the empty name whom the verdict blames, else the model."""
    culprits: dict[str, Culprit | None] = {"": blamed(decided, model) or Culprit(model)}
    for each in runbook.mitigations:
        if each.culprit:
            culprits[each.culprit] = blamed(found[CheckUse(each.culprit)])
    return culprits


def _plain(uses: Iterable[CheckUse]) -> tuple[CheckUse, ...]:
    return tuple(dict.fromkeys(use._replace(negated=False) for use in uses))


def _findings(uses: Iterable[CheckUse], found: Found) -> tuple[Finding, ...]:
    """What the checks found, as it was asked for: the opposite where that was."""
    return tuple(
        finding._replace(answer=_OPPOSITE[finding.answer]) if use.negated else finding
        for use in uses
        for finding in [found[use._replace(negated=False)]]
    )


def _ranked(library: Library) -> list[Runbook]:
    return sorted(library.runbooks.values(), key=lambda runbook: (runbook.rank, runbook.id))


def _path(runbook: Runbook, found: Found, overrules: Mapping[str, Overrule]) -> Iterator[WalkedStep]:
    """The steps that are asked, up to the one whose answer leads to a verdict."""
    left = {step.id: step for step in runbook.steps}
    step: RunbookStep | None = runbook.steps[0]
    while step is not None:
        # Taken out, so that a circle ends the walk instead of never ending it.
        del left[step.id]
        walked = _walked(step, found, overrules)
        yield walked
        step = left.get(_lead(walked)[0].step)


def _walked(step: RunbookStep, found: Found, overrules: Mapping[str, Overrule]) -> WalkedStep:
    findings = _findings(step.checks, found)
    own = _combined(step, findings)
    over = overrules.get(step.id)
    if over is None:
        return WalkedStep(step, own, _reason(own, findings), findings, own)
    said = visible(f"{over.who}: {over.note}" if over.note else f"{over.who} says so", _REASON)
    return WalkedStep(step, over.answer, said, findings, own, over)


def _combined(step: RunbookStep, findings: Sequence[Finding]) -> Answer:
    answers = {finding.answer for finding in findings}
    first, last = (Answer.NO, Answer.YES) if step.every else (Answer.YES, Answer.NO)
    if first in answers:
        return first
    return last if answers == {last} else Answer.UNKNOWN


def _reason(answer: Answer, findings: Iterable[Finding]) -> str:
    """The reasons of those findings that say so, the surest first."""
    saying = [finding for finding in findings if finding.answer is answer]
    ordered = sorted(saying, key=lambda finding: -finding.confidence)
    reasons = list(dict.fromkeys(finding.reason for finding in ordered if finding.reason))
    return visible("; ".join(reasons), _REASON) if reasons else _NOBODY


def _lead(walked: WalkedStep) -> tuple[Way, Finding | None]:
    """Where the answer leads, with the verdict that a finding names in its place, and the finding that it rests on."""
    step = walked.step
    way = {Answer.YES: step.yes, Answer.NO: step.no, Answer.UNKNOWN: step.unknown}[walked.answer]
    saying = [finding for finding in walked.findings if finding.answer is walked.answer]
    if way.verdict == ANY:
        surest = _surest([finding for finding in saying if finding.verdict])
        if surest is not None:
            return Way(verdict=surest.verdict), surest
        return (Way(verdict=way.otherwise or UNKNOWN) if walked.overruled else step.unknown), None
    if way.verdict in {NONE, UNKNOWN}:
        return way, _least_sure(saying)
    # A finding that names another cause says less about this one.
    return way, _surest([each for each in saying if each.verdict in {"", way.verdict}] or saying)


def _surest(findings: Sequence[Finding]) -> Finding | None:
    return max(findings, key=lambda finding: finding.confidence, default=None)


def _least_sure(findings: Sequence[Finding]) -> Finding | None:
    return min(findings, key=lambda finding: finding.confidence, default=None)


def _confidence(path: Sequence[WalkedStep], decided: Finding | None) -> float:
    """That of the finding that decided, less for each step before it that could not tell; 1 for an engineer's word."""
    if path[-1].overruled is not None:
        return 1.0
    base = decided.confidence if decided is not None else 0.0
    blind = sum(1 for walked in path[:-1] if walked.answer is Answer.UNKNOWN and _decides(walked.step))
    return round(min(max(base, 0.0), 1.0) * _DOUBT**blind, 3)


def _decides(step: RunbookStep) -> bool:
    """Whether its answer changes where the walk goes."""
    return len({step.yes, step.no, step.unknown}) > 1


def _settled(point: Point, found: Found) -> Settled:
    """What is known about a point from its own checks, and from findings that say that they settle it."""
    mine = list(_findings(point.checks, found))
    mine += [finding for finding in found.values() if point.id in finding.settles and finding not in mine]
    answers = {finding.answer for finding in mine}
    for answer in (Answer.YES, Answer.UNKNOWN, Answer.NO):
        if answer in answers:
            return Settled(point, answer, _reason(answer, mine))
    return Settled(point, Answer.UNKNOWN, _NOT_SEEN)
