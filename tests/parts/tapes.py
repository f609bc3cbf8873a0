"""Recordings made tick by tick, and what is expected of them when they are read."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import ROWS
from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.journal import JournalNews, Record, RecordKind
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Bounds, Frame, Input, Session, Silence
from console.domain.sample import Reading, Sample
from console.domain.secret import Secret
from console.domain.triage import Answer, CheckUse, Runbook, RunbookStep, Walk, WalkedStep, Way
from console.domain.triton import IndexEntry, State, TritonReading
from console.storage._codec import Encoder
from console.storage._writer import Run, Tick, Writer

AT = 1_700_000_000.0
FLEET = Fleet("prod", (Target("a", "http://a:8000", "http://a:8002/metrics"),))
_KEYS = tuple(ModelVersion(f"model-{n}", "1") for n in range(3))
_INDEX = tuple(IndexEntry(key.model, key.version, State.READY) for key in _KEYS)


def session(fleet: Fleet = FLEET, began: float = AT) -> Session:
    return Session(fleet, began, "1.2.3")


def sample(source: str, second: float, reading: Reading | None = None, said: str = "") -> Sample:
    """One poll at a second of the recording; without a reading it failed, and said so."""
    failure = None if reading is not None else Failure(FailureKind.REFUSED, "live", said or f"at {second}")
    return Sample(source, "a", AT + second, second, 0.01, 1.0, reading, failure)


def triton(second: float, index: tuple[IndexEntry, ...] = _INDEX) -> Sample:
    """A poll of the server: every counter is a little higher than a second before."""
    values = np.arange(ROWS * len(_KEYS), dtype=float).reshape(ROWS, len(_KEYS)) * 7 + second * 13
    counters = Counters(_KEYS, values)
    reading = TritonReading(
        live=True, ready=True, index=index, counters=counters, counters_at=second, statistics_at=second
    )
    return sample("triton:a", second, reading)


def marker(second: float, detail: str = "a note", kind: MarkerKind = MarkerKind.NOTE) -> Marker:
    return Marker(AT + second, kind, "model-0", detail)


def news(second: float, plan: str) -> Sample:
    record = Record(RecordKind.HANDLED, plan, AT + second, "ana", {"reason": "by hand"})
    return sample("journal", second, JournalNews((record,)))


def walk(second: float, verdict: str = "queue") -> Walk:
    step = RunbookStep(
        "slow", "Is it slow?", (CheckUse("latency"),), Way("", "queue"), Way("", "none"), Way()
    )
    runbook = Runbook("latency", "Latency", "about", (), 1, (step,), (), ())
    walked = WalkedStep(step, Answer.YES, "it is", (), Answer.YES)
    return Walk(runbook, "model-0", AT + second, verdict, 0.9, (walked,), (), ())


def ticks(seconds: Iterable[float]) -> list[Tick]:
    """A watch of one server: a slow source besides, at second 3 a note, at 4 a silence and a record."""
    made: list[Tick] = []
    markers: tuple[Marker, ...] = ()
    for second in map(float, seconds):
        inputs: list[Input] = [triton(second)]
        if second % 7 == 0:
            inputs.append(sample("slow", second))
        if second == 3:
            markers = (marker(second),)
            inputs.append(markers[0])
        if second == 4:
            inputs += [Silence("burn", "model-0", "known", "ana"), news(second, "abc")]
        made.append(Tick(AT + second, second, inputs, markers))
    return made


def expected(told: Sequence[Tick], session: int = 0) -> list[Frame]:
    """The frames that a recording of these ticks holds."""
    known: set[Marker] = set()
    frames = []
    for tick in told:
        shown = tuple(each for each in tick.markers if each not in known)
        known |= set(shown)
        frames.append(Frame(session, tick.at, tick.mono, tuple(tick.inputs), shown))
    return frames


def writer(
    path: Path,
    bounds: Bounds = Bounds(),  # noqa: B008 - a value
    secrets: Sequence[Secret] = (),
    pinned: float | None = None,
    of: Session | None = None,
) -> Writer:
    return Writer(path, Run(of or session(), bounds, secrets, lambda: pinned))


def tape(path: Path, told: Sequence[Tick], of: Session | None = None) -> list[Frame]:
    """Record ticks to a file; the frames that it holds."""
    writing = writer(path, of=of)
    for tick in told:
        writing.tick(tick)
    writing.close()
    assert writing.problem == ""
    return expected(told)


def same(frame: Frame) -> tuple[object, ...]:
    """What makes two frames equal: all that they hold, numbers bit by bit."""
    return frame.session, frame.mono, sha256(Encoder().frame(frame, key=True)).hexdigest(), frame.shown


def matching(frames: Sequence[Frame]) -> None:
    """Whether each frame is what ``ticks`` makes of its second."""
    wanted = [expected(ticks([frame.mono]))[0] for frame in frames]
    assert [same(frame)[1:3] for frame in frames] == [same(frame)[1:3] for frame in wanted]
