"""The line on top of every screen: which fleet, how much of it answers, how old the data is, what time it is."""

import math
from typing import NamedTuple

from console.domain.alert_condition import PAGE
from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.recording import Playback, Taping
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.playback import dated, place, sign
from console.view.styled import Line, Role, Span, joined, plain, width

_LONGEST_WHO, _LONGEST_PROBLEM = 16, 40
_NEARLY_OVER_S = 30 * 60.0


class Moment(NamedTuple):
    """When a screen is drawn: ``now`` in epoch seconds, and whether the picture is held still."""

    now: float
    paused: bool = False


class Header(NamedTuple):
    """The left and the right end of the line."""

    left: Line
    right: Line


class _Part(NamedTuple):
    """One thing that the header says, and how to say it in less: shorter forms by rank, the lowest goes first."""

    line: Line
    less: tuple[tuple[int, Line], ...] = ()


def header(  # noqa: PLR0913 - what one line says comes from as many places
    fleet: Fleet,
    snapshot: Snapshot | None,
    moment: Moment,
    cells: int = 0,
    *,
    replay: bool = False,
    one: str = "",
) -> Header:
    """The header, with less in it where it would not fit into ``cells`` (0: however long it is).

    Before the first picture it says what it waits for. ``one`` is the server that was opened out of its fleet.
    """
    alone = (Span(f" › {visible(one, 40)}", "accent"),) if one else ()
    name = _Part((Span(visible(fleet.name, 40), "title"), *alone))
    right = [_Part((Span("READ-ONLY", "accent"),), ((6, ()),))] if fleet.read_only and not replay else []
    if snapshot is None:
        return _fitted([name, _Part((Span(_waiting(fleet, replay=replay), "dim"),))], right, cells)
    if snapshot.playback is not None:
        left = [
            name,
            *_replayed(snapshot.playback, snapshot.at),
            _coverage(snapshot),
            _late(snapshot, moment),
        ]
        full, short = dated(snapshot.at)
        right = [_Part((Span(full),), ((2, (Span(short),)), (9, (Span(write.clock(snapshot.at)),))))]
    else:
        left = [name, _coverage(snapshot), _age(snapshot, moment), _recorded(snapshot.taping)]
        right.append(_Part((Span(write.clock(moment.now), "dim"),), ((11, ()),)))
    left += [
        _locked(snapshot, moment.now),
        _incident(snapshot.incident, moment.now),
        _alerts(snapshot),
        _Part(_paused(snapshot, moment)),
    ]
    return _fitted(left, right, cells)


def _fitted(left: list[_Part], right: list[_Part], cells: int) -> Header:
    """Both ends; as long as they are wider than ``cells``, the next part says less."""
    ranked = sorted(
        (rank, side, place, line)
        for side, parts in enumerate((left, right))
        for place, part in enumerate(parts)
        for rank, line in part.less
    )
    ends = ([part.line for part in left], [part.line for part in right])
    while True:
        made = Header(joined(ends[0]), joined(ends[1]))
        if not cells or not ranked or width(plain(made.left)) + width(plain(made.right)) + 1 <= cells:
            return made
        _, side, place, line = ranked.pop(0)
        ends[side][place] = line


def _waiting(fleet: Fleet, *, replay: bool) -> str:
    if replay:
        return "opening the recording …"
    number = len(fleet.targets)
    if fleet.unfolding and not number:
        return "looking for servers …"
    return f"connecting to {number} target{'s' if number != 1 else ''} …"


def _replayed(playback: Playback, at: float) -> tuple[_Part, _Part]:
    """That it is a replay, and where in the recording."""
    here, whole = place(playback, at)
    progress = (Span(here), Span(f" of {whole}", "dim"))
    return _Part(sign(playback)), _Part(progress, ((8, (Span(here),)), (10, ())))


