"""A console that runs one plan in a process of its own and is killed at the Nth boundary of it.

A boundary is: before and after each append to the journal, each read and each change of a control; each time a
change waits for something outside; and, looked at finely, each system call that opens, writes, syncs, renames
or removes a file, with every write also broken off half-way.
"""

import asyncio
import os
import resource
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from console import wiring
from console.clock import SystemClock
from console.domain.fleet import Fleet
from console.domain.journal import JournalError, JournalReading, Record
from console.domain.plan import Plan, Step
from console.domain.states import Json
from console.engine.door import Door, Parts
from console.ports import Control, Journal
from console.storage.journal import FileJournal
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.knobs import CalmVerifier, MemoryReleases, MemoryRepository

More = Callable[[Fleet], list[Control]]

_UNLIMITED = resource.RLIM_INFINITY
_FILE_EVENTS = {"open", "os.link", "os.rename", "os.remove", "os.mkdir", "os.truncate"}


@dataclass(frozen=True)
class Job:
    """What the process shall do.

    ``at`` is the boundary to die at (0: none); ``fine`` counts system calls on files below ``folder`` too.
    ``full`` is the append from which on the disk is full (0: never). ``more`` makes controls besides the fleet's.
    """

    fleet: Fleet
    plan: Plan
    journal: Path
    folder: Path
    at: int = 0
    fine: bool = False
    full: int = 0
    more: More | None = None

    @property
    def log(self) -> Path:
        """One line for each boundary that was crossed."""
        return self.journal.with_suffix(".crossed")

    @property
    def answer(self) -> Path:
        """What the run came to, when the process lived to its end."""
        return self.journal.with_suffix(".answer")


def controls_of(fleet: Fleet, http: Http, more: More | None) -> list[Control]:
    """The controls that the settings ask for, and more."""
    kit = Kit(SystemClock(), http)
    return [*wiring.open_controls(fleet, kit), *(more(fleet) if more else [])]


def door_of(
    fleet: Fleet, controls: Sequence[Control], journal: Journal, see: Callable[[], Any], haste: float
) -> Door:
    """A console's door; its clock goes ``haste`` times faster than time."""
    parts = Parts(
        controls=controls,
        journal=journal,
        releases=MemoryReleases(),
        repository=MemoryRepository(),
        verifier=CalmVerifier(),
        clock=HastyClock(haste),
        random=Random(),
        who="ana@bastion",
    )
    return Door(fleet, parts, see)


class HastyClock(SystemClock):
    """The system's clock for somebody who has less time: waiting takes a part of what it should."""

    def __init__(self, haste: float) -> None:
        self._haste = haste
        self._skipped = 0.0

    def now(self) -> float:
        """Wall time, with what was not waited for."""
        return super().now() + self._skipped

    def monotonic(self) -> float:
        """Time, with what was not waited for."""
        return super().monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        """Wait for a part of it."""
        part = seconds / self._haste
        await asyncio.sleep(part)
        self._skipped += seconds - part


def child(job: Job) -> None:
    """Run the plan, or die on the way."""
    # What the tests' own process does with signals and threads is none of this one's business.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    crossings = Crossings(job)
    asyncio.run(_run(job, crossings))


async def _run(job: Job, crossings: "Crossings") -> None:
    found = controls_of(job.fleet, Http(job.fleet.headers, job.fleet.tls), job.more)
    controls: list[Control] = [Watched(each, crossings) for each in found]
    journal = WatchedJournal(FileJournal(job.journal), crossings, job.full)
    door = door_of(job.fleet, controls, journal, lambda: None, 20)
    if job.fine:
        crossings.watch_files()
    try:
        run = await door.run(job.plan)
        said = f"{run.result.value}: {run.message}"
    except JournalError as error:
        said = f"error: {error}"
    crossings.stop()
    resource.setrlimit(resource.RLIMIT_FSIZE, (_UNLIMITED, _UNLIMITED))
    job.answer.write_text(said)
    # Whatever a control still has open dies as it does with any process that ends.
    os._exit(0)


