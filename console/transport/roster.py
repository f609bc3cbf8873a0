"""The targets that there are now, for whoever asks servers: the sources, the controls, the verifier."""

from collections.abc import Iterable

from console.domain.fleet import Fleet, Target


class Roster:
    """Those that were told last; before anybody told any, those of the settings."""

    def __init__(self) -> None:
        self._told: tuple[Target, ...] | None = None

    def tell(self, targets: Iterable[Target]) -> None:
        """There are these now, and no others."""
        self._told = tuple(targets)

    def of(self, fleet: Fleet) -> tuple[Target, ...]:
        """The fleet's servers, in its order; a group that is seen through Prometheus alone is none."""
        now = fleet.targets if self._told is None else self._told
        return tuple(target for target in now if not target.scraped)
