"""How unknown figures look: each reason has a face of its own."""

from collections.abc import Callable

from console.domain.basis import Missing
from console.view.styled import Line, Span

FACES: dict[Missing, Span] = {
    Missing.NO_DATA: Span("…", "dim"),
    Missing.WAITING: Span("··", "dim"),
    Missing.IDLE: Span("idle", "dim"),
    Missing.STALE: Span("stale", "stale"),
    Missing.FORBIDDEN: Span("key?", "warn"),
    Missing.UNSUPPORTED: Span("n/a", "dim"),
}

MEANINGS: dict[Missing, str] = {
    Missing.NO_DATA: "no data: the server did not say",
    Missing.WAITING: "needs two polls: the next refresh shows it",
    Missing.IDLE: "idle: no requests in the window, which is not zero latency",
    Missing.STALE: "stale: the last known value, dimmed, and its age",
    Missing.FORBIDDEN: "forbidden: the server asks for a credential, see --header",
    Missing.UNSUPPORTED: "not available here: the server was not started with what it takes",
}


def shown(value: float | None, write: Callable[[float], str], missing: Missing | None = None) -> Line:
    """The value as written by ``write``, or the face of the reason why there is none."""
    if value is None:
        return (FACES[missing or Missing.NO_DATA],)
    return (Span(write(value)),)
