"""The timeline on a screen: what happened to the fleet, the newest on top; one change with all that is known of it."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from console.domain.instant import utc
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Playback
from console.domain.rows import Alert
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.fields import field, heading, within, words
from console.view.journal import when
from console.view.playback import coded
from console.view.reason import all_lines, first_line
from console.view.styled import EMPTY, Line, Span, width
from console.view.table import Column, Row, Sort, Table, grown
from console.view.waves import WAVE_S, WORDS, waves

COLUMNS = (
    Column("when", "UTC", 8, "when it began; of another day with its date", "left"),
    Column("what", "WHAT", 13, "what changed, see the signs", "left"),
    Column("times", "×", 3, "on how many targets, one after the other"),
    Column("subject", "SUBJECT", 12, "whose it is", "left", drop=2, grow=28, cut="middle"),
    Column("target", "TARGET", 9, "on which target, and how many more", "left", drop=1, grow=20),
    Column("detail", "DETAIL", 24, "what is known of it", "left", grow=400),
)
_WHEN, _TIMES, _SUBJECT, _TARGET = COLUMNS[0], COLUMNS[2], COLUMNS[3], COLUMNS[4]
_PLACE = Column("place", "REPLAY", 9, "where it is in the recording, as @ takes it", "left", drop=3)
_SORT = Sort("when")
_DAY_S = 86400

SIGNS: dict[MarkerKind, Span] = {
    MarkerKind.LOAD: Span("↑", "accent"),
    MarkerKind.UNLOAD: Span("↓", "accent"),
    MarkerKind.FAILURE: Span("✗", "bad"),
    MarkerKind.CONFIG: Span("≡", "accent"),
    MarkerKind.RESET: Span("↺", "dim"),
    MarkerKind.RESTART: Span("↻", "warn"),
    MarkerKind.DOWN: Span("✗", "bad"),
    MarkerKind.UP: Span("●", "good"),
    MarkerKind.PROBE: Span("◇", "warn"),
    MarkerKind.FREEZE: Span("❄", "accent"),
    MarkerKind.UNFREEZE: Span("○", "accent"),
    MarkerKind.DRIFT: Span("≠", "warn"),
    MarkerKind.ACTION: Span("»", "key"),
    MarkerKind.EFFECT: Span("→", "key"),
    MarkerKind.ROLLOUT: Span("⇑", "accent"),
    MarkerKind.WEIGHT: Span("⇄", "accent"),
    MarkerKind.TRIAGE: Span("?", "key"),
    MarkerKind.ALERT: Span("▲", "warn"),
    MarkerKind.NOTE: Span("✎", "mark"),
    MarkerKind.INCIDENT: Span("◉", "bad"),
}
"""The sign of each kind of change; its word always stands beside it."""

# What happens to a server as such is the same on every one, whatever each has to say.
_OF_A_SERVER = frozenset((MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART))
_NAME, _LINE, _COPIED = 60, 400, 2000
_OLD_NOTE_S = 3600.0


class Change(NamedTuple):
    """The same change on one target or on several, one after the other; never empty, oldest first."""

    markers: tuple[Marker, ...]

    @property
    def first(self) -> Marker:
        """The change where it began."""
        return self.markers[0]

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that it came to, in that order."""
        return tuple(dict.fromkeys(marker.target for marker in self.markers if marker.target))

    @property
    def subject(self) -> str:
        """Whose it is."""
        several = self.first.kind in _OF_A_SERVER and len(self.targets) > 1
        return f"{len(self.targets)} targets" if several else visible(self.first.subject, _NAME)


def eventful(snapshot: Snapshot) -> bool:
    """Whether the timeline has something to tell: a change at all, or a note within the last hour."""
    return any(
        marker.kind is not MarkerKind.NOTE or snapshot.at - marker.at < _OLD_NOTE_S
        for marker in snapshot.markers
    )


def changes(markers: Iterable[Marker], text: str = "") -> tuple[Change, ...]:
    """What happened, newest first, as far as it has every word of ``text`` anywhere; ``markers`` come oldest first."""
    wanted = text.casefold().split()
    found = (Change(tuple(wave)) for wave in waves(markers, _same, WAVE_S, again=False))
    return tuple(change for change in found if not wanted or _has(change, wanted))[::-1]


def timeline_table(snapshot: Snapshot, text: str = "") -> Table[Change]:
    """The changes that have every word of ``text``, as a table to draw."""
    found = changes(snapshot.markers, text)
    now = snapshot.at
    playback = snapshot.playback

    def row(change: Change, _: frozenset[str]) -> Row:
        first, sign = change.first, SIGNS[change.first.kind]
        return Row(
            (
                (Span(_short(first.at, now), "dim"),),
                *(((Span(coded(playback, first.at), "dim"),),) if playback is not None else ()),
                (sign, Span(f" {WORDS[first.kind]}", sign.role)),
                (Span(_times(change)),),
                (Span(change.subject or "–", "title"),),
                (Span(_named(change.targets), "dim"),),
                (Span(first_line(first.detail, _LINE)),),
            )
        )

    columns = _columns(found, now)
    if playback is not None:
        columns = (columns[0], _PLACE, *columns[1:])
    return Table(columns, found, _key, row, _SORT, _nothing(snapshot, text))


