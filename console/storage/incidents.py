"""A fleet's incidents on disk: a line when one is opened, a line when it is closed, and then its bundle."""

import os
import secrets
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from console.domain.bundle import Manifest
from console.domain.fleet import Fleet
from console.domain.incident import Incident, addresses, bundle_name, current
from console.domain.redaction import Redaction as Names
from console.storage._files import (
    MODE,
    UnsafeFileError,
    advice,
    make_folder,
    open_private,
    safe_name,
    sync,
    write_all,
)
from console.storage._incident_lines import TEXT_LIMIT, Incidents, closing, incidents_of, is_whole, opening
from console.storage._redaction import Redaction
from console.storage.bundle import write_bundle
from console.storage.keeping import gathered
from console.transport.file_lock import try_lock

# Far more incidents than any fleet has; a file beyond this is none of ours.
SIZE_LIMIT = 16 * 2**20
# Nobody holds the file longer than one line takes, unless it is stopped or its disk hangs.
LOCK_WAIT_S = 10.0
_LOCK_LOOK_S = 0.005
# So long the recordings wait for a bundle that could not be made when its incident was closed.
_BUNDLE_S = 24 * 3600.0
# One that nobody has closed for so long was forgotten: recordings must not fill the disk for it.
_FORGOTTEN_S = 7 * 24 * 3600.0
# Letters and digits that are not taken for one another when they are read aloud.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_Identity = tuple[int, int, int, int, int]


def incidents_path(state: Path, fleet: str) -> Path:
    """The file of a fleet's incidents in the folder where everything is kept."""
    return state / f"incidents-{safe_name(fleet)}.jsonl"


def bundle_path(state: Path, incident: str) -> Path:
    """Where the bundle of an incident is kept."""
    return state / bundle_name(incident)


