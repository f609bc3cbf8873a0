"""Moments, durations and figures of a report in words."""

import math
from datetime import UTC, datetime

from console.domain.incident import Incident
from console.domain.report import Facts, Peak, Stretch
from console.view import format as write
from console.view.markdown import name

UNKNOWN = "unknown"
_LAST_MOMENT = 253_402_300_799.0


def stamp(at: float | None) -> str:
    """Date and time in UTC: ``2026-03-01 10:41:07Z``."""
    return _written(at, "%Y-%m-%d %H:%M:%SZ")


def clock(at: float | None) -> str:
    """Time of day in UTC: ``10:41:07Z``."""
    return _written(at, "%H:%M:%SZ")


def timecode(facts: Facts, at: float) -> str:
    """From the recording's start, as ``replay --at`` takes it: ``+00:12:31``; empty without a recording."""
    if facts.tape is None:
        return ""
    seconds = int(max(at - facts.tape.since, 0.0))
    return f"+{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def moment(facts: Facts, at: float) -> str:
    """A time of day with its date where the window has several, and its timecode."""
    first, last = facts.window.since // 86400, facts.window.until // 86400
    said = clock(at) if first == last == at // 86400 else stamp(at)
    code = timecode(facts, at) if within(facts, at) else ""
    return f"{said} ({code})" if code else said


def within(facts: Facts, at: float) -> bool:
    """Whether the recording has that moment."""
    return facts.tape is not None and facts.tape.since <= at <= facts.tape.until


def long(seconds: float) -> str:
    """How long: ``42 s``, ``3 min 20 s``, ``1 h 05 min``."""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def span(stretch: Stretch) -> str:
    """From when to when, and how long that is."""
    first, last = stamp(stretch.since), stamp(stretch.until)
    day = first.partition(" ")[0]
    return f"{first} to {last.removeprefix(day).strip()} ({long(stretch.seconds)})"


def count(number: float | None) -> str:
    """A whole number."""
    return UNKNOWN if number is None else write.count(number)


def share(ratio: float | None) -> str:
    """A share in per cent."""
    return UNKNOWN if ratio is None or not math.isfinite(ratio) else f"{write.percent(ratio)} %"


def ms(value: float | None) -> str:
    """A duration in ms."""
    return UNKNOWN if value is None else f"{write.number(value)} ms"


def peak(facts: Facts, found: Peak) -> str:
    """The worst value with its moment, whose it was and how it is known: ``183 ms at 10:41:07Z (+00:12:31), `ranker/7` (summary)``."""
    whose = f", {name(found.subject)}" if found.subject else ""
    basis = f" ({found.basis})" if found.basis else ""
    return f"{ms(found.value)} at {moment(facts, found.at)}{whose}{basis}"


def plural(number: float, word: str, words: str = "") -> str:
    """``1 model``, ``3 models``."""
    return f"{write.count(number)} {word if number == 1 else words or f'{word}s'}"


def quantile(q: float) -> str:
    """``p99``."""
    return f"p{q * 100:g}"


def ended(facts: Facts, incident: Incident) -> float:
    """Where the story of an incident ends: when it was closed, else with the window."""
    return facts.window.until if incident.closed is None else incident.closed


def _written(at: float | None, form: str) -> str:
    if at is None or not 0 <= at <= _LAST_MOMENT:
        return UNKNOWN
    return datetime.fromtimestamp(at, UTC).strftime(form)
