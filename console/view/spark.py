"""Bars and sparklines out of block characters."""

from collections.abc import Sequence

_LEFT = " ▏▎▍▌▋▊▉█"
_LOWER = "▁▂▃▄▅▆▇█"
_GAP = " "


def bar(share: float, cells: int) -> str:
    """A bar of that many cells, filled to ``share`` (0-1, clamped) in eighths; a share above 0 always shows."""
    eighths = round(min(max(share, 0.0), 1.0) * cells * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_LEFT[part] if part else "")).ljust(cells)


def sparkline(values: Sequence[float | None], cells: int, top: float | None = None) -> str:
    """One character a bucket, right-aligned in ``cells``, scaled from 0 to ``top`` or to the highest value.

    None leaves a gap.
    """
    last = values[-cells:] if cells else ()
    known = [v for v in last if v is not None]
    highest = max([top or 0.0, *known])
    if not known or highest <= 0:
        text = "".join(_GAP if v is None else _LOWER[0] for v in last)
    else:
        text = "".join(_GAP if v is None else _LOWER[min(int(v / highest * 8), 7)] for v in last)
    return text.rjust(cells)


def buckets(
    at: Sequence[float], values: Sequence[float | None], until: float, step: float, number: int
) -> list[float | None]:
    """The highest value in each of ``number`` buckets of ``step`` seconds, the last complete one at the end.

    Buckets stand at multiples of ``step``, so that a line moves by whole characters and only then.
    """
    end = until // step
    found: list[float | None] = [None] * number
    for when, value in zip(at, values, strict=True):
        if value is None:
            continue
        place = int(when // step - end) + number
        if 0 <= place < number:
            before = found[place]
            if before is None or value > before:
                found[place] = value
    return found
