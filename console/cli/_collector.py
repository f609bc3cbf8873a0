"""Python's collector of cycles, set for a process that holds much and must never stand still."""

import gc

# New objects until the young are looked through; a poll of a large fleet makes tens of thousands.
_YOUNG = 20_000
# So many times that until the older ones are: often enough that each time is short, and a closed screen is soon gone.
_OLDER = 5
# So many times that until all are: with a thousand models that takes a tenth of a second, for which keys wait.
_ALL = 10


def calm() -> None:
    """Look for cycles seldom: what the console drops is free at once but for closed screens, which can wait."""
    gc.set_threshold(_YOUNG, _OLDER, _ALL)
