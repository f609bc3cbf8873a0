"""How a number is known, and why one is not."""

from enum import StrEnum
from math import isnan


class Basis(StrEnum):
    """How a figure is known; it decides what the figure may claim."""

    HISTOGRAM = "histogram"
    SUMMARY = "summary"
    PROBE = "probe"
    MEAN = "mean"
    COUNTER = "counter"
    GAUGE = "gauge"

    @property
    def mark(self) -> str:
        """One-letter mark that a screen sets behind the value."""
        return _MARKS[self]


_MARKS = {
    Basis.HISTOGRAM: "ʰ",
    Basis.SUMMARY: "ˢ",
    Basis.PROBE: "ᵖ",
    Basis.MEAN: "ᵐ",
    Basis.COUNTER: "",
    Basis.GAUGE: "",
}


class Missing(StrEnum):
    """Why a figure has no value; each reason looks different on screen."""

    NO_DATA = "no data"
    WAITING = "needs two polls"
    IDLE = "idle"
    STALE = "stale"
    FORBIDDEN = "credential missing"
    UNSUPPORTED = "not supported here"


def known(value: float) -> float | None:
    """The number, or None for NaN: arrays say unknown with NaN, everything else with None."""
    return None if isnan(value) else float(value)