class IncidentFiles:
    """``ports.Incidents`` in a file of mode 0600 that several consoles share; secrets are taken out by their values.

    What is opened is about the fleet's targets, and only such is closed: fleets of the command line share one file.
    ``now`` gives epoch seconds.
    """

    def __init__(self, state: Path, fleet: Fleet, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._fleet = fleet
        self._path = incidents_path(state, fleet.name)
        self._now = now
        self._redaction = Redaction(fleet.secrets)
        self._guard = threading.Lock()
        self._making = threading.Lock()
        self._known: tuple[_Identity, Incidents] | None = None

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first; raises OSError where the file cannot be read at all."""
        return self._read().incidents

    def problems(self) -> tuple[str, ...]:
        """Each line of the file that tells of no incident, a sentence each; raises OSError."""
        return tuple(f"{self._path}: {said}" for said in self._read().problems)

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        """Open one, or return the one that is open; raises OSError."""
        with self._told("no incident can be opened"):
            make_folder(self._path.parent)
            with self._locked() as descriptor:
                known = _incidents(descriptor).incidents
                standing = self._standing(known)
                if standing is not None:
                    return standing
                now = self._now()
                made = Incident(
                    id=_new_id(now, known),
                    opened=now,
                    by=self._text(who),
                    why=self._text(why),
                    plan=self._text(plan),
                    targets=addresses(self._fleet),
                )
                _append(descriptor, opening(made))
                return made

    def close(self, who: str) -> Incident | None:
        """Close the open one, then keep its window as a bundle; None where none is open.

        Raises OSError: where the incident is closed by then and only its bundle could not be made, it says so.
        """
        closed = self._closed(who)
        if closed is not None:
            with self._told(f"{closed.id} is closed, but its bundle could not be made"):
                self.bundle(closed)
        return closed

    def bundle(self, incident: Incident, path: Path | None = None, redact: Names | None = None) -> Manifest:
        """Make the bundle of an incident, at its place unless a path is given; raises OSError.

        ``redact`` puts stand-ins for the names of hosts and people.
        """
        to = path or bundle_path(self._state, incident.id)
        with self._making, gathered(incident, self._state, self._fleet) as given:
            return write_bundle(to, incident, given, now=self._now(), redact=redact)

    def pinned(self) -> float | None:
        """The moment (epoch seconds) from which no recording may be dropped; None where all may be.

        That is the window of what is open, for a week, and of what was closed within a day and has no bundle yet.
        """
        try:
            known = self.all()
        except OSError:
            return None
        now = self._now()
        return min((each.since for each in known if self._pins(each, now)), default=None)

    def _pins(self, incident: Incident, now: float) -> bool:
        if incident.closed is None:
            return incident.opened > now - _FORGOTTEN_S
        return incident.closed > now - _BUNDLE_S and not bundle_path(self._state, incident.id).exists()

    def _standing(self, known: Iterable[Incident]) -> Incident | None:
        return current(tuple(each for each in known if each.concerns(self._fleet)))

    def _closed(self, who: str) -> Incident | None:
        with self._told("the incident cannot be closed"):
            try:
                with self._locked(create=False) as descriptor:
                    standing = self._standing(_incidents(descriptor).incidents)
                    if standing is None:
                        return None
                    at = max(self._now(), standing.opened)
                    closed = standing._replace(closed=at, closed_by=self._text(who))
                    _append(descriptor, closing(closed))
                    return closed
            except FileNotFoundError:
                return None

    def _read(self) -> Incidents:
        with self._guard, self._told("the incidents cannot be read"):
            try:
                descriptor = open_private(self._path, os.O_RDONLY)
            except FileNotFoundError:
                self._known = None
                return Incidents()
            try:
                identity = _identity(os.fstat(descriptor))
                if self._known is None or self._known[0] != identity:
                    self._known = identity, _incidents(descriptor)
                return self._known[1]
            finally:
                os.close(descriptor)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """An OSError says in words what could not be done, and what to do."""
        try:
            yield
        except OSError as error:
            where = error.filename or self._path
            raise UnsafeFileError(f"{what}: {where}: {advice(error)}") from error

    @contextmanager
    def _locked(self, *, create: bool = True) -> Iterator[int]:
        """The file's descriptor while no other console writes to it; raises OSError."""
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0)
        descriptor = open_private(self._path, flags)
        try:
            until = time.monotonic() + LOCK_WAIT_S
            while not try_lock(descriptor):
                if time.monotonic() > until:
                    held = f"another process has held it for {LOCK_WAIT_S:.0f} s"
                    raise UnsafeFileError(f"{held}: find it (fuser {self._path}) and let it go on, or end it")
                time.sleep(_LOCK_LOOK_S)
            if stat.S_IMODE(os.fstat(descriptor).st_mode) != MODE:
                os.fchmod(descriptor, MODE)
            yield descriptor
        finally:
            os.close(descriptor)

    def _text(self, text: str) -> str:
        return self._redaction.text(text)[:TEXT_LIMIT]


def _incidents(descriptor: int) -> Incidents:
    """What the file says; a last line that broke off is left out, and told."""
    return incidents_of(_content(descriptor).splitlines())


def _content(descriptor: int) -> bytes:
    # The descriptor is the caller's to close: closing it would give up the lock.
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        data = file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UnsafeFileError(f"it has more than {SIZE_LIMIT} bytes: it was not written by the console")
    return data


def _append(descriptor: int, line: bytes) -> None:
    """Add a line, on disk when this returns; what a dead console left of its last one goes. Raises OSError."""
    content = _content(descriptor)
    start = content.rfind(b"\n") + 1
    torn = content[start:]
    size = len(content) if is_whole(torn) or not torn else start
    os.ftruncate(descriptor, size)
    try:
        write_all(descriptor, (b"\n" if size and content[size - 1 : size] != b"\n" else b"") + line)
        sync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _new_id(now: float, known: tuple[Incident, ...]) -> str:
    """Month, day and three letters: short enough to be typed, and in the order of the days."""
    taken = {incident.id for incident in known}
    day = datetime.fromtimestamp(now, UTC).strftime("%m%d")
    while True:
        name = f"{day}-{''.join(secrets.choice(_LETTERS) for _ in range(3))}"
        if name not in taken:
            return name


def _identity(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
