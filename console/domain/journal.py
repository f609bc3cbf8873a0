"""What the journal says: its records, and the plans that they tell of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from console.domain.action import ActionKind
from console.domain.fleet import Fleet
from console.domain.plan import Plan, Step
from console.domain.plan_json import read_effects, read_measured, read_plan, read_verdicts
from console.domain.run import Effect, Measured, Outcome, Result, StepRun, Verdict
from console.domain.states import Json


class RecordKind(StrEnum):
    """What a record tells; an ``INTENT`` is on disk before its step, an ``OUTCOME`` after it."""

    BEGIN = "begin"
    INTENT = "intent"
    OUTCOME = "outcome"
    END = "end"
    EFFECT = "effect"
    HANDLED = "handled"
    GOOD = "good"


class Record(NamedTuple):
    """One line of the journal: ``plan`` is the plan's id (the release's for GOOD), ``at`` epoch seconds."""

    kind: RecordKind
    plan: str
    at: float
    who: str
    body: Mapping[str, Json]


class Damage(NamedTuple):
    """One place where the journal is not what was written: its line (from 1; 0 is the whole), and a sentence."""

    line: int
    message: str


class JournalReading(NamedTuple):
    """All readable records, oldest first, and every damage found on the way."""

    records: Sequence[Record]
    damages: Sequence[Damage]


class JournalNews(NamedTuple):
    """Records that were not there at the look before, oldest first; at the first look those of the last hours."""

    records: tuple[Record, ...]


class JournalError(Exception):
    """The journal cannot be written; nothing may be changed then."""


class Runner(NamedTuple):
    """The process that runs a plan."""

    host: str
    pid: int
    started: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan of the journal and what became of it.

    ``runner`` is the console that began it; ``undone`` the id of the plan that undid it, ``continued`` of the
    one that went on with it; ``handled`` says who marked it as handled, and why. ``targets`` are the fleet's, as
    the command line takes them, by name.
    """

    id: str
    at: float
    who: str
    reason: str
    runner: Runner
    plan: Plan
    steps: tuple[StepRun, ...]
    targets: Mapping[str, str]
    result: Result = Result.RUNNING
    message: str = ""
    verdicts: tuple[Verdict, ...] = ()
    measured: Measured | None = None
    effects: tuple[Effect, ...] = ()
    undone: str = ""
    continued: str = ""
    handled: str = ""

    @property
    def open(self) -> bool:
        """Whether its end was never written: it runs, or its console died."""
        return self.result is Result.RUNNING

    @property
    def touched(self) -> tuple[tuple[Step, StepRun], ...]:
        """The steps that changed, or may have changed, something, in their order."""
        pairs = zip(self.plan.steps, self.steps, strict=True)
        return tuple((step, run) for step, run in pairs if run.outcome in _TOUCHING)

    @property
    def undoing(self) -> bool:
        """Whether it takes back what other plans did."""
        return self.plan.action.kind in _UNDOING

    @property
    def unfinished(self) -> bool:
        """Whether it was begun and nobody has said what became of it."""
        return self.open and not (self.continued or self.undone or self.handled)

    def concerns(self, fleet: Fleet) -> bool:
        """Whether it ran on a target of this fleet: those of the command line all share one journal."""
        urls = {target.url for target in fleet.targets}
        # What is found may be gone by now; such a fleet is in the settings, and has a journal of its own.
        return (
            fleet.unfolding
            or not self.targets
            or any(text.partition(",")[0] in urls for text in self.targets.values())
        )

    @property
    def standing(self) -> bool:
        """Whether something that it changed is still meant to be so."""
        ended = not self.open or bool(self.continued)
        return ended and bool(self.touched) and not (self.undone or self.handled)


_TOUCHING = {Outcome.DONE, Outcome.STILL_RUNNING, Outcome.RUNNING, Outcome.UNKNOWN}


def entries(records: Iterable[Record]) -> tuple[Entry, ...]:
    """The plans of the records, in the order they began."""
    found: dict[str, Entry] = {}
    for record in records:
        if record.kind is RecordKind.BEGIN:
            found[record.plan] = _begun(record)
            _follow(found, found[record.plan])
        elif record.plan in found and _fits(found[record.plan], record):
            found[record.plan] = _told(found[record.plan], record)
    undone = _undone(found.values())
    return tuple(replace(e, undone=undone[e.id]) if e.id in undone else e for e in found.values())


