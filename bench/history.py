"""History of 20,000 series: rings of arrays against a deque for each series."""

from collections import deque

import numpy as np

from bench.parse import Figure, timed
from console.domain.history import Tier, Track
from console.domain.ledger import Ledger

SERIES, SLOTS, COLUMNS = 20_000, 300, 10


def figures() -> list[Figure]:
    """(name, our seconds, the peer's, note)."""
    rows = SERIES // COLUMNS
    track = Track([str(n) for n in range(COLUMNS)], Tier(0, SLOTS))
    ledger = Ledger(COLUMNS, (Tier(0, SLOTS + 1),))
    block = np.random.default_rng(0).random((COLUMNS, rows), dtype=np.float32)
    rates = block.astype(np.float64)
    deques: list[deque[tuple[float, float]]] = [deque(maxlen=SLOTS) for _ in range(SERIES)]
    values = block.ravel().tolist()
    for slot in range(SLOTS):
        track.append(float(slot), block)
        ledger.advance(float(slot), rates, 1.0)
        _append(deques, float(slot), values)
    return [
        (
            "history, append",
            timed(lambda: track.append(1e6, block), 20),
            timed(lambda: _append(deques, 1e6, values), 3),
            f"{SERIES} series",
        ),
        (
            "history, window mean of all",
            timed(lambda: ledger.window(float(SLOTS), 60.0, rows), 20),
            timed(lambda: _means(deques), 3),
            "last 60 s",
        ),
    ]


def _append(deques: list[deque[tuple[float, float]]], at: float, values: list[float]) -> None:
    for kept, value in zip(deques, values, strict=True):
        kept.append((at, value))


def _means(deques: list[deque[tuple[float, float]]]) -> list[float]:
    return [sum(value for _, value in list(kept)[-60:]) / 60 for kept in deques]
