"""Back-fill: what was before the watch began, fed into the store before its first tick."""

from collections.abc import Sequence

from console.domain.fleet import Fleet
from console.domain.recording import Recalled
from console.engine.store import Store
from console.ports import Past

RECALL_S = 3600.0
"""So much history is looked for, in seconds."""


async def recall(
    store: Store, fleet: Fleet, pasts: Sequence[Past], at: float, mono: float
) -> Recalled | None:
    """Fill a store that has not ticked yet from the first of the pasts that has something; never raises.

    ``at`` and ``mono`` are now, in epoch and in monotonic seconds.
    """
    raise NotImplementedError
