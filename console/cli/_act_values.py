"""Values of the acting commands' options, as argparse types."""

import argparse
import math
import re

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (86400, 3600, 60, 1)
_LONGEST_S = 30 * 86400


def duration(text: str) -> float:
    """Seconds from ``2h``, ``90m``, ``1h30m`` or ``45s``."""
    found = _DURATION.fullmatch(text.strip().casefold())
    parts = found.groups() if found else ()
    seconds = sum(int(part[:9]) * unit for part, unit in zip(parts, _UNITS, strict=False) if part)
    if not 0 < seconds <= _LONGEST_S:
        raise argparse.ArgumentTypeError("write 30m, 2h or 1h30m; at most 30d")
    return float(seconds)


def percent(text: str) -> float:
    """0 to 100, with or without the sign."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError("write a percentage from 0 to 100")
    return value


def count(least: int) -> "_Count":
    """A type for whole numbers from ``least`` on."""
    return _Count(least)


class _Count:
    def __init__(self, least: int) -> None:
        self._least = least

    def __call__(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < self._least:
            raise argparse.ArgumentTypeError(f"write a whole number from {self._least} on")
        return int(text)
