"""Prometheus's answers read as rows, whatever stands in for a Prometheus there."""

import msgspec

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.text import visible
from console.transport._prometheus_http import NOT_PROMETHEUS, PART, refusal
from console.transport.http import Answer

_SHOWN = 300


class Row(msgspec.Struct, frozen=True):
    """One series: its labels, and its values as (epoch seconds, text): one of an instant, or one for each step."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


class _Data(msgspec.Struct):
    result: list[Row]


class _Body(msgspec.Struct):
    status: str
    data: _Data | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()


class Rows(msgspec.Struct, frozen=True):
    """The series of an answer, and what Prometheus warns of: an answer that is not whole, for one."""

    rows: list[Row]
    warnings: tuple[str, ...] = ()


def read(answer: Answer, url: str) -> Rows:
    """The rows of a whole answer from ``url``; raises SourceError with what it says instead."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = _Body("")
    if answer.status == 200 and body.status == "success" and body.data is not None:
        return Rows(body.data.result, tuple(visible(warning) for warning in body.warnings))
    said = visible(refusal(answer.status, body.error, url), _SHOWN)
    known = body.error or answer.status in {401, 403}
    kind = FailureKind.STATUS if known else FailureKind.GARBAGE
    raise SourceError(
        Failure(kind, PART, said, "ask the same in Prometheus's own page" if known else NOT_PROMETHEUS)
    )
