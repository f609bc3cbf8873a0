"""Times as servers write them, and as people read them."""

from datetime import UTC, datetime
from typing import Any


def instant(value: Any) -> float | None:
    """Epoch seconds of an ISO 8601 time, which is UTC without a zone; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def utc(at: float, form: str = "%Y-%m-%d %H:%M:%SZ") -> str:
    """A moment (epoch seconds) in UTC; a dash for one that no calendar has, which a file may well say."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return "—"
