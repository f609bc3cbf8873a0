"""Alerts from their first sign to their end, as a row of pictures shows them."""

from collections.abc import Iterable, Sequence

from console.domain.alert_condition import PAGE
from console.domain.marker import Marker, MarkerKind
from console.domain.report import AlertSpan
from console.domain.rows import Alert
from console.domain.snapshot import Snapshot

_PAGED = ("page: ", "now a page: ")
# A picture may come this much later than the marker of what it shows.
_LATE_S = 1.0

Key = tuple[str, str, float]


class Spans:
    """Every alert that any of the pictures had."""

    def __init__(self) -> None:
        self._found: dict[Key, AlertSpan] = {}

    def look(self, snapshot: Snapshot) -> None:
        """One picture; they come in the order of time."""
        firing = {(alert.id, alert.subject, alert.since): alert for alert in snapshot.alerts}
        for key, alert in firing.items():
            self._found[key] = _seen(self._found.get(key), alert, snapshot.at)
        for key, span in self._found.items():
            if key not in firing and span.until is None:
                self._found[key] = span._replace(until=snapshot.at)

    def within(self, since: float, markers: Sequence[Marker]) -> tuple[AlertSpan, ...]:
        """Those that held after that moment (epoch seconds), the oldest first; ``markers`` tell more exactly when each paged."""
        found = (span for span in self._found.values() if span.until is None or span.until >= since)
        return tuple(sorted((_told(span, markers) for span in found), key=lambda span: span.since))


def _seen(before: AlertSpan | None, alert: Alert, at: float) -> AlertSpan:
    """The alert as it is shown now; what it said when it was at its most serious stays."""
    pages = alert.severity == PAGE
    fresh = AlertSpan(
        id=alert.id,
        subject=alert.subject,
        message=alert.message,
        evidence=alert.evidence,
        since=alert.since,
        paged=at if pages else None,
        note=alert.note,
        model=alert.model,
        target=alert.target,
    )
    if before is None or (pages and before.paged is None):
        return fresh
    return before._replace(until=None, note=alert.note or before.note)


def _told(span: AlertSpan, markers: Iterable[Marker]) -> AlertSpan:
    """With the moment of the marker that said that it was a page, where one did."""
    if span.paged is None:
        return span
    first = next((m.at for m in markers if _pages(m, span)), None)
    return span if first is None else span._replace(paged=first)


def _pages(marker: Marker, span: AlertSpan) -> bool:
    if marker.kind is not MarkerKind.ALERT or marker.subject != span.subject:
        return False
    near = span.since - _LATE_S <= marker.at <= (span.paged or span.since) + _LATE_S
    return near and marker.detail.startswith(_PAGED)