def change_lines(change: Change, at: float, cells: int, playback: Playback | None = None) -> list[Line]:
    """One change with everything that is known of it, in lines of at most ``cells``; ``at`` is epoch seconds.

    In a replay its place is told with it.
    """
    first, sign = change.first, SIGNS[change.first.kind]
    word = Span(f" {WORDS[first.kind]}  ", sign.role)
    lines: list[Line] = [(sign, word, *heading(change.subject, cells))]
    since = f"{write.duration(at - first.at)} {'ago' if playback is None else 'before'}"
    lines += field("when", f"{when(first.at)}, {since}", cells)
    if place := coded(playback, first.at):
        lines += field("replay", f"{place} of the recording", cells)
    if first.model:
        version = f", version {visible(first.version, _NAME)}" if first.version else ""
        lines += field("model", f"{visible(first.model)}{version}", cells)
    if not _differ(change):
        lines += _told(first, cells)
    if len(change.markers) > 1:
        lines += [EMPTY, heading("ON", cells), *_each(change, cells)]
    elif first.target:
        lines += field("target", first.target, cells)
    return within(lines, cells)


def change_text(change: Change, playback: Playback | None = None) -> str:
    """The change as one line to paste elsewhere, in a replay with its place."""
    first = change.first
    on = f" on {', '.join(visible(name, _NAME) for name in change.targets)}" if change.targets else ""
    whose = f" {change.subject}" if change.subject else ""
    times = f" {_times(change)}" if _times(change) else ""
    place = coded(playback, first.at)
    at = f"{when(first.at)} ({place})" if place else when(first.at)
    said = f"{at} {WORDS[first.kind]}{times}{whose}{on}"
    return f"{said}: {visible(first.detail, _COPIED)}" if first.detail else said


def alert_of(change: Change, snapshot: Snapshot) -> Alert | None:
    """The alert that the change tells of, where there is no doubt which."""
    first = change.first
    if first.kind is not MarkerKind.ALERT:
        return None
    near = [alert for alert in (*snapshot.alerts, *snapshot.calm) if alert.subject == first.subject]
    told = [alert for alert in near if alert.message and alert.message in first.detail] or near
    return told[0] if len({alert.id for alert in told}) == 1 else None


def _key(change: Change) -> Hashable:
    return change.first


def _same(marker: Marker) -> Hashable:
    if marker.kind in _OF_A_SERVER:
        return marker.kind
    return marker.kind, marker.subject, marker.model, marker.version, marker.detail


def _has(change: Change, wanted: Sequence[str]) -> bool:
    first = change.first
    texts = [WORDS[first.kind], first.kind.value, when(first.at), first.model, first.version, change.subject]
    for marker in change.markers:
        texts += [marker.subject, marker.target, marker.detail]
    said = "\n".join(texts).casefold()
    return all(word in said for word in wanted)


def _short(at: float, now: float) -> str:
    return utc(at, "%H:%M:%S" if at // _DAY_S == now // _DAY_S else "%m-%d %H:%M")


def _times(change: Change) -> str:
    number = len(change.markers)
    return f"×{number}" if number > 1 else ""


def _named(targets: Sequence[str]) -> str:
    first = "".join(visible(name, _NAME) for name in targets[:1])
    return f"{first} +{len(targets) - 1}" if len(targets) > 1 else first


def _columns(found: Sequence[Change], now: float) -> tuple[Column, ...]:
    """As wide as their texts: those of the changes are few but for the details, which have the rest."""
    oldest = _short(found[-1].first.at, now) if found else ""
    most = max((len(change.markers) for change in found), default=1)
    named = {change.targets for change in found}
    fitted = {
        "when": _WHEN._replace(width=max(_WHEN.width, width(oldest))),
        "times": _TIMES._replace(width=max(_TIMES.width, width(f"×{most}"))),
        "subject": grown(_SUBJECT, {change.subject for change in found}),
        "target": grown(_TARGET, map(_named, named)),
    }
    return tuple(fitted.get(column.id, column) for column in COLUMNS)


def _nothing(snapshot: Snapshot, text: str) -> tuple[Line, ...]:
    if text.strip() and snapshot.markers:
        said = "nothing on the timeline has these words"
        return (Span(said, "dim"),), (Span("esc clears them", "dim"),)
    watched = write.duration(snapshot.elapsed_s)
    if snapshot.playback is not None:
        said, keys = f"nothing had changed within the {watched} before", "} goes to the next change"
    elif snapshot.recalled is not None:
        before = write.duration(snapshot.recalled.until - snapshot.recalled.since)
        source = visible(snapshot.recalled.source, _NAME)
        said = f"nothing has changed within {watched}, the first {before} as told by the {source}"
        keys = "n writes a note, tab shows the journal of what was changed before"
    else:
        said = f"nothing has changed since the watch began, {watched} ago"
        keys = "n writes a note, tab shows the journal of what was changed before"
    return (Span(said),), (Span(keys, "dim"),)


def _told(marker: Marker, cells: int) -> Iterator[Line]:
    for number, said in enumerate(all_lines(marker.detail)):
        yield from field("" if number else "what", said, cells)


def _each(change: Change, cells: int) -> Iterator[Line]:
    """Each target with its time, and with what it had to say where that differs."""
    for marker in change.markers:
        name = visible(marker.target, _NAME)
        said = f"{name}: {first_line(marker.detail, _LINE)}" if _differ(change) else name
        yield from words(said, cells, before=(Span(f"  {write.clock(marker.at)}  ", "dim"),))


def _differ(change: Change) -> bool:
    return change.first.kind in _OF_A_SERVER and len(change.markers) > 1
