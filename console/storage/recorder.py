"""The recorder: keeps what a store is fed with in a file, from a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from console.domain.recording import Bounds, Input, Session, Taping
from console.domain.secret import Secret
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.storage._scribe import thinned
from console.storage._writer import Run, Tick, Writer

# Ticks that wait for a disk: a tick of a large fleet is several megabytes.
_WAITING = 20
_WALKS = 100
# A disk that hangs must not hold up who leaves the console.
_CLOSING_S = 10.0
_HANGS = "the disk does not answer: look at the system's log"
_NO_BOUNDS = Bounds()


def _nothing() -> float | None:
    return None


class FileRecorder:
    """``ports.Recorder`` in a file of mode 0600 that one recorder at a time may hold; a thread encodes and writes.

    A recording that is there is continued. ``pinned`` says from when on (epoch seconds) nothing may be dropped. Raises
    RecordingError where the file cannot be had.
    """

    def __init__(
        self,
        path: Path,
        session: Session,
        bounds: Bounds = _NO_BOUNDS,
        secrets: Iterable[Secret] = (),
        pinned: Callable[[], float | None] = _nothing,
    ) -> None:
        self._path = path
        self._beside: list[Callable[[float], None]] = []
        self._writer = Writer(path, Run(session, bounds, tuple(secrets), pinned, self._tidied))
        self._inputs: list[Input] = []
        self._missed = 0
        self._lost = 0
        self._ticks: deque[Tick] = deque()
        self._walks: deque[Walk] = deque(maxlen=_WALKS)
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def tidy(self, beside: Callable[[float], None]) -> None:
        """Every few minutes call this too, with the time (epoch seconds), from the recorder's thread."""
        self._beside.append(beside)

    @property
    def state(self) -> Taping:
        """How it fares."""
        writer = self._writer
        problem = _HANGS if self._missed else writer.problem
        return Taping(str(self._path), writer.since, writer.bytes, problem, writer.lost + self._missed)

    def take(self, entry: Input) -> None:
        """Keep one input."""
        if not self._closing:
            self._inputs.append(entry)

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        """End a frame: all inputs since the tick before, and the markers that this picture is the first to show."""
        if self._closing:
            return
        with self._news:
            if len(self._ticks) >= _WAITING:
                self._missed += 1
                self._inputs = thinned(self._inputs)
                return
            self._ticks.append(Tick(snapshot.at, mono, self._inputs, snapshot.markers))
            self._news.notify()
        self._inputs = []

    def tell(self, walk: Walk) -> None:
        """Keep an answer of the triage."""
        self._walks.append(walk)

    def close(self) -> None:
        """Write what is left and end; blocks, but not for ever."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(_CLOSING_S)

    def _tidied(self, now: float) -> None:
        for beside in self._beside:
            beside(now)

    def _work(self) -> None:
        while (tick := self._next()) is not None:
            while self._walks:
                self._writer.walk(self._walks.popleft())
            self._writer.tick(tick)
        while self._walks:
            self._writer.walk(self._walks.popleft())
        self._writer.close()

    def _next(self) -> Tick | None:
        """The next tick, None when all are written and no more will come."""
        with self._news:
            self._news.wait_for(lambda: self._ticks or self._closing)
            if not self._ticks:
                return None
            if self._missed:
                self._writer.missed(self._missed)
                self._missed = 0
            return self._ticks.popleft()
