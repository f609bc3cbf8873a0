"""The incident in words: what opening and closing it means, and how it stands over the timeline."""

from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Taping
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.contract import whose_lines
from console.view.journal import when
from console.view.shell import report_command
from console.view.styled import Line, Span

_WHO, _WHY, _NAME = 40, 200, 40


def opened_words(incident: Incident, taping: Taping | None) -> str:
    """What is so from now on; ``taping`` is how this console records, None where it does not."""
    if taping is None:
        kept = "this console records nothing: what it sees is not kept, what is done and noted is"
    elif taping.problem:
        kept = "the flight recorder does not write: what is done and noted is kept, what is seen is not"
    else:
        kept = f"what was seen from {write.clock(incident.since)} on is kept"
    return (
        f"since {write.clock(incident.opened)}, by {_who(incident.by)}\n{kept}\nn writes notes, I closes it"
    )


def closed_words(incident: Incident, state: str) -> str:
    """Where it is kept, as the command that reads it."""
    return f"all of it is kept:\n{report_command(incident.id, state)}"


def incident_line(snapshot: Snapshot, now: float) -> Line:
    """The open incident: since when, by whom, why, and what of the past belongs to it; else how the last one ended.

    ``now`` is epoch seconds.
    """
    incident = snapshot.incident
    if incident is None:
        last = _last(snapshot)
        if last is None:
            return ()
        said = f" incident {visible(last.subject, _NAME)} {visible(last.detail, _WHY)}"
        return Span("○", "dim"), Span(said, "dim"), Span(f"  {write.clock(last.at)}", "dim")
    told = f"{when(incident.opened)} by {_who(incident.by)}"
    why = f": {visible(incident.why, _WHY)}" if incident.why else ""
    freeze = f", with the freeze {visible(incident.plan, _NAME)}" if incident.plan else ""
    return (
        Span(f"◉ incident {visible(incident.id, _NAME)}  ", "bad"),
        Span(f"open for {write.duration(now - incident.opened)}", "title"),
        Span(f", since {told}{freeze}{why}"),
        Span(f"  kept from {write.clock(incident.since)}", "dim"),
    )


def incident_lines(snapshot: Snapshot, now: float) -> tuple[Line, ...]:
    """``incident_line``, and while one is open whose the models are that alerts are about, and whom to call."""
    line = incident_line(snapshot, now)
    if snapshot.incident is None:
        return (line,) if line else ()
    alerts = (*snapshot.alerts, *snapshot.calm)
    return (line, *whose_lines(snapshot, (alert.model for alert in alerts if alert.model)))


def _who(by: str) -> str:
    return visible(by, _WHO) or "somebody"


def _last(snapshot: Snapshot) -> Marker | None:
    told = (marker for marker in reversed(snapshot.markers) if marker.kind is MarkerKind.INCIDENT)
    return next(told, None)
