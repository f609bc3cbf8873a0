"""Exit codes of the commands that change something."""

VERIFIED, FAILED, REFUSED = 0, 1, 3
