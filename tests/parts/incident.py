"""An incident with everything that belongs to it, small: a recorded window, plans, an answer of the triage, releases."""

from time import sleep

from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.incident import Incident, IncidentReading
from console.domain.journal import JournalNews, Record, RecordKind
from console.domain.plan import Plan
from console.domain.plan_json import effect_json, plan_json
from console.domain.recording import Session
from console.domain.release import Release, ReleasedModel
from console.domain.sample import Reading, Sample
from console.domain.triage import Runbook, Walk
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.feed import feed
from console.engine.store import Store
from console.ports import Recorder
from tests.console.engine.watched import busy, counters
from tests.parts import plans
from tests.parts.recordings import KeepingRecorder, KeptRecording

AT = 1_700_000_000.0
"""When the incident was opened; the recording begins BEFORE seconds earlier."""
BEFORE, AFTER = 120, 60
HOST = "gpu-node-17.prod.example.com"
TARGET = Target("one", f"http://{HOST}:8000", f"http://{HOST}:8002/metrics")
FLEET = Fleet("prod", (TARGET,))
INCIDENT = Incident("1114-abc", AT, "ana@bastion", "p99 of ranker", targets=(TARGET.url,))
CLOSED = INCIDENT._replace(closed=AT + AFTER, closed_by="bob@desk")


def journal(plan: Plan | None = None, at: float = AT + 20) -> tuple[Record, ...]:
    """A plan that ended well 3 s later, and its effect, measured a minute from its beginning."""
    made = plan or plans.plan()
    runner = {"host": "bastion", "pid": 4242, "started": 1.0}
    body = {"plan": plan_json(made), "runner": runner, "targets": {"one": TARGET.text}}
    run = plans.run(made)
    end = {"result": "verified", "message": "", "verdicts": [], "measured": None}
    effect = {"effects": [effect_json(each) for each in run.effects]}
    who = "ana@bastion"
    return (
        Record(RecordKind.BEGIN, "kq2xyz", at, who, body),
        Record(RecordKind.END, "kq2xyz", at + 3, who, end),
        Record(RecordKind.EFFECT, "kq2xyz", at + 30, who, effect),
    )


def release(name: str, at: float, *models: str) -> Release:
    """A known-good release of these models."""
    kept = tuple(ReleasedModel(model, ("2",), "{}", "d1", {}) for model in models)
    return Release(name, at, "ana@bastion", "calm", kept)


def walk(at: float = AT + 10) -> Walk:
    """An answer of the triage."""
    runbook = Runbook("p99-latency", "p99 is up", "", (), 1, (), (), ())
    return Walk(runbook, "ranker", at, "queue", 0.8, (), (), (), onset=AT - 30, story="a load came first")


def record_into(recorder: Recorder, since: float = AT - BEFORE, until: float = AT + AFTER) -> None:
    """Watch the incident from its window to its end with a store that records."""
    store = Store(FLEET)
    index = (IndexEntry("ranker", "1", State.READY),)
    for second in range(int(until - since) + 1):
        at, mono = since + second, float(second)
        reading = TritonReading(
            live=True,
            ready=True,
            index=index,
            statistics_at=mono,
            counters=counters(busy(100.0 * second)),
            counters_at=mono,
        )
        _take(store, recorder, Sample("triton:one", "one", at, mono, 0.01, 1.0, reading, None))
        for source, news in (("incidents", _incidents(at)), ("journal", _news(at))):
            _take(store, recorder, Sample(source, None, at, mono, 0.0, 1.0, news, None))
        if at == AT + 10:
            recorder.tell(walk())
        recorder.tick(store.tick(at, mono), mono)
        while getattr(recorder, "_ticks", ()):
            sleep(0.001)  # a test is faster than any watch: nothing is to be lost


def recording() -> KeptRecording:
    """The same in memory."""
    recorder = KeepingRecorder(FLEET, AT - BEFORE)
    record_into(recorder)
    return recorder.recording


def session(at: float = AT - BEFORE) -> Session:
    """The run of the console that watched."""
    return Session(FLEET, at, "0.1.0")


def key() -> ModelVersion:
    """The version that is watched."""
    return ModelVersion("ranker", "1")


def _take(store: Store, recorder: Recorder, sample: Sample) -> None:
    feed(store, sample)
    recorder.take(sample)


def _incidents(at: float) -> Reading:
    return IncidentReading((INCIDENT,) if at > AT else ())


def _news(at: float) -> Reading:
    return JournalNews(tuple(each for each in journal() if at - 1 < each.at <= at))
