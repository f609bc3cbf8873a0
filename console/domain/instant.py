"""Times as servers write them."""

from datetime import UTC, datetime
from typing import Any


def instant(value: Any) -> float | None:
    """Epoch seconds of an ISO 8601 time, which is UTC without a zone; None for anything else."""
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
