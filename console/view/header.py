"""The line on top of every screen: which fleet, how much of it answers, how old the data is, what time it is."""

import math
from typing import NamedTuple

from console.domain.alert_condition import PAGE
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.styled import Line, Role, Span, joined

_LONGEST_WHO = 16
_NEARLY_OVER_S = 30 * 60.0


class Moment(NamedTuple):
    """When a screen is drawn: ``now`` in epoch seconds, and whether the picture is held still."""

    now: float
    paused: bool = False


class Header(NamedTuple):
    """The left and the right end of the line."""

    left: Line
    right: Line


def header(fleet: Fleet, snapshot: Snapshot | None, moment: Moment) -> Header:
    """The header; before the first snapshot it says that the console connects."""
    name: Line = (Span(visible(fleet.name, 40), "title"),)
    right = joined([(Span("READ-ONLY", "accent"),) if fleet.read_only else ()])
    if snapshot is None:
        number = len(fleet.targets)
        doing: Line = (Span(f"connecting to {number} target{'s' if number != 1 else ''} …", "dim"),)
        return Header(joined([name, doing]), right)
    parts = [
        name,
        _coverage(snapshot),
        _age(snapshot, moment),
        frozen(snapshot, moment.now),
        _alerts(snapshot),
        _paused(snapshot, moment),
    ]
    return Header(joined(parts), joined([right, (Span(write.clock(moment.now), "dim"),)]))


def frozen(snapshot: Snapshot, now: float) -> Line:
    """By whom deploys are frozen and for how long; how soon that ends, or that it has; that nobody can tell."""
    lock = snapshot.frozen
    over = lock is None or lock.expired(now)
    if snapshot.lock_unknown and over:
        return (Span("❄ deploy lock unreadable", "warn"),)
    if lock is None:
        return ()
    who = visible(lock.who.partition("@")[0] or "somebody", _LONGEST_WHO)
    if snapshot.lock_unknown:
        return (Span(f"❄ frozen by {who}? lock unreadable", "warn"),)
    left = math.inf if lock.until is None else lock.until - now
    if over:
        return (Span(f"❄ freeze by {who} expired {_whole(-left)} ago", "warn"),)
    nearly = left < _NEARLY_OVER_S
    ending = f", {_whole(left)} left" if nearly else ""
    return (Span(f"❄ frozen by {who} {_whole(now - lock.since)}{ending}", "warn" if nearly else "accent"),)


def _whole(seconds: float) -> str:
    return write.age(seconds) if seconds >= 10 else f"{max(seconds, 0.0):.0f}s"


def _coverage(snapshot: Snapshot) -> Line:
    up, total = snapshot.up, len(snapshot.targets)
    role: Role = "good" if up == total else "bad" if up == 0 else "warn"
    sign = {"good": "●", "bad": "✗"}.get(role, "▲")
    return Span(sign, role), Span(f" {up}/{total} targets", "" if up == total else role)


def _age(snapshot: Snapshot, moment: Moment) -> Line:
    oldest = snapshot.oldest_s
    if oldest is None:
        return (Span("no data yet", "dim"),)
    seconds = oldest + max(moment.now - snapshot.at, 0.0)
    late = seconds > max(3 * snapshot.fleet.refresh, 3.0)
    return (Span(f"{write.age(seconds)} ago", "warn" if late else "dim"),)


def _alerts(snapshot: Snapshot) -> Line:
    number = len(snapshot.unsilenced)
    if not number:
        return ()
    pages = sum(1 for alert in snapshot.unsilenced if alert.severity == PAGE)
    if not pages:
        return (Span(f"▲ {number} ticket{'s' if number != 1 else ''}", "warn"),)
    more = f" +{number - pages}" if number > pages else ""
    return Span(f"▲ {pages} page{'s' if pages != 1 else ''}", "bad"), Span(more, "warn")


def _paused(snapshot: Snapshot, moment: Moment) -> Line:
    if not moment.paused:
        return ()
    return (Span(f"PAUSED {write.duration(moment.now - snapshot.at)} ago", "key"),)
