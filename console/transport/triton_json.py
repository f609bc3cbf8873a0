"""Triton's JSON answers as domain values; odd rows are skipped, odd bodies raise ValueError."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from console.domain.fleet import ModelVersion
from console.domain.triton import IndexEntry, ServerInfo, State, VersionStatistics

INDEX_LIMIT = 20_000
_NS = 1e-6
# Versions whose statistics are read at one go: a few milliseconds.
_AT_A_STRETCH = 200
_STATES = {state.value: state for state in State if state not in {State.ABSENT, State.UNKNOWN}}


def read_index(raw: Sequence[Any]) -> tuple[IndexEntry, ...]:
    """The repository index; a row without a state was never loaded. More rows than INDEX_LIMIT are refused."""
    if len(raw) > INDEX_LIMIT:
        raise ValueError("too many models")
    return tuple(_entry(row) for row in raw if isinstance(row, Mapping) and isinstance(row.get("name"), str))


def _entry(row: Mapping[str, Any]) -> IndexEntry:
    said = str(row.get("state", ""))
    state = _STATES.get(said, State.UNKNOWN) if said else State.ABSENT
    reason = str(row.get("reason", ""))
    if state is State.UNKNOWN:
        reason = f"state {said}. {reason}".rstrip()
    return IndexEntry(row["name"], str(row.get("version", "")), state, reason)


def read_server(raw: Mapping[str, Any]) -> ServerInfo:
    """Server metadata."""
    extensions = raw.get("extensions")
    return ServerInfo(
        str(raw.get("name", "")),
        str(raw.get("version", "")),
        tuple(map(str, extensions)) if isinstance(extensions, list) else (),
    )


def read_statistics(raw: Mapping[str, Any]) -> tuple[VersionStatistics, ...]:
    """Statistics of every version that is READY, durations in ms."""
    return tuple(chain.from_iterable(reading_statistics(raw)))


def reading_statistics(raw: Mapping[str, Any]) -> Iterator[list[VersionStatistics]]:
    """The same in short stretches of work."""
    rows = raw.get("model_stats")
    if not isinstance(rows, list):
        raise ValueError("no model_stats")  # noqa: TRY004 - one error type for every odd answer
    for at in range(0, len(rows), _AT_A_STRETCH):
        some = rows[at : at + _AT_A_STRETCH]
        yield [_statistics(row) for row in some if isinstance(row, dict) and "name" in row]


def _statistics(row: Mapping[str, Any]) -> VersionStatistics:
    # Read by hand, since thousands of these are read in the loop that draws.
    parts = _table(row.get("inference_stats"))
    success = _table(parts.get("success"))
    batches = row.get("batch_stats")
    return VersionStatistics(
        key=ModelVersion(str(row["name"]), str(row.get("version", ""))),
        last_inference_ms=_count(row.get("last_inference", 0)),
        inferences=_count(row.get("inference_count", 0)),
        executions=_count(row.get("execution_count", 0)),
        successes=_count(success.get("count", 0)),
        failures=_number(parts, "fail", "count"),
        request_ms=_count(success.get("ns", 0)) * _NS,
        queue_ms=_number(parts, "queue", "ns") * _NS,
        input_ms=_number(parts, "compute_input", "ns") * _NS,
        infer_ms=_number(parts, "compute_infer", "ns") * _NS,
        output_ms=_number(parts, "compute_output", "ns") * _NS,
        cache_hits=_number(parts, "cache_hit", "count"),
        cache_misses=_number(parts, "cache_miss", "count"),
        batches=dict(map(_batch, batches if isinstance(batches, list) else ())),
    )


def _number(parts: Mapping[str, Any], part: str, unit: str) -> int:
    return _count(_table(parts.get(part)).get(unit, 0))


def _batch(row: Any) -> tuple[int, int]:
    """A batch size and its executions."""
    return _count(_table(row).get("batch_size")), _count(
        _table(_table(row).get("compute_infer")).get("count")
    )


def _table(value: Any) -> dict[str, Any]:
    # What JSON decodes to is a dict, and to ask for that is ten times cheaper than to ask for a Mapping.
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    """A count or nanoseconds, which fit 64 bits; anything else raises ValueError."""
    if type(value) is not int or not 0 <= value < 2**64:
        raise ValueError("not a count")
    return value
