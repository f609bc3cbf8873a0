"""Plot columns computed from what history keeps."""

import numpy as np

from console.domain.history import Track
from console.domain.snapshot import Points

_RATIOS = {
    "error_ratio": ("failed", "rate"),
    "mean_ms": ("request_ms", "success"),
    "queue_ms": ("queue_ms", "success"),
    "input_ms": ("input_ms", "success"),
    "infer_ms": ("infer_ms", "success"),
    "output_ms": ("output_ms", "success"),
    "batch": ("inferences", "executions"),
}


def column_points(track: Track, row: int | None, column: str, since: float, offset: float) -> Points:
    """One column after a monotonic time, None where unknown; ``offset`` turns times into epoch seconds."""
    if row is None:
        return Points((), ())
    over, under = _RATIOS.get(column, (column, ""))
    times, values = track.series(over, row, since)
    if under:
        _, divisor = track.series(under, row, since)
        values = np.divide(values, divisor, out=np.full_like(values, np.nan), where=divisor > 0)
    known = np.isfinite(values)
    return Points(
        (times + offset).tolist(), [float(v) if ok else None for v, ok in zip(values, known, strict=True)]
    )
