"""Incidents as a list, the newest on top."""

from collections.abc import Mapping, Sequence

from console.domain.incident import Incident
from console.domain.text import visible
from console.view import format as write
from console.view.fields import within
from console.view.grid import grid
from console.view.journal import when
from console.view.styled import Line, Span

_NONE = "no incident was opened yet: freeze opens one, and so does i on any screen"


def incident_table(
    incidents: Sequence[Incident], bundles: Mapping[str, str], now: float, cells: int
) -> list[Line]:
    """A line for each; ``bundles`` says by id what is kept of it, ``now`` is epoch seconds."""
    if not incidents:
        return within([(Span(_NONE, "dim"),)], cells)
    rows: list[list[Line]] = [
        [
            (Span(visible(incident.id, 40), "accent"),),
            (Span(when(incident.opened)),),
            (_lasted(incident, now),),
            (Span(visible(incident.by, 30)),),
            (Span(bundles.get(incident.id, ""), "dim"),),
            (Span(visible(incident.why)),),
        ]
        for incident in reversed(incidents)
    ]
    return within(grid(("id", "opened", "for", "by", "bundle", "why"), rows, widest=50), cells)


def _lasted(incident: Incident, now: float) -> Span:
    if incident.closed is None:
        return Span(f"open {write.duration(now - incident.opened)}", "warn")
    return Span(write.duration(incident.closed - incident.opened))
