"""Quantiles over a sliding window, as prometheus-cpp's summaries keep them: 60 s in 5 steps."""

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

WINDOW_S = 60.0
STEPS = 5
# Samples kept per step; at more, every second one goes, which leaves quantiles as they are.
KEPT = 1024


class Window:
    """The samples of the last 60 s, thinned evenly; a step of 12 s is dropped at a time."""

    def __init__(self) -> None:
        self._steps: deque[list[float]] = deque([[]], maxlen=STEPS)
        self._stride = 1
        self._skip = 0
        self._step_s = WINDOW_S / STEPS
        self._turns_at: float | None = None

    def add(self, at: float, samples: Sequence[float]) -> None:
        """Take samples observed at second ``at``."""
        self._turn(at)
        if self._stride == 1:
            self._steps[-1].extend(samples)
        else:
            self._steps[-1].extend(samples[self._skip :: self._stride])
            self._skip = (self._skip - len(samples)) % self._stride
        if len(self._steps[-1]) > KEPT:
            self._thin()

    def quantiles(self, at: float, wanted: Iterable[float]) -> list[float] | None:
        """The wanted quantiles (0-1) at second ``at``; None when the window is empty."""
        self._turn(at)
        samples = np.fromiter((value for step in self._steps for value in step), float)
        if not samples.size:
            return None
        samples.sort()
        last = samples.size - 1
        return [float(samples[min(last, int(quantile * samples.size))]) for quantile in wanted]

    def _turn(self, at: float) -> None:
        if self._turns_at is None:
            self._turns_at = at + self._step_s
        while at >= self._turns_at:
            if len(self._steps[-1]) < KEPT // 4 and self._stride > 1:
                self._stride //= 2
            self._steps.append([])
            self._turns_at += self._step_s

    def _thin(self) -> None:
        for step in self._steps:
            del step[1::2]
        self._stride *= 2
