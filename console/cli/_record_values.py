"""Values of what a recording is bounded by, as argparse types."""

import argparse
import math
import re

from console.cli._act_values import duration

_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s?([kmgt]?)i?b?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LEAST_BYTES = 2**20


def stretch(text: str) -> float:
    """Seconds from ``120`` or from a duration such as ``2h``."""
    try:
        seconds = float(text)
    except ValueError:
        return duration(text)
    if not (math.isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError("write seconds, or a duration such as 30m or 2h")
    return seconds


def size(text: str) -> int:
    """Bytes from ``500MB`` or ``1G``; a megabyte is 2^20 bytes, as in the settings."""
    found = _SIZE.fullmatch(text.strip().casefold())
    if found is not None:
        count = int(float(found[1]) * 1024 ** _POWERS[found[2]])
        if count >= _LEAST_BYTES:
            return count
    raise argparse.ArgumentTypeError("write a size such as 500MB or 1GB; at least 2MB")
