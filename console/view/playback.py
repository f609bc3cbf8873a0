"""A replay in words: whether it goes on, where it stands, what of the recording cannot be read."""

from collections.abc import Iterator

from console.domain.instant import utc
from console.domain.moment import parse_moment, stretch_text
from console.domain.recording import Playback
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.fields import words
from console.view.format import timecode
from console.view.styled import EMPTY, Line, Role, Span

_SPEEDS = {0.25: "¼×", 0.5: "½×"}
_PATH, _LINE = 300, 200
_PROBLEMS = 5


def speed_words(speed: float) -> str:
    """``2×``, ``½×``."""
    return _SPEEDS.get(speed, f"{speed:g}×")


def sign(playback: Playback) -> Line:
    """``REPLAY ▶ 2×`` while it goes on, ``REPLAY ‖`` while it stands, ``REPLAY ■ ended`` at its end."""
    if playback.seeking:
        return Span("REPLAY ", "key"), Span("… seeking", "accent")
    if playback.ended:
        return Span("REPLAY ", "key"), Span("■ ended", "accent")
    fast = speed_words(playback.speed)
    if playback.paused:
        return Span("REPLAY ", "key"), Span("‖" if playback.speed == 1 else f"‖ {fast}", "accent")
    return Span("REPLAY ", "key"), Span(f"▶ {fast}", "accent")


def place(playback: Playback, at: float) -> tuple[str, str]:
    """Where ``at`` (epoch seconds) is from the recording's start, and how long that is."""
    return timecode(at - playback.since), timecode(playback.until - playback.since)


def coded(playback: Playback | None, at: float) -> str:
    """A moment (epoch seconds) as a place of the recording, as ``@`` takes it; empty outside of one."""
    if playback is None or not playback.since <= at <= playback.until:
        return ""
    return f"+{timecode(at - playback.since)}"


def dated(at: float) -> tuple[str, str]:
    """A moment (epoch seconds) with its date, and without the year."""
    return utc(at), utc(at, "%m-%d %H:%M:%SZ")


def remarks(snapshot: Snapshot) -> Iterator[Line]:
    """What of the recording that is shown cannot be read, and why the one that is made lacks something."""
    playback, taping = snapshot.playback, snapshot.taping
    for problem in playback.problems if playback is not None else ():
        yield Span("▲", "warn"), Span(" recording: ", "dim"), Span(visible(problem, _LINE))
    if taping is not None and playback is None and (taping.problem or taping.lost):
        said = visible(taping.problem, _LINE) or "it is written again"
        lost = f"; {taping.lost:,} picture{'s' if taping.lost != 1 else ''} lost" if taping.lost else ""
        role: Role = "warn" if taping.problem else "dim"
        yield Span("▲", role), Span(" flight recorder: ", "dim"), Span(f"{said}{lost}")


def seek_lines(playback: Playback, at: float, cells: int) -> list[Line]:
    """What there is to seek in, where it stands, and what cannot be read, in lines of at most ``cells``."""
    here, whole = place(playback, at)
    lines = words(visible(playback.path, _PATH), cells, role="title")
    lines += words(stretch_text(playback.since, playback.until), cells)
    lines += words(f"it stands at {dated(at)[0]}, {here} of {whole}", cells, role="dim")
    for number, problem in enumerate(playback.problems[:_PROBLEMS]):
        lines += [] if number else [EMPTY]
        lines += words(visible(problem, _LINE), cells, before=(Span("▲ ", "warn"),), role="warn")
    return lines


def sought(text: str, playback: Playback, at: float) -> tuple[float | None, str]:
    """The moment that the text names, with its words; None and why not. Nothing for no text."""
    if not text.strip():
        return None, ""
    try:
        found = parse_moment(text, playback.since, playback.until, at)
    except ValueError as refused:
        return None, str(refused)
    here, whole = place(playback, found)
    return found, f"{dated(found)[0]}, {here} of {whole}"
