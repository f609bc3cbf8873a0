"""Readers of what stands around the servers: Prometheus, Alertmanager, the deploy lock."""

import json
from typing import Any

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Target
from console.domain.lock import lock_json, read_lock
from console.sources.alertmanager import MOST, AlertmanagerSource
from console.transport._prometheus_answer import read
from console.transport._prometheus_instances import matched
from console.transport._prometheus_series import Grid, ProcessSeries
from console.transport.deploy_lock import understood
from console.transport.http import Answer
from console.transport.prometheus import Prometheus
from console.transport.prometheus_range import Instance, _count, identity, selector
from tests.parts.clock import HandClock
from tests.parts.fuzz_case import Reader, finished, harmless

_AT = 1_700_000_000
_URL = "http://prometheus:9090"
_TARGETS = (Target("a", "http://a:8000", "http://a:8002/metrics"),)
_METRIC = {
    "__name__": "nv_inference_request_success",
    "model": "ranker",
    "version": "7",
    "instance": "a:8002",
}
_BUCKET = {**_METRIC, "__name__": "nv_inference_first_response_histogram_ms_bucket", "le": "+Inf"}
_VECTOR = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": _METRIC, "value": [_AT, "12"]}]},
    "warnings": ["partial answer"],
}
_MATRIX = {
    "status": "success",
    "data": {
        "resultType": "matrix",
        "result": [
            {"metric": metric, "values": [[_AT, "1"], [_AT + 15, "NaN"], [_AT + 30, "7"]]}
            for metric in (_METRIC, _BUCKET, {"__name__": "nv_gpu_utilization", "gpu_uuid": "GPU-1"})
        ],
    },
}
_SCALAR = {"status": "success", "data": {"resultType": "scalar", "result": [_AT, "1.5"]}}
_ERROR = {"status": "error", "errorType": "bad_data", "error": "parse error"}
_ALERT = {
    "fingerprint": "f1",
    "startsAt": "2023-11-14T22:13:20.000Z",
    "labels": {"alertname": "Slow", "severity": "page", "model": "ranker"},
    "annotations": {"summary": "ranker is slow"},
    "receivers": [{"name": "oncall"}],
    "status": {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": []},
    "generatorURL": "http://prometheus:9090/graph",
}
_LOCK = {
    "who": "ana@bastion",
    "why": "p99",
    "since": "2023-11-14T22:13:20Z",
    "until": None,
    "scope": "fleet prod",
    "plan": "k3x9ab",
    "undo": [{"control": "kubernetes"}],
}


class _Feed:
    """An HTTP that gives one answer to everything."""

    target_headers: dict[str, str]

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.target_headers = {}

    async def ask(self, *_: object, **__: object) -> Answer:
        return Answer(200, self._body)


def _instant(data: bytes) -> None:
    """What a runbook's own query gives, be it read as that or as series."""
    asking: Any = Prometheus(Fleet(prometheus=_URL, targets=_TARGETS), _Feed(data), HandClock())  # type: ignore[arg-type]
    asked = asking._read(Answer(200, data))
    harmless(*asked.values, asked.problem)
    assert asked.values or asked.problem


def _range(data: bytes) -> None:
    rows = read(Answer(200, data), _URL)
    harmless(*rows.warnings)
    grid = Grid.over(_AT, _AT + 60, 15)
    process = ProcessSeries(grid.steps)
    for row in rows.rows:
        process.see(row.metric, grid.column(row))
    for row in rows.rows:
        process.take(row.metric.get("__name__", ""), row.metric, grid.column(row))
    process.settle()
    for step in range(grid.steps):
        process.reading(step, float(step))
    instances = [Instance(identity(row.metric), _count(row.value[1])) for row in rows.rows if row.value]
    harmless(*matched(_TARGETS, instances).notes)
    json.loads(selector(instances)[len("{instance=~") : -1] or '""')


def _alerts(data: bytes) -> None:
    source = AlertmanagerSource("http://alertmanager:9093", _Feed(data), HandClock())  # type: ignore[arg-type]
    found = finished(source.poll())
    assert len(found.pages) <= MOST
    for page in found.pages:
        harmless(page.name, page.severity, page.fingerprint, page.summary, page.url)
        harmless(*page.labels, *page.labels.values(), *page.receivers, *page.silenced_by)
    harmless(*found.notes)


def _lock(data: bytes) -> None:
    seen = understood(data, "/var/lib/lock.json")
    if seen.lock is not None:
        harmless(seen.lock.held(_AT))
        assert read_lock(lock_json(seen.lock)).who == seen.lock.who


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


_REFUSES = (SourceError,)

READERS = (
    Reader("prometheus-instant", _instant, lambda: _json(_VECTOR, _SCALAR, _ERROR)),
    Reader("prometheus-range", _range, lambda: _json(_MATRIX, _VECTOR, _ERROR), _REFUSES),
    Reader(
        "alertmanager", _alerts, lambda: _json([_ALERT, {**_ALERT, "status": {"state": "active"}}]), _REFUSES
    ),
    Reader("lock", _lock, lambda: _json(_LOCK), _REFUSES),
)
