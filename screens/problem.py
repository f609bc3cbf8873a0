"""What went wrong behind the door, in words that say what to do."""

from collections.abc import Iterable

from console.domain.failure import SourceError
from console.domain.fleets import FleetError
from console.domain.journal import JournalError
from console.domain.plan import ControlError
from console.domain.secret import Secret, redact
from console.domain.text import visible
from console.view.styled import Line, Span

_LONGEST = 600


class NothingError(Exception):
    """There is nothing that an action could be made of; the message says why."""


def problem(error: BaseException, secrets: Iterable[Secret] = ()) -> tuple[str, str]:
    """The message and what to do, without secrets."""
    said = redact(str(error), secrets) or type(error).__name__
    match error:
        case NothingError() | FleetError():
            return visible(said, _LONGEST), ""
        case JournalError():
            return (
                f"the journal cannot be written: {visible(said, _LONGEST)}",
                "nothing is changed without it",
            )
        case ControlError():
            return visible(said, _LONGEST), visible(redact(error.hint, secrets), _LONGEST)
        case SourceError():
            return visible(said, _LONGEST), visible(redact(error.failure.hint, secrets), _LONGEST)
        case OSError():
            return visible(redact(error.strerror or said, secrets), _LONGEST), ""
        case _:
            named = f"{type(error).__name__}: {said}"
            return visible(named, _LONGEST), "this is a defect of the console: please report it"


def problem_lines(error: BaseException, secrets: Iterable[Secret] = ()) -> tuple[Line, ...]:
    """The same as lines."""
    message, hint = problem(error, secrets)
    line = (Span("✗ ", "bad"), Span(message))
    return (line, (Span(f"→ {hint}", "accent"),)) if hint else (line,)
