"""The shapes that the engine depends on; adapters and the system clock fill them in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from console.domain.action import Action
from console.domain.incident import Incident
from console.domain.journal import JournalReading, Record
from console.domain.marker import Marker
from console.domain.plan import Check, Proposal, Step
from console.domain.recording import Frame, Input, Session, Taping
from console.domain.release import Digests, Release
from console.domain.run import Verdict
from console.domain.sample import Reading, Spread
from console.domain.situation import Captured, Situation, Traffic
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from console.domain.triage import Asked, Library, Overrule, Walk


class Clock(Protocol):
    """Time as the engine sees it: the system's in wiring, a hand-driven one in tests."""

    def now(self) -> float:
        """Wall time in seconds since the epoch, UTC; it may step."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; for differences only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of this clock."""
        ...


class Source(Protocol):
    """One thing that is polled.

    ``name`` is unique in the fleet. ``target`` names the server it belongs to, or is
    None. ``every`` and ``timeout`` are seconds.
    """

    name: str
    target: str | None
    every: float
    timeout: float

    async def poll(self) -> Reading | Spread:
        """One reading, or a spread of them; raises SourceError when nothing usable came back."""
        ...

    async def close(self) -> None:
        """Release connections; the source is not polled again."""
        ...


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


class Queries(Protocol):
    """A Prometheus that answers PromQL."""

    async def ask(self, query: str) -> Asked:
        """The newest value of an expression; what goes wrong is the answer's ``problem``."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Triage(Protocol):
    """Walks runbooks on snapshots; whoever shows a walk reaches it as ``engine.triage``."""

    @property
    def library(self) -> Library:
        """The runbooks, and what is wrong with those that cannot be read."""
        ...

    def runbook_for(self, alert: str) -> str:
        """The id of the runbook that an alert of that id opens, empty where none names it."""
        ...

    async def look(
        self,
        snapshot: Snapshot,
        model: str,
        runbook: str = "",
        overrules: Mapping[str, Overrule] | None = None,
    ) -> Walk:
        """A runbook walked on the picture, the one that fits best where none is named; ``overrules`` by id of the step.

        Raises LookupError when there is no such runbook.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Recorder(Protocol):
    """Keeps what a store is fed with; its calls never wait for a disk and never raise."""

    @property
    def state(self) -> Taping:
        """How it fares."""
        ...

    def take(self, entry: Input) -> None:
        """Keep one input."""
        ...

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        """End a frame: all inputs since the tick before, and the markers that this picture is the first to show."""
        ...

    def tell(self, walk: Walk) -> None:
        """Keep an answer of the triage."""
        ...

    def close(self) -> None:
        """Write what is left and end; blocks."""
        ...


class Recording(Protocol):
    """A recording that is read; its iterators skip what is damaged, and all is bounded by what the file holds."""

    @property
    def path(self) -> str:
        """Where it is."""
        ...

    @property
    def sessions(self) -> Sequence[Session]:
        """The runs of the console that it holds, oldest first; ``Frame.session`` counts in them."""
        ...

    @property
    def since(self) -> float:
        """Time of its first frame, epoch seconds."""
        ...

    @property
    def until(self) -> float:
        """Time of its last frame."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """What of it cannot be read, a sentence each; so far as it was looked at."""
        ...

    @property
    def markers(self) -> Sequence[Marker]:
        """Every marker that was shown, oldest first; told without reading the frames."""
        ...

    @property
    def walks(self) -> Sequence[Walk]:
        """The answers of the triage as they were shown, oldest first."""
        ...

    def frames(self, since: float = ..., until: float = ..., *, sparse: bool = False) -> Iterator[Frame]:
        """The frames of a stretch (epoch seconds), from the last whole frame at or before ``since`` on; a seek is immediate.

        ``sparse`` gives about one in ten seconds, at a tenth of the cost: enough to fill charts.
        """
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class Past(Protocol):
    """Somewhere to find what was before the watch began."""

    async def open(self, since: float) -> Recording | None:
        """What there is from then (epoch seconds) on, None where there is nothing; raises RecordingError."""
        ...

    @property
    def name(self) -> str:
        """In words: ``flight recorder``, ``Prometheus``."""
        ...


class Incidents(Protocol):
    """The fleet's incidents, in a file that all consoles share; calls block."""

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first; raises OSError where their file cannot be read at all."""
        ...

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        """Open one, or return the one that is open; raises OSError."""
        ...

    def close(self, who: str) -> Incident | None:
        """Close the open one and keep its window as a bundle; None where none is open. Raises OSError."""
        ...
