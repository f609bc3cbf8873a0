"""The journal on disk: one line per record, chained by hashes, synced before anything is changed."""

import os
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from console.domain.journal import Damage, JournalError, JournalReading, Record
from console.domain.secret import Secret
from console.storage._chain import Chain
from console.storage._files import MODE, advice, make_folder, open_private, safe_name, sync, write_all
from console.storage._head import Head
from console.storage._lines import LINE_LIMIT, START, HeadTrouble, Link, encode
from console.storage._redaction import Redaction
from console.storage._walk import ended, forward, good
from console.transport.file_lock import try_lock

# Nobody holds the journal longer than one append takes, unless it is stopped or its disk hangs.
LOCK_WAIT_S = 10.0
# Short, so that a console that writes one record after the other leaves room for the others.
_LOCK_LOOK_S = 0.001
_NOTHING_CHANGES = "nothing is changed without a record"

_Identity = tuple[int, int, int, int, int]


def journal_path(state: Path, fleet: str) -> Path:
    """The journal of a fleet in the folder where everything is kept."""
    return state / f"journal-{safe_name(fleet)}.jsonl"


class FileJournal:
    """``ports.Journal`` in a file of mode 0600 (one that is wider is narrowed before it is written to), with a head
    file beside it; secrets are taken out by their values.

    Several consoles may write to it. It proves that lines were changed, removed, moved or put in, and that its end
    was cut off; not by whom, and not to somebody who made the whole chain and its head anew.
    """

    def __init__(self, path: Path, secrets: Iterable[Secret] = ()) -> None:
        self._path = path
        self._head = Head(path)
        self._redaction = Redaction(secrets)
        self._guard = threading.Lock()
        self._known: tuple[_Identity, Chain] | None = None

    def append(self, records: Sequence[Record]) -> None:
        """Write the records in one go and sync them to disk; raises JournalError, and then none of them counts."""
        if not records:
            return
        with self._guard:
            try:
                make_folder(self._path.parent)
                with self._locked(os.O_RDWR | os.O_APPEND | os.O_CREAT, shared=False) as descriptor:
                    self._append(descriptor, records)
            except OSError as error:
                raise JournalError(
                    f"{self._path} cannot be written: {advice(error)}; {_NOTHING_CHANGES}"
                ) from error

    def read(self) -> JournalReading:
        """All that can be read, and all damage; never raises for what stands in the file."""
        with self._guard:
            try:
                with self._locked(os.O_RDONLY, shared=True) as descriptor:
                    return self._read(descriptor)
            except FileNotFoundError:
                return Chain().reading(self._head.read())
            except (OSError, JournalError) as error:
                said = advice(error) if isinstance(error, OSError) else str(error)
                return JournalReading((), (Damage(0, f"{self._path} cannot be read: {said}"),))

    def _append(self, descriptor: int, records: Sequence[Record]) -> None:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != MODE:
            os.fchmod(descriptor, MODE)
        before = os.fstat(descriptor)
        size = before.st_size
        after, trouble = self._end(descriptor, size)
        lines, last = self._encoded(records, after, trouble)
        if size == 0 and self._head.read().trouble is HeadTrouble.MISSING:
            # From the first record on there is a head, so that a journal without one has lost it.
            self._head.write(START)
        whole = ended(descriptor, size)
        try:
            write_all(descriptor, (b"" if whole else b"\n") + b"".join(lines))
            sync(descriptor)
            self._head.write(last)
        except OSError:
            self._take_back(descriptor, size, last)
            raise
        known, self._known = self._known, None
        if known is not None and whole and known[0] == _identity(before):
            for line in lines:
                known[1].feed(line[:-1])
            self._known = _identity(os.fstat(descriptor)), known[1]

    def _end(self, descriptor: int, size: int) -> tuple[Link, HeadTrouble | None]:
        """What the next record is chained to, and what it has to say of the head file."""
        links, head = good(descriptor, size), self._head.read()
        last = next(links)
        if head.link is None:
            return last, None if size == 0 and head.trouble is HeadTrouble.MISSING else head.trouble
        if head.link.seq > last.seq:
            # The journal was cut off: the gap stays in the numbers for ever.
            return head.link, None
        remembered = next(link for link in chain([last], links) if link.seq <= head.link.seq)
        return last, None if remembered == head.link else HeadTrouble.DAMAGED

    def _encoded(
        self, records: Sequence[Record], after: Link, trouble: HeadTrouble | None
    ) -> tuple[Sequence[bytes], Link]:
        lines: list[bytes] = []
        for record in records:
            try:
                line, after = encode(self._redaction.record(record), after, None if lines else trouble)
            except (ValueError, TypeError, RecursionError) as error:
                raise JournalError(
                    f"a record of {record.plan} is not JSON ({error}); {_NOTHING_CHANGES}"
                ) from error
            if len(line) > LINE_LIMIT:
                said = f"a record of {record.plan} has {len(line)} bytes, and {LINE_LIMIT} are the most"
                raise JournalError(f"{said}; {_NOTHING_CHANGES}")
            lines.append(line)
        return lines, after

    def _take_back(self, descriptor: int, size: int, last: Link) -> None:
        """After a write that failed: leave no half of it. Where that fails too, the torn line stays and is told."""
        if self._head.read().link == last:
            return
        with suppress(OSError):
            os.ftruncate(descriptor, size)
            sync(descriptor)

    def _read(self, descriptor: int) -> JournalReading:
        found = os.fstat(descriptor)
        if self._known is None or self._known[0] != _identity(found):
            self._known = None
            whole = Chain()
            # The descriptor is the caller's to close: closing it would give up the lock.
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                for line, has_end in forward(file):
                    whole.feed(line, ended=has_end)
            self._known = _identity(found), whole
        reading = self._known[1].reading(self._head.read())
        if stat.S_IMODE(found.st_mode) & ~MODE:
            wide = f"its mode is {stat.S_IMODE(found.st_mode):04o}, so that others may read or write it: chmod 600 {self._path}"
            return reading._replace(damages=(*reading.damages, Damage(0, wide)))
        return reading

    @contextmanager
    def _locked(self, flags: int, *, shared: bool) -> Iterator[int]:
        """The journal's descriptor while no other console writes; raises OSError or JournalError."""
        descriptor = self._taken(flags, shared=shared)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _taken(self, flags: int, *, shared: bool) -> int:
        """The journal opened and locked; anew when somebody moved it away while we waited."""
        until = time.monotonic() + LOCK_WAIT_S
        while True:
            descriptor = open_private(self._path, flags)
            try:
                if try_lock(descriptor, shared=shared) and self._is_at_its_place(descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
            if time.monotonic() > until:
                said = f"another process has held {self._path} for {LOCK_WAIT_S:.0f} s"
                raise JournalError(f"{said}: find it (fuser {self._path}) and let it go on, or end it")
            time.sleep(_LOCK_LOOK_S)

    def _is_at_its_place(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.lstat())
        except FileNotFoundError:
            return False


def _identity(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
