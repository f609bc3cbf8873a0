"""What changes things, keeps a record of every change, and checks what came of it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from console.domain.action import Action
from console.domain.journal import JournalReading, Record
from console.domain.plan import Check, Proposal, Step
from console.domain.release import Digests, Release
from console.domain.run import Verdict
from console.domain.situation import Captured, Situation, Traffic
from console.domain.snapshot import Snapshot
from console.domain.states import Json


class Control(Protocol):
    """One kind of thing that is changed; the executor alone calls ``apply``.

    ``name`` is unique in the fleet and is what ``Step.control`` says. Every call is bounded in
    time by its caller, and may raise ControlError or SourceError with what to do. Those that count
    nothing, remember nothing or keep nothing open inherit that from here.
    """

    name: str

    async def survey(self, action: Action, situation: Situation) -> object | None:
        """Read back what ``propose`` needs, and change nothing; None when the action is none of its business."""
        ...

    def propose(self, action: Action, situation: Situation, survey: Any) -> Proposal:
        """The control's part of a plan, from its arguments alone."""
        ...

    async def read(self, step: Step) -> Json:
        """The present state of the step's subject; None where it cannot be read."""
        ...

    async def apply(self, step: Step) -> None:
        """Make the change, or raise; returns when it is made.

        Raises ChangedError when the thing itself refuses because it is no longer as planned,
        StillRunningError when it goes on beyond the step's time.
        """
        ...

    async def traffic(self, subject: str) -> Traffic | None:  # noqa: ARG002 - for those that count
        """Request counters of a route since its gateway began; None where nothing counts."""
        return None

    async def capture(self, models: Sequence[str]) -> Captured:  # noqa: ARG002 - for those that have some
        """What a known-good release should remember of these models' images and routes."""
        return Captured()

    async def close(self) -> None:
        """Release connections; most keep none open."""
        return


class Journal(Protocol):
    """The record of every change; calls block."""

    def append(self, records: Sequence[Record]) -> None:
        """Write the records and sync them to disk; raises JournalError, and then nothing may be changed."""
        ...

    def read(self) -> JournalReading:
        """All that can be read, and all damage."""
        ...


class Releases(Protocol):
    """Known-good releases of one fleet, newest last; calls block."""

    def save(self, release: Release) -> None:
        """Keep a release; raises OSError."""
        ...

    def all(self) -> tuple[Release, ...]:
        """Every readable release, oldest first."""
        ...

    def problems(self) -> Sequence[str]:
        """What is there and cannot be read as a release, a sentence each."""
        ...


class Verifier(Protocol):
    """Checks that a version serves."""

    async def verify(self, check: Check, release: Release | None) -> tuple[Verdict, ...]:
        """Server ready, version ready, one synthetic inference, expected config and metadata; never raises."""
        ...

    async def contract(self, model: str, version: str, seen: Snapshot | None) -> tuple[Verdict, ...]:
        """How each clause of the model's contract stands, on every target; none without contracts. Never raises.

        ``seen`` is the picture of a watch, for what only that tells.
        """
        ...


class Repository(Protocol):
    """The model repository as files, where they can be read; calls block."""

    def size(self, model: str, version: str) -> int:
        """Bytes of a version's files, 0 where they cannot be read."""
        ...

    def digests(self, model: str, version: str, report: Callable[[int], None]) -> Digests | None:
        """SHA-256 of each file of a version; None where it cannot be read. Reports bytes as they are read."""
        ...

    def pbtxt(self, model: str) -> str | None:
        """The model's config.pbtxt; None where there is none or it cannot be read."""
        ...
