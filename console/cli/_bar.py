"""A bar on the terminal while files are read."""

import sys

from console.domain.text import visible
from console.view.styled import clip

_FULL = 30
_WIDEST = 78


class Bar:
    """Called with the share that is done (0-1) and what is read now; draws only on a terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def __call__(self, share: float, what: str) -> None:
        if self._live:
            full = round(min(max(share, 0.0), 1.0) * _FULL)
            line = f"{'█' * full}{'░' * (_FULL - full)} {share * 100:3.0f} %  {visible(what, 60)}"
            sys.stderr.write(f"\r\x1b[K{clip(line, _WIDEST)}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the bar away."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
