"""What an engineer should read first: the worst news in whole sentences, or that there is none."""

from collections.abc import Iterator
from itertools import islice

from console.domain.rows import TargetRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.severity import FACES, Level, level
from console.view.styled import Line, Role, Span
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
    for alert in sorted(snapshot.alerts, key=lambda a: (a.severity != "page", a.since)):
        role: Role = "bad" if alert.severity == "page" else "warn"
        since = f"  since {write.moment(alert.since)}, {write.duration(snapshot.at - alert.since)}"
        text = f" {visible(alert.message, 120)}"
        yield (
            Span("▲", role),
            Span(text),
            Span(f"  {visible(alert.evidence, 120)}", "dim"),
            Span(since, "dim"),
        )
    for target in snapshot.targets:
        yield from _target(target)
    if not snapshot.alerts:
        yield from _worst(snapshot)
    for target in snapshot.targets:
        for warning in target.warnings:
            yield (Span("▲", "warn"), Span(f" {visible(target.name, 40)}: {visible(warning.text)}", "dim"))
    for note in snapshot.notes:
        yield (Span("·", "dim"), Span(f" {visible(note)}", "dim"))


def _target(target: TargetRow) -> Iterator[Line]:
    if not target.failures:
        return
    failure = target.failures[0]
    sign = Span("▲", "warn") if target.up else Span("✗", "bad")
    hint = Span(f"  → {visible(failure.hint)}", "dim") if failure.hint else Span("")
    yield (sign, Span(f" {visible(target.name, 40)}  "), Span(visible(failure.message)), hint)


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