class Crossings:
    """Counts boundaries, writes them down, and kills this process at one of them."""

    def __init__(self, job: Job) -> None:
        self._at = job.at
        self._full = job.full
        self._folder = str(job.folder)
        self._count = 0
        self._on = True
        self._guard = threading.RLock()
        self._write, self._fsync = os.write, os.fsync
        self._log = os.open(job.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def stop(self) -> None:
        """Count no more."""
        self._on = False

    def cross(self, where: str) -> None:
        """A boundary; does not return from the one to die at."""
        with self._guard:
            if not self._on:
                return
            self._count += 1
            if not self._full:
                self._write(self._log, f"{where}\n".encode())
            if self._count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_files(self) -> None:
        """From now on each system call that changes a file is a boundary too."""
        os.write, os.fsync = self._half_write, self._synced  # type: ignore[assignment]
        sys.addaudithook(self._audited)

    def _half_write(self, descriptor: int, data: bytes) -> int:
        if not self._mine(name := _name(descriptor)):
            return self._write(descriptor, data)
        self.cross(f"write {name}")
        if self._count + 1 == self._at:
            self._write(descriptor, bytes(data)[: len(data) // 2])
        self.cross(f"half of write {name}")
        return self._write(descriptor, data)

    def _synced(self, descriptor: int) -> None:
        if self._mine(name := _name(descriptor)):
            self.cross(f"sync {name}")
        self._fsync(descriptor)

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS and self._mine(str(arguments[0])):
            self.cross(f"{event} {arguments[0]}")

    def _mine(self, path: str) -> bool:
        return self._on and path.startswith(self._folder) and not path.endswith(".crossed")


def _name(descriptor: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


class WatchedJournal:
    """A journal whose appends are boundaries; from the append ``full`` on its disk is full."""

    def __init__(self, journal: FileJournal, crossings: Crossings, full: int) -> None:
        self._journal = journal
        self._crossings = crossings
        self._full = full
        self._appends = 0

    def append(self, records: Sequence[Record]) -> None:
        """As the journal."""
        kinds = "+".join(record.kind.value for record in records)
        self._appends += 1
        if self._appends == self._full:
            _fill_disk(self._journal._path)
        self._crossings.cross(f"before append {kinds}")
        self._journal.append(records)
        self._crossings.cross(f"after append {kinds}")

    def read(self) -> JournalReading:
        """As the journal."""
        return self._journal.read()


def _fill_disk(journal: Path) -> None:
    """No file may become longer than the journal with half a record more."""
    size = (journal.stat().st_size if journal.exists() else 0) + 100
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, _UNLIMITED))


class Watched:
    """A control whose reads and changes are boundaries."""

    def __init__(self, control: Control, crossings: Crossings) -> None:
        self.name = control.name
        self._control = control
        self._cross = crossings.cross

    async def read(self, step: Step) -> Json:
        """As the control."""
        self._cross(f"before read {step.subject}")
        state = await self._control.read(step)
        self._cross(f"after read {step.subject}")
        return state

    async def apply(self, step: Step) -> None:
        """As the control, with a boundary wherever it waits."""
        self._cross(f"before change {step.subject}")
        await _Waits(self._control.apply(step), lambda: self._cross(f"within change {step.subject}"))
        self._cross(f"after change {step.subject}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._control, name)


class _Waits:
    """Runs something and calls back each time it begins to wait."""

    def __init__(self, inner: Awaitable[None], waits: Callable[[], None]) -> None:
        self._inner = inner.__await__()
        self._waits = waits

    def __await__(self) -> Generator[Any, Any, None]:
        waited: Any = None
        failed: BaseException | None = None
        while True:
            try:
                wanted = self._inner.send(waited) if failed is None else self._inner.throw(failed)  # type: ignore[attr-defined]
            except StopIteration:
                return
            self._waits()
            failed = None
            try:
                waited = yield wanted
            except BaseException as error:  # noqa: BLE001 - it belongs to what is run
                failed = error
