"""Which moment of a recording is triaged, and of which model, where nobody says."""

from collections.abc import Iterator
from typing import NamedTuple

from console.cli._errors import CliError
from console.cli._triage_look import known_model
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import RecordingError
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.engine.rewind import rewound
from console.ports import Recording
from console.view.severity import Level, level, worst_first

NOTHING, NO_DATA = 1, 2

# An alert is told to be over so long after it last held; it is looked for a little before that.
_CLEAR_S = 65.0
_LOOK_BACK_S = 3600.0
_PERCENTILES = {0.5: "p50_ms", 0.95: "p95_ms", 0.99: "p99_ms"}
_BROKEN = (Level.SLOW, Level.BURNS_FAST, Level.PROBE_FAILS, Level.NOT_SERVING)


class Chosen(NamedTuple):
    """The picture of the moment, the model, and why that moment."""

    snapshot: Snapshot
    model: str
    why: str


def pictured(recording: Recording, at: float) -> Snapshot:
    """The picture of a moment; raises CliError where none can be made."""
    try:
        return rewound(recording, at)
    except RecordingError as error:
        raise CliError(str(error), error.hint, id="recording", code=NO_DATA) from error


def chosen(recording: Recording, model: str, at: float | None) -> Chosen:
    """The moment ``at`` (epoch seconds) if one is named, else the last at which the promise of the model was broken.

    Without a model it is the one with the worst alert then. Raises CliError where nothing was wrong and no model is
    named, and where nobody knows the model.
    """
    end = pictured(recording, recording.until if at is None else at)
    if model:
        model = known_model(model, end)
    if at is not None:
        return Chosen(end, model or _worst(end), "as asked")
    model = model or _worst(end, needed=False) or _last_alerted(recording) or _worst(end)
    if broken := _broken(end, model):
        return Chosen(end, model, f"the end of the recording, where {broken}")
    for moment in _moments(recording, end, model):
        earlier = pictured(recording, moment)
        if broken := _broken(earlier, model):
            return Chosen(earlier, model, f"the last moment at which {broken}")
    return Chosen(end, model, f"the end of the recording, which tells of no broken promise of {model}")


def _broken(snapshot: Snapshot, model: str) -> str:
    """How the model's promise is broken in a picture, empty where it is kept."""
    alert = next((each for each in snapshot.alerts if each.model == model), None)
    if alert is not None:
        return f"the alert {alert.id} of {alert.subject} fires"
    row = next((row for row in _rows(snapshot) if row.model == model and level(row) in _BROKEN), None)
    return f"{row.key.label} breaks its promise" if row is not None else ""


def _worst(snapshot: Snapshot, *, needed: bool = True) -> str:
    """The model with the worst alert, else the one that is worst off; raises CliError where all are well."""
    alerted = next((each.model for each in snapshot.alerts if each.model), "")
    worst = next((row.model for row in _rows(snapshot) if level(row) in _BROKEN), "")
    found = alerted or worst
    if not found and needed:
        raise CliError(
            "no alert of a model fires then, and none breaks its promise: which model?",
            "triton-console triage MODEL --from FILE[@TIME]",
            id="model",
            code=NOTHING,
        )
    return found


def _rows(snapshot: Snapshot) -> list[ModelRow]:
    return sorted(snapshot.models, key=worst_first)


def _alerted(recording: Recording) -> Iterator[Marker]:
    """What was told of alerts of models, the newest first."""
    return (each for each in reversed(recording.markers) if each.kind is MarkerKind.ALERT and each.model)


def _last_alerted(recording: Recording) -> str:
    return next((marker.model for marker in _alerted(recording)), "")


def _moments(recording: Recording, end: Snapshot, model: str) -> list[float]:
    """Where to look for the last trouble of a model, the latest first."""
    told = next((marker.at for marker in _alerted(recording) if marker.model == model), None)
    marked = [] if told is None else [told, told - _CLEAR_S]
    slow = [at for row in end.models if row.model == model for at in _slow(end, row)]
    return sorted({at for at in (*marked, *slow) if recording.since <= at}, reverse=True)


def _slow(end: Snapshot, row: ModelRow) -> Iterator[float]:
    """When the percentile of the promise, or the errors, were last beyond it, as the history of the end tells."""
    promise = row.slo.objective
    limits = {
        _PERCENTILES.get(promise.quantile, "p99_ms"): promise.latency_ms,
        "error_ratio": 1 - promise.availability,
    }
    for column, limit in limits.items():
        points = end.history.model(row.key, column, _LOOK_BACK_S)
        pairs = zip(points.at, points.values, strict=True)
        over = [at for at, value in pairs if value is not None and value > limit]
        if over:
            yield float(over[-1])
