"""What went wrong when a source was asked, in words that say what to do."""

from enum import StrEnum
from typing import NamedTuple


class FailureKind(StrEnum):
    """The kinds of failure that lead to different advice."""

    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    FORBIDDEN = "forbidden"
    STATUS = "status"
    REDIRECT = "redirect"
    GARBAGE = "garbage"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    INTERNAL = "internal"


class Failure(NamedTuple):
    """One failed part of a poll: ``part`` (``index``, ``metrics`` …), what, and what to do."""

    kind: FailureKind
    part: str
    message: str
    hint: str = ""


class SourceError(Exception):
    """Raised by a source whose poll returned nothing usable."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
