"""What doctor finds: checks with stable ids."""

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(NamedTuple):
    """One check: its stable id, whom it is about (empty for the console itself), and what to do."""

    id: str
    subject: str
    status: Status
    message: str
    hint: str = ""


def ok(check: str, message: str, subject: str = "") -> Check:
    """All well."""
    return Check(check, subject, Status.OK, message)


def warn(check: str, message: str, hint: str, subject: str = "") -> Check:
    """The console works, and less well than it could."""
    return Check(check, subject, Status.WARN, message, hint)


def fail(check: str, message: str, hint: str, subject: str = "") -> Check:
    """Something does not work."""
    return Check(check, subject, Status.FAIL, message, hint)


def counted(number: float, what: str) -> str:
    """``1 alert``, ``2 alerts``."""
    return f"{number:.0f} {what}{'' if number == 1 else 's'}"