def _recorded(taping: Taping | None) -> _Part:
    """That what is seen is recorded, or why it is not."""
    if taping is None:
        return _Part(())
    if taping.problem:
        said = f"▲ rec: {visible(taping.problem, _LONGEST_PROBLEM)}"
        return _Part((Span(said, "warn"),), ((7, (Span("▲ rec", "warn"),)),))
    lost = (Span(f" {taping.lost:,} lost", "warn"),) if taping.lost else ()
    return _Part((Span("●", "accent"), Span(" rec", "dim"), *lost), ((5, ()),))


def _incident(incident: Incident | None, now: float) -> _Part:
    """How long the open incident is open."""
    if incident is None:
        return _Part(())
    since = write.stopwatch(now - incident.opened)
    return _Part((Span(f"◉ incident {since}", "bad"),), ((4, (Span(f"◉ {since}", "bad"),)),))


def _locked(snapshot: Snapshot, now: float) -> _Part:
    line = frozen(snapshot, now)
    return _Part(
        line, ((3, tuple(Span(s.text.replace("frozen by ", ""), s.role) for s in line)),) if line else ()
    )


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


def _coverage(snapshot: Snapshot) -> _Part:
    up, total, what = snapshot.up, len(snapshot.targets), "targets"
    said = str(up)
    if snapshot.prometheus is not None:
        groups = snapshot.prometheus.groups
        told, total, what = sum(each.up for each in groups), sum(each.known for each in groups), "servers"
        # What was up when Prometheus was last heard of may be so still.
        said = "?" if told and not up else str(told)
        up = told if up else 0
    role: Role = "good" if up == total else "bad" if up == 0 else "warn"
    mark = Span({"good": "●", "bad": "✗"}.get(role, "▲"), role)
    text: Role = "" if up == total else role
    return _Part(
        (mark, Span(f" {said}/{total} {what}", text)), ((1, (mark, Span(f" {said}/{total}", text))),)
    )


def _age(snapshot: Snapshot, moment: Moment) -> _Part:
    if snapshot.oldest_s is None:
        return _Part((Span("no data yet", "dim"),))
    seconds, late = _oldest(snapshot, moment)
    line: Line = (Span(f"{write.age(seconds)} ago", "warn" if late else "dim"),)
    return _Part(line, () if late else ((5, ()),))


def _late(snapshot: Snapshot, moment: Moment) -> _Part:
    """How old the oldest data of a recorded picture was, where that was too old."""
    seconds, late = _oldest(snapshot, moment)
    return _Part((Span(f"data {write.age(seconds)} old", "warn"),) if late else ())


def _oldest(snapshot: Snapshot, moment: Moment) -> tuple[float, bool]:
    """Age of the oldest data, and whether that is too old."""
    seconds = (snapshot.oldest_s or 0.0) + max(moment.now - snapshot.at, 0.0)
    scraped = 0.0 if snapshot.prometheus is None else snapshot.prometheus.scrape_s or 0.0
    return seconds, seconds > max(3 * snapshot.fleet.refresh, 3 * scraped, 3.0)


def _alerts(snapshot: Snapshot) -> _Part:
    number = len(snapshot.unsilenced)
    if not number:
        return _Part(())
    pages = sum(1 for alert in snapshot.unsilenced if alert.severity == PAGE)
    if not pages:
        less: Line = (Span(f"▲ {number}", "warn"),)
        return _Part((Span(f"▲ {number} ticket{'s' if number != 1 else ''}", "warn"),), ((9, less),))
    more = (Span(f" +{number - pages}" if number > pages else "", "warn"),)
    full = (Span(f"▲ {pages} page{'s' if pages != 1 else ''}", "bad"), *more)
    return _Part(full, ((9, (Span(f"▲ {pages}", "bad"), *more)),))


def _paused(snapshot: Snapshot, moment: Moment) -> Line:
    if not moment.paused:
        return ()
    return (Span(f"PAUSED {write.duration(moment.now - snapshot.at)} ago", "key"),)
