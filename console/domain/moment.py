"""A moment of a recording as people name it: a time of day, a whole date, from the start, back from where it stands."""

import re
from datetime import timedelta

from console.domain.instant import instant, utc
from console.domain.text import visible

MOMENT_FORMS = "10:41:07 or 2026-03-01T10:41Z (UTC), +00:12:31 from the start, -5m back, start, end"
"""What can be typed, in one line."""

_NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,6})?"
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,6})?))?\s?(?:z|utc)?", re.IGNORECASE)
_SPAN = re.compile(
    rf"(?:([0-9]{{1,4}}):)?([0-9]{{1,4}}):([0-9]{{2}}(?:\.[0-9]{{1,6}})?)|({_NUMBER})", re.ASCII
)
_UNITS = re.compile(
    rf"(?:({_NUMBER})d)?\s?(?:({_NUMBER})h)?\s?(?:({_NUMBER})m)?\s?(?:({_NUMBER})s)?", re.IGNORECASE
)
_DAY_S = 86400
# Times are shown in whole seconds: the first and the last of them can be typed as they stand there.
_SLACK_S = 1.0
_TYPED = 40


def parse_moment(text: str, since: float, until: float, now: float) -> float:
    """The moment that the text names; all are epoch seconds, the stretch is what there is, ``now`` where it stands.

    A time of day is the one nearest to ``now`` within the stretch. Raises ValueError, in words, for what cannot be
    read and for what lies outside the stretch.
    """
    typed = text.strip()
    found = _moment(typed, since, until, now)
    if found is None:
        said = f"'{visible(typed, _TYPED)}' names no moment" if typed else "no moment is named"
        raise ValueError(f"{said}; it is {MOMENT_FORMS}")
    if not since - _SLACK_S < found < until + _SLACK_S:
        raise ValueError(f"{utc(found)} is outside the recording: {stretch_text(since, until)}")
    return min(max(found, since), until)


def stretch_text(since: float, until: float) -> str:
    """From when to when (epoch seconds), in UTC; the second date is left out where it is the first one's."""
    first, last = utc(since), utc(until)
    day = first.partition(" ")[0]
    return f"{first} to {last.removeprefix(day).strip()}"


def _moment(typed: str, since: float, until: float, now: float) -> float | None:
    word = typed.casefold()
    if word in ("start", "end"):
        return since if word == "start" else until
    if typed[:1] in ("+", "-", "−"):
        span = _seconds(typed[1:].strip())
        if span is None:
            return None
        return since + span if typed[0] == "+" else now - span
    if clock := _CLOCK.fullmatch(typed):
        return _of_the_day(clock, since, until, now)
    return instant(typed.upper()) if "-" in typed else None


def _of_the_day(clock: re.Match[str], since: float, until: float, now: float) -> float | None:
    """The time of day on the day when it lies within the stretch, nearest to now; else on now's day."""
    hours, minutes, seconds = int(clock[1]), int(clock[2]), float(clock[3] or 0.0)
    if hours > 23 or minutes > 59 or seconds >= 60:
        return None
    within = hours * 3600 + minutes * 60 + seconds
    midnight = now // _DAY_S * _DAY_S
    nearest = sorted(
        (midnight + _DAY_S * day + within for day in _days(since, until, midnight)),
        key=lambda at: abs(at - now),
    )
    inside = (at for at in nearest if since - _SLACK_S < at < until + _SLACK_S)
    return next(inside, midnight + within)


def _days(since: float, until: float, midnight: float) -> range:
    """The days of the stretch, counted from that of ``midnight``; of a very long one those around it."""
    first, last = (since - midnight) // _DAY_S, (until - midnight) // _DAY_S
    return range(int(max(first, -400)), int(min(last, 400)) + 1)


def _seconds(text: str) -> float | None:
    """How long ``12:31``, ``1:12:31``, ``5m``, ``1h 30m`` or ``90`` (seconds) is."""
    if clock := _SPAN.fullmatch(text):
        if clock[4]:
            return float(clock[4])
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), float(clock[3])
        fits = seconds < 60 and (minutes < 60 or not clock[1])
        return hours * 3600 + minutes * 60 + seconds if fits else None
    units = _UNITS.fullmatch(text)
    if units is None or not any(units.groups()):
        return None
    days, hours_, minutes_, seconds_ = (float(part or 0.0) for part in units.groups())
    return timedelta(days=days, hours=hours_, minutes=minutes_, seconds=seconds_).total_seconds()
