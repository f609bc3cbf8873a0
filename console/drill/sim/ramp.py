"""A value that moves in a straight line from one level to the next."""


class Ramp:
    """``at(second)`` is the level then; ``go`` sets the next one."""

    def __init__(self, level: float) -> None:
        self._from = self._to = level
        self._begin = self._end = float("-inf")

    def go(self, level: float, now: float, over_s: float = 0.0) -> None:
        """Move to ``level`` between ``now`` and ``over_s`` later."""
        self._from, self._to = self.at(now), level
        self._begin, self._end = now, now + over_s

    def at(self, now: float) -> float:
        """The level at second ``now``."""
        if now >= self._end:
            return self._to
        share = (now - self._begin) / (self._end - self._begin)
        return self._from + (self._to - self._from) * share
