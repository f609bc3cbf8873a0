"""Figures, ages and moments as short texts."""

from console.domain.instant import utc

_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_GIB = 2.0**30


def number(value: float) -> str:
    """A figure with three to five significant places and thousands separators: ``1,204.3``, ``12.1``, ``3.14``."""
    size = abs(value)
    if size >= 1e7:
        return f"{value / 1e6:,.1f}M"
    if size >= 99_999.95:
        return f"{value:,.0f}"
    if size >= 9.995:
        return f"{value:,.1f}"
    if size == 0:
        return "0.0"
    return "<0.01" if 0 < value < 0.005 else f"{value:.2f}"


def count(value: float) -> str:
    """A whole number with thousands separators, shortened from ten million on."""
    return f"{value / 1e6:,.1f}M" if abs(value) >= 1e7 else f"{value:,.0f}"


def percent(ratio: float) -> str:
    """A ratio of 0-1 as per cent, without the sign: ``0.02``, ``12.3``, ``100``."""
    value = ratio * 100
    if value == 0:
        return "0"
    if 0 < value < 0.005:
        return "<0.01"
    if abs(value) < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:.0f}"


def times(ratio: float) -> str:
    """A multiple: ``3.7×``, ``312×``."""
    if ratio >= 9999.5:
        return ">9999×"
    return f"{ratio:.0f}×" if ratio >= 99.95 else f"{ratio:.1f}×"


def gib(size: float) -> str:
    """Bytes as GiB with one place."""
    return f"{size / _GIB:,.1f}"


def threshold(value: float) -> str:
    """A number as somebody set it, without needless zeros: ``50``, ``2.5``, ``99.9``."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def age(seconds: float) -> str:
    """How long ago, in one unit: ``0.8s``, ``42s``, ``12m``, ``5h``, ``3d``."""
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    if seconds < 99.5:
        return f"{seconds:.0f}s"
    if seconds < 100 * _MINUTE:
        return f"{seconds // _MINUTE:.0f}m"
    return f"{seconds // _HOUR:.0f}h" if seconds < 2 * _DAY else f"{seconds // _DAY:,.0f}d"


def duration(seconds: float) -> str:
    """How long, in two units: ``42s``, ``3m 20s``, ``1h 05m``, ``2d 3h``."""
    whole = int(max(seconds, 0.0))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
    return f"{whole // _DAY:,}d {whole % _DAY // _HOUR}h"


def stopwatch(seconds: float) -> str:
    """How long it runs: ``00:42``, ``12:34``, ``1:12:34``, ``2d 3h``."""
    whole = int(max(seconds, 0.0))
    if whole >= 2 * _DAY:
        return duration(whole)
    hours = f"{whole // _HOUR}:" if whole >= _HOUR else ""
    return f"{hours}{whole % _HOUR // _MINUTE:02d}:{whole % _MINUTE:02d}"


def timecode(seconds: float) -> str:
    """A place in a recording, counted from its start: ``00:12:31``."""
    whole = int(max(seconds, 0.0))
    return f"{whole // _HOUR:02d}:{whole % _HOUR // _MINUTE:02d}:{whole % _MINUTE:02d}"


def clock(at: float) -> str:
    """A moment (epoch seconds) as UTC time of day: ``10:41:07Z``."""
    return f"{moment(at)}Z"


def moment(at: float) -> str:
    """A moment (epoch seconds) as UTC time of day without the zone, for places that name it elsewhere."""
    return utc(at, "%H:%M:%S")
