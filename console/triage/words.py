"""Figures and moments in words, as answers say them."""

import math

from console.domain.instant import utc
from console.triage.shift import Onset, Shift

NAMES = {
    "p99_ms": "p99",
    "mean_ms": "the mean latency",
    "error_ratio": "the share of errors",
    "rate": "requests",
}
"""What a figure is called that is, or holds back, a symptom."""


def moved_words(moved: Onset) -> str:
    """From which level to which."""
    if moved.column == "error_ratio":
        return f"{moved.before.median:.2%} → {moved.after:.2%}"
    return f"{moved.before.median:.1f} → {moved.after:.1f} ms"


def clock(at: float) -> str:
    """The UTC time of day."""
    return utc(at, "%H:%M:%SZ")


def times(ratio: float | None) -> str:
    """A ratio in words."""
    if ratio is None:
        return "an unknown factor"
    return "∞×" if math.isinf(ratio) else f"{ratio:.1f}×"


def lacking(shift: Shift) -> str:
    """What makes a figure of a model known, or what is usual for it; empty where both are."""
    if shift.now is None:
        return "it needs requests, and their counters: see the target's metrics endpoint"
    if shift.base is None:
        return "keep the console open: what is usual is known after half a minute of traffic"
    return ""
