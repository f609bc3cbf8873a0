"""When an error budget burns too fast: the multi-window, multi-burn-rate method, and what it says while windows fill.

A pair of windows alarms when the budget burnt faster than its factor over both: the long one proves that it matters, the
short one that it goes on. A console that was opened a minute ago has not seen an hour: its long window is then all that
was seen, and the evidence says how much that is.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from console.domain.alert_condition import LEAST_REQUESTS, PAGE, TICKET
from console.domain.rows import ModelRow, Slo


class Pair(NamedTuple):
    """Two windows that must both burn faster than ``factor``."""

    factor: float
    long: str
    short: str
    severity: str


# Of a budget of 30 days: 2 % in an hour, 5 % in six, 10 % in a day, 10 % in three.
PAIRS: Final = (
    Pair(14.4, "1h", "5m", PAGE),
    Pair(6.0, "6h", "30m", PAGE),
    Pair(3.0, "1d", "2h", TICKET),
    Pair(1.0, "3d", "6h", TICKET),
)
PAGE_BURN: Final = PAIRS[0].factor
TICKET_BURN: Final = PAIRS[1].factor
_UNITS = {"m": 60, "h": 3600, "d": 86400}
WINDOWS: Final[Mapping[str, int]] = {
    name: int(name[:-1]) * _UNITS[name[-1]] for name in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
}
"""The windows of all pairs, the shortest first, in seconds."""
# One bad request among twenty is bad luck.
_LEAST_BAD = 2.0


class Seen(NamedTuple):
    """The burn of a window, or of all that was seen while it fills; ``window`` is where the figure is from."""

    burn: float
    window: str


class Burning(NamedTuple):
    """A pair that alarms: the burns of its windows. ``severity`` is milder where the short window has not begun."""

    pair: Pair
    severity: str
    short: Seen
    long: Seen


def seen(slo: Slo, window: str) -> Seen | None:
    """The window's burn; while the console has not watched for so long, that of all it has seen. None is unknown."""
    burn = slo.burn.get(window)
    if burn is not None:
        return Seen(burn, window)
    if slo.observed_s >= WINDOWS[window]:
        return None
    shorter = [name for name, seconds in WINDOWS.items() if seconds < WINDOWS[window]]
    known = ((slo.burn.get(name), name) for name in reversed(shorter))
    return next((Seen(burn, name) for burn, name in known if burn is not None), None)


def burning(row: ModelRow) -> Burning | None:
    """The first pair, the most urgent first, whose windows both burn too fast; None where none does or too few asked."""
    burns = row.slo.burn.values()
    if not any(burn is not None and burn >= PAIRS[-1].factor for burn in burns):
        return None
    return next(_alarms(row), None)


def _alarms(row: ModelRow) -> Iterator[Burning]:
    for pair in PAIRS:
        short, long = seen(row.slo, pair.short), seen(row.slo, pair.long)
        if short is None or long is None or min(short.burn, long.burn) < pair.factor:
            continue
        begun = short.window == pair.short
        # What a moment shows says little about hours: fast enough for a ticket, or nothing yet.
        if (begun or pair.severity == PAGE) and _proven(row, short):
            yield Burning(pair, pair.severity if begun else TICKET, short, long)


def _proven(row: ModelRow, short: Seen) -> bool:
    """Whether enough asked, and more than one of them was let down."""
    asked = row.slo.requests.get(short.window)
    if asked is None:
        asked = (row.rate or 0.0) * row.window_s
    promised = row.slo.objective
    allowed = min(1.0 - promised.availability, 1.0 - promised.quantile)
    return asked >= LEAST_REQUESTS and short.burn * allowed * asked >= _LEAST_BAD - 1e-6


def told(slo: Slo, burning: Burning) -> str:
    """Both windows in words: ``5 m burn 21.0, 1 h 9.4 (12 of 60 min seen)``."""
    pair = burning.pair
    short = _partly(slo, pair.short, burning.short.burn)
    return (
        f"{spaced(pair.short)} burn {short}, {spaced(pair.long)} {_partly(slo, pair.long, burning.long.burn)}"
    )


def spaced(window: str) -> str:
    """A window's name with its unit apart: ``5 m``."""
    return f"{window[:-1]} {window[-1]}"


def _partly(slo: Slo, window: str, burn: float) -> str:
    coverage = filled(slo, window)
    return f"{burn:.1f} ({coverage} seen)" if coverage else f"{burn:.1f}"


def filled(slo: Slo, window: str) -> str:
    """How much of a window was seen so far (``12 of 60 min``), empty once it is full."""
    whole = WINDOWS[window]
    if slo.observed_s >= whole:
        return ""
    if whole > WINDOWS["2h"]:
        short = slo.observed_s < WINDOWS["2h"]
        watched = f"{slo.observed_s / 60:.0f} min" if short else f"{slo.observed_s / 3600:.0f}"
        return f"{watched} of {whole // 3600} h"
    if slo.observed_s < 60:
        return f"{slo.observed_s:.0f} of {whole} s"
    return f"{slo.observed_s / 60:.0f} of {whole // 60} min"
