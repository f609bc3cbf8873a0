"""What an engineer should read first: the worst news in whole sentences, or that there is none."""

from collections.abc import Iterator
from itertools import islice

from console.domain.alert_condition import PAGE
from console.domain.rows import Alert, TargetRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.playback import remarks
from console.view.reason import first_line
from console.view.severity import FACES, Level, findings, level
from console.view.styled import Line, Span
from console.view.verdict import verdict


def headlines(snapshot: Snapshot, lines: int) -> tuple[Line, ...]:
    """At most that many lines of news, the most urgent first; the last one says how many are left out."""
    news = list(islice(_news(snapshot), 100))
    if not news:
        return (_all_well(snapshot),)
    if len(news) <= lines:
        return tuple(news)
    sign, *rest = news[lines - 1]
    return (*news[: lines - 1], (sign, Span(f" +{len(news) - lines}", "dim"), *rest))


def _news(snapshot: Snapshot) -> Iterator[Line]:
    hints = {target.name: target.failures[0].hint for target in snapshot.targets if target.failures}
    for alert in sorted(snapshot.unsilenced, key=lambda a: (a.severity != PAGE, a.since)):
        yield _alert(alert, hints.pop(alert.subject, ""), snapshot.at)
    for target in snapshot.targets:
        if target.name in hints:
            yield _failure(target)
    if not snapshot.alerts:
        yield from _worst(snapshot)
    yield from _warnings(snapshot)
    yield from remarks(snapshot)
    for note in snapshot.notes:
        yield (Span("·", "dim"), Span(f" {visible(note)}", "dim"))


def _alert(alert: Alert, hint: str, at: float) -> Line:
    since = f"  since {write.moment(alert.since)}, {write.duration(at - alert.since)}"
    return (
        Span("▲", "bad" if alert.severity == PAGE else "warn"),
        Span(f" {visible(alert.message, 120)}"),
        Span(since, "dim"),
        Span(f"  {first_line(alert.evidence, 120)}", "dim"),
        Span(f"  → {visible(hint)}" if hint else "", "dim"),
    )


def _failure(target: TargetRow) -> Line:
    failure = target.failures[0]
    return (
        Span("▲", "warn") if target.up else Span("✗", "bad"),
        Span(f" {visible(target.name, 40)}  {visible(failure.message)}"),
        Span(f"  → {visible(failure.hint)}" if failure.hint else "", "dim"),
    )


def _warnings(snapshot: Snapshot) -> Iterator[Line]:
    """Each finding once, with the targets that it is about."""
    warned: dict[str, list[str]] = {}
    for target in snapshot.targets:
        for warning in findings(target):
            warned.setdefault(visible(warning.text), []).append(visible(target.name, 40))
    for text, names in warned.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield (Span("▲", "warn"), Span(f" {names[0]}{others}: {text}", "dim"))


def _worst(snapshot: Snapshot) -> Iterator[Line]:
    """The worst broken promise, while no alert names one."""
    broken = [row for row in snapshot.models if level(row) >= Level.BURNS]
    if not broken:
        return
    row = max(broken, key=lambda r: (level(r), r.slo.ratio or 0.0))
    yield (
        FACES[level(row)].sign,
        Span(f" {visible(row.key.model, 60)} v{visible(row.key.version, 12)} {verdict(row)}"),
    )


def _all_well(snapshot: Snapshot) -> Line:
    number = len(snapshot.models)
    if not number:
        return (Span("○", "dim"), Span(" no models yet", "dim"))
    judged = sum(1 for row in snapshot.models if row.slo.ratio is not None)
    text = f" nothing breaks a promise: {judged} of {number} model versions have a percentile to judge by"
    return (Span("●", "good"), Span(text, "dim"))
