"""A door without an outside: knobs that are read and turned in memory, and a journal in a list."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.journal import Damage, JournalError, JournalReading, Record
from console.domain.plan import Check, ControlError, Proposal, ShareGoal, Step
from console.domain.release import Digests, Release
from console.domain.run import Verdict
from console.domain.situation import Captured, Situation, Traffic
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from console.engine.door import Door, Parts
from tests.parts.clock import HandClock, LeapingClock


def knob_step(subject: str, before: Json, after: Json, control: str = "knobs", **other: object) -> Step:
    """Turn one knob, with its inverse."""
    step = Step(
        control,
        subject,
        f"turn {subject}",
        f"turn {subject} to {after}",
        before,
        after,
        f"{subject} is {after}",
    )
    inverse = replace(step, call=f"turn {subject} to {before}", before=after, after=before)
    return replace(step, **{"inverse": inverse, **other})


@dataclass
class Knobs:
    """Knobs by name. ``wanted`` are the turns of an action's kind; ``proposal`` is used instead when it is set.

    ``held`` names knobs that break (the error is raised), ``slow`` those whose turn waits for an event.
    """

    name: str = "knobs"
    values: dict[str, Json] = field(default_factory=lambda: {"a": 1, "b": 1})
    wanted: Mapping[ActionKind, Mapping[str, Json]] = field(default_factory=dict)
    proposal: Proposal | None = None
    held: dict[str, Exception] = field(default_factory=dict)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    counters: list[Traffic] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    closed: bool = False

    async def survey(self, action: Action, situation: Situation) -> object | None:
        """The values now, when the kind of action is one of ours."""
        return dict(self.values) if self.proposal or action.kind in self.wanted else None

    def propose(self, action: Action, situation: Situation, survey: dict[str, Json]) -> Proposal:
        """A step for each knob that is not yet where it shall be."""
        if self.proposal is not None:
            return self.proposal
        goals = self.wanted[action.kind]
        steps = tuple(knob_step(k, survey[k], v, self.name) for k, v in goals.items() if survey[k] != v)
        share = ShareGoal(self.name, "a", (action.percent or 0.0) / 100) if self.counters else None
        checks = (Check("one", action.model),) if action.model else ()
        return Proposal(steps=steps, checks=checks, share=share)

    async def read(self, step: Step) -> Json:
        """The knob's value."""
        return self.values[step.subject]

    async def apply(self, step: Step) -> None:
        """Turn the knob."""
        if step.subject in self.slow:
            await self.slow[step.subject].wait()
        if step.subject in self.held:
            raise self.held[step.subject]
        self.values[step.subject] = step.after
        self.turned.append(f"{step.subject}={step.after}")

    async def traffic(self, subject: str) -> Traffic | None:
        """The next of the counters."""
        return self.counters.pop(0) if len(self.counters) > 1 else next(iter(self.counters), None)

    async def capture(self, models: Sequence[str]) -> Captured:
        """The knobs, as if they were routes."""
        return Captured(routes=dict(self.values))

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass
class MemoryJournal:
    """Records in a list; ``full`` after that many appends."""

    records: list[Record] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    full: int | None = None
    appends: int = 0

    def append(self, records: Sequence[Record]) -> None:
        """Keep the records, or say that the disk is full."""
        self.appends += 1
        if self.full is not None and self.appends > self.full:
            raise JournalError("no space left on device")
        self.records.extend(records)

    def read(self) -> JournalReading:
        """All records."""
        return JournalReading(tuple(self.records), tuple(self.damages))


@dataclass
class MemoryReleases:
    """Releases in a list."""

    kept: list[Release] = field(default_factory=list)

    def save(self, release: Release) -> None:
        """Keep it."""
        self.kept.append(release)

    def all(self) -> tuple[Release, ...]:
        """All of them."""
        return tuple(self.kept)

    def problems(self) -> tuple[str, ...]:
        """None."""
        return ()


@dataclass
class MemoryRepository:
    """Digests by (model, version)."""

    files: dict[tuple[str, str], Digests] = field(default_factory=dict)

    def size(self, model: str, version: str) -> int:
        """A hundred bytes for each file."""
        return 100 * len(self.files.get((model, version), ()))

    def digests(self, model: str, version: str, report: Callable[[int], None]) -> Digests | None:
        """As given."""
        found = self.files.get((model, version))
        for _ in found or ():
            report(100)
        return found

    def pbtxt(self, model: str) -> str | None:
        """None."""
        return None


@dataclass
class CalmVerifier:
    """Finds every version ready, except those it was told of."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    asked: list[Check] = field(default_factory=list)
    clauses: tuple[Verdict, ...] = ()

    async def contract(self, model: str, version: str, seen: Snapshot | None) -> tuple[Verdict, ...]:
        """As given."""
        return self.clauses

    async def verify(self, check: Check, release: Release | None) -> tuple[Verdict, ...]:
        """One verdict."""
        self.asked.append(check)
        subject = f"{check.target} {check.model}"
        return (self.verdicts.get(check.model, Verdict("version_ready", subject, passed=True)),)


@dataclass
class Bench:
    """A door and everything it is made of."""

    fleet: Fleet
    knobs: Knobs
    journal: MemoryJournal
    releases: MemoryReleases
    repository: MemoryRepository
    verifier: CalmVerifier
    clock: HandClock
    door: Door

    def another(self, who: str = "bob@elsewhere") -> Door:
        """A second console on the same world and the same journal."""
        return _door(self, self.fleet, who, self.door._see)


def _door(bench: "Bench", fleet: Fleet, who: str, see: Callable[[], Snapshot | None]) -> Door:
    parts = Parts(
        controls=(bench.knobs,),
        journal=bench.journal,
        releases=bench.releases,
        repository=bench.repository,
        verifier=bench.verifier,
        clock=bench.clock,
        random=Random(len(who)),
        who=who,
    )
    return Door(fleet, parts, see)


def bench(snapshot: Snapshot | None, knobs: Knobs | None = None, fleet: Fleet | None = None) -> Bench:
    """A door over knobs, on a snapshot, with a clock that leaps."""
    fleet = fleet or (snapshot.fleet if snapshot is not None else Fleet())
    made = Bench(
        fleet=fleet,
        knobs=knobs or Knobs(),
        journal=MemoryJournal(),
        releases=MemoryReleases(),
        repository=MemoryRepository(),
        verifier=CalmVerifier(),
        clock=LeapingClock(),
        door=None,  # type: ignore[arg-type]
    )
    made.door = _door(made, fleet, "ana@bastion", lambda: snapshot)
    return made


def broken(message: str, hint: str = "") -> ControlError:
    """An error of a control."""
    return ControlError(message, hint)
