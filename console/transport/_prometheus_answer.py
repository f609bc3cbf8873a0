"""Prometheus's answers read as rows, whatever stands in for a Prometheus there."""

from collections.abc import Mapping

import msgspec

from console.domain.failure import SourceError
from console.domain.text import visible
from console.transport._prometheus_refusal import refused
from console.transport.http import Answer

_PARTIAL = "the answer is not whole: part of what keeps the series did not answer"
# Triton's counters are not called as Prometheus would have it, and it says so each time.
_IDLE_TALK = "might not be a counter"
_MOST_SAID = 400


class Row(msgspec.Struct, frozen=True):
    """One series: its labels, and its values as (epoch seconds, text): one of an instant, or one for each step."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


class _Data(msgspec.Struct):
    result: list[Row]


class _Body(msgspec.Struct, rename={"partial": "isPartial"}):
    status: str
    data: _Data | None = None
    error: str = ""
    warnings: tuple[str, ...] | None = None
    infos: tuple[str, ...] | None = None
    partial: bool = False


class Rows(msgspec.Struct, frozen=True):
    """The series of an answer, and what Prometheus warns of: an answer that is not whole, for one."""

    rows: list[Row]
    warnings: tuple[str, ...] = ()


def read(answer: Answer, url: str, sent: Mapping[str, str] | None = None) -> Rows:
    """The rows of a whole answer from ``url``; raises SourceError with what it says instead.

    ``sent`` are the headers that it was asked with.
    """
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = _Body("")
    if answer.status == 200 and body.status == "success" and body.data is not None:
        return Rows(body.data.result, _said(body))
    line = "" if body.status or answer.status == 200 else plain(answer.body)
    raise SourceError(refused(answer.status, body.error or line, url, sent))


def _said(body: _Body) -> tuple[str, ...]:
    told = [text for text in (*(body.warnings or ()), *(body.infos or ())) if _IDLE_TALK not in text]
    return tuple(visible(text) for text in ([_PARTIAL] if body.partial else []) + told)


def plain(body: bytes) -> str:
    """A refusal in a line of text, as Mimir and proxies have it; pages and JSON of others are no words."""
    text = body[:_MOST_SAID].decode(errors="replace").strip()
    return "" if not text or text[0] in "<{[" or "\n" in text else text
