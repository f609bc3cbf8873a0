"""Readers of files: settings, runbooks, the journal, incidents, releases, recordings, bundles."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from console.domain.journal import entries
from console.domain.recording import RecordingError
from console.domain.toml_document import read_document
from console.settings import Options, SettingsError, load
from console.storage._incident_lines import incidents_of
from console.storage._runbook import read_runbook
from console.storage.bundle import Given, read_bundle, write_bundle
from console.storage.journal import FileJournal
from console.storage.recording import open_recording
from console.storage.releases import FileReleases
from tests.parts import incident as known
from tests.parts.fuzz_case import Reader, harmless
from tests.parts.incident import AT, CLOSED
from tests.parts.runbooks import CHECKS, FOLDER
from tests.parts.tapes import tape, ticks

_SETTINGS = b"""[fleets.prod]
targets = ["http://triton-0:8000", "http://triton-1:8000,name=b"]
headers = { admin-key = { env = "KEY" }, a = "b" }
prometheus = "http://prometheus:9090"
alertmanager = "http://alertmanager:9093"
runbooks = "runbooks"
confirm = "type"
read_only = false
[fleets.prod.gpu]
dcgm = ["http://node-0:9400/metrics"]
[fleets.prod.objectives.default]
latency_ms = 200
quantile = 0.99
[fleets.prod.objectives."ranker*"]
latency_ms = 50
[fleets.prod.probes.ranker]
request = "ranker.json"
every = 30
expect = { SCORE = [0.5] }
[fleets.prod.recording]
keep = "2h"
max_megabytes = 256
[fleets.prod.freeze]
kubernetes = ["deployment/triton"]
[fleets.prod.gateway]
kind = "haproxy"
socket = "/run/haproxy.sock"
[[fleets.prod.gateway.routes]]
model = "ranker"
backend = "triton"
servers = ["t0"]
[fleets.other]
targets = ["a"]
"""
_INCIDENTS = b"""{"at":1,"format":1,"id":"1009-abc","kind":"open","plan":"","targets":[],"who":"ana","why":"p99"}
{"at":2,"format":1,"id":"1009-abc","kind":"close","who":"ana"}
"""


@cache
def folder() -> Path:
    """One folder for the whole run; it goes when the process ends."""
    made = tempfile.TemporaryDirectory(prefix="fuzz-")
    _KEPT.append(made)
    return Path(made.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@contextlib.contextmanager
def written(name: str, data: bytes) -> Iterator[Path]:
    """A file with these bytes, which its owner alone may read."""
    path = folder() / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    try:
        yield path
    finally:
        path.unlink()


def _settings(data: bytes) -> None:
    (folder() / "runbooks").mkdir(exist_ok=True)
    (folder() / "ranker.json").write_text('{"inputs": []}')
    with written("triton-console.toml", data) as path:
        load(Options(config=str(path), fleet="prod"), {"KEY": "secret"})


def _document(data: bytes) -> None:
    """Every key has a line, and a problem is told with it."""
    values, problems = read_document(data, "a.toml")
    harmless(*map(str, problems.found))
    assert values is not None or problems.found


def _runbook(data: bytes) -> None:
    values, problems = read_document(data, "own.toml")
    if values is not None:
        made = read_runbook("own", values, problems, CHECKS)
        assert (made is None) == bool(problems.found)
    harmless(*map(str, problems.found))


def _journal(data: bytes) -> None:
    with written("journal-prod.jsonl", data) as path:
        reading = FileJournal(path).read()
    for entry in entries(reading.records):
        assert entry.id


def _incidents(data: bytes) -> None:
    found = incidents_of(data.splitlines())
    assert all(each.closed is None or each.closed >= each.opened for each in found.incidents)


def _release(data: bytes) -> None:
    """One file is all that stands there, so it is a release or a problem."""
    place = folder() / "releases"
    place.mkdir(mode=0o700, exist_ok=True)
    with written("releases/a.json", data):
        store = FileReleases(place)
        assert len(store.all()) + len(store.problems()) == 1
        harmless(*store.problems())


def _recording(data: bytes) -> None:
    with written("a.tcrec", data) as path:
        recording = open_recording(path)
        try:
            assert len(list(recording.frames())) >= len(list(recording.frames(sparse=True)))
            assert all(marker.detail == "a note" for marker in recording.markers)
            assert len(recording.walks) <= len(data)
            harmless(*recording.problems)
        finally:
            recording.close()


def _bundle(data: bytes) -> None:
    with written("1114-abc.tcinc", data) as path:
        bundle = read_bundle(path)
        list(entries(bundle.records))
        harmless(*bundle.problems)


def _made(name: str, make: Callable[[Path], object]) -> bytes:
    path = folder() / name
    make(path)
    data = path.read_bytes()
    path.unlink()
    return data


@cache
def _tape() -> bytes:
    return _made("seed.tcrec", lambda path: tape(path, ticks(range(6))))


@cache
def _zip() -> bytes:
    given = Given("prod", known.recording(), known.journal(), (known.release("rel1", AT - 9000, "multi"),))
    return _made("seed.tcinc", lambda path: write_bundle(path, CLOSED, given, now=AT + 1000))


@cache
def _chain() -> bytes:
    return _made("seed.jsonl", lambda path: FileJournal(path).append(known.journal()))


@cache
def _saved() -> bytes:
    place = folder() / "seed"
    FileReleases(place).save(known.release("rel1", AT, "multi", "fast"))
    return next(place.glob("*.json")).read_bytes()


READERS = (
    Reader("settings", _settings, lambda: [_SETTINGS], (SettingsError,)),
    Reader("toml", _document, lambda: [_SETTINGS, b"a.\"b c\"=[1,{x=1}]\r\n[[t]]\nk='''\n'''"]),
    Reader("runbook", _runbook, lambda: [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))]),
    Reader("journal", _journal, lambda: [_chain()]),
    Reader("incidents", _incidents, lambda: [_INCIDENTS]),
    Reader("release", _release, lambda: [_saved()]),
    Reader("recording", _recording, lambda: [_tape()], (RecordingError,)),
    Reader("bundle", _bundle, lambda: [_zip()], (RecordingError,)),
)