def odd(record: Record) -> str:
    """Why a record says nothing to this version of the console; empty when it is understood."""
    body = record.body
    try:
        match record.kind:
            case RecordKind.BEGIN:
                _begun(record)
            case RecordKind.INTENT:
                _number(body)
            case RecordKind.OUTCOME:
                _number(body)
                Outcome(str(body["outcome"]))
            case RecordKind.END:
                Result(str(body["result"]))
                read_verdicts(body.get("verdicts"))
                read_measured(body.get("measured"))
            case RecordKind.EFFECT:
                read_effects(body.get("effects"))
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _begun(record: Record) -> Entry:
    body = record.body
    plan = read_plan(body["plan"])
    runner = body["runner"]
    targets = body.get("targets")
    if not isinstance(runner, Mapping):
        raise ValueError("a plan without its runner")  # noqa: TRY004 - one error type for every odd record
    return Entry(
        id=record.plan,
        at=record.at,
        who=record.who,
        reason=plan.action.reason,
        runner=Runner(str(runner["host"]), int(str(runner["pid"])), float(str(runner["started"]))),
        plan=plan,
        steps=tuple(StepRun() for _ in plan.steps),
        targets={str(k): str(v) for k, v in targets.items()} if isinstance(targets, Mapping) else {},
    )


def _follow(found: dict[str, Entry], entry: Entry) -> None:
    """Link a plan that continues another; what it undid is linked when it has ended well."""
    before = found.get(entry.plan.action.plan)
    if before is not None and entry.plan.action.kind is ActionKind.CONTINUE:
        found[before.id] = replace(before, continued=entry.id)


def _told(entry: Entry, record: Record) -> Entry:
    body = record.body
    match record.kind:
        case RecordKind.INTENT:
            run = StepRun(Outcome.UNKNOWN, before=body.get("before"), since=record.at)
            return _with_step(entry, body, run)
        case RecordKind.OUTCOME:
            return _with_step(entry, body, _outcome(entry, body))
        case RecordKind.END:
            return replace(
                entry,
                result=Result(str(body["result"])),
                message=str(body.get("message", "")),
                verdicts=read_verdicts(body.get("verdicts")),
                measured=read_measured(body.get("measured")),
            )
        case RecordKind.EFFECT:
            return replace(entry, effects=read_effects(body.get("effects")))
        case RecordKind.HANDLED:
            said = f"{record.who}: {body.get('reason', '')}".rstrip(": ")
            return replace(entry, handled=said, result=Result.HANDLED if entry.open else entry.result)
        case _:
            return entry


def _fits(entry: Entry, record: Record) -> bool:
    """Whether a record of a step is about one that the plan has."""
    about_step = record.kind in {RecordKind.INTENT, RecordKind.OUTCOME}
    return not about_step or 0 <= _number(record.body) < len(entry.steps)


def _number(body: Mapping[str, Json]) -> int:
    return int(str(body["step"]))


def _with_step(entry: Entry, body: Mapping[str, Json], run: StepRun) -> Entry:
    number = _number(body)
    return replace(entry, steps=(*entry.steps[:number], run, *entry.steps[number + 1 :]))


def _outcome(entry: Entry, body: Mapping[str, Json]) -> StepRun:
    before = entry.steps[_number(body)]
    seconds = body.get("seconds")
    return before._replace(
        outcome=Outcome(str(body["outcome"])),
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        message=str(body.get("message", "")),
        after=body.get("after"),
    )


def _undone(found: Iterable[Entry]) -> dict[str, str]:
    """By which later plan each was undone: what was undone by a plan that ended well no longer stands."""
    ended = (e for e in found if e.undoing and e.result is Result.VERIFIED)
    return {undone: later.id for later in ended for undone in later.plan.action.plan.split()}


_UNDOING = {ActionKind.UNDO, ActionKind.UNFREEZE, ActionKind.RESTORE}
