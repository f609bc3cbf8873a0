"""Alerts over time: since when they hold, and what became of them."""

from collections.abc import Iterable
from typing import NamedTuple

from console.domain.alerts import PAGE, Condition
from console.domain.rows import Alert, AlertState


class Standing(NamedTuple):
    """What fires, and what is watched though it fires no more."""

    alerts: tuple[Alert, ...]
    calm: tuple[Alert, ...]


class AlertBook:
    """Remembers every condition for as long as it holds."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}

    def tick(self, holding: Iterable[Condition], at: float) -> Standing:
        """The alerts of this instant, the worst and oldest first."""
        found = list(holding)
        self._since = {(c.id, c.subject): self._since.get((c.id, c.subject), at) for c in found}
        ordered = sorted(found, key=lambda c: (c.severity, self._since[c.id, c.subject]))
        return Standing(tuple(self._alert(condition) for condition in ordered), ())

    def _alert(self, condition: Condition) -> Alert:
        state = AlertState.PAGE if condition.severity == PAGE else AlertState.TICKET
        since = self._since[condition.id, condition.subject]
        return Alert(*condition[:3], since, condition.message, condition.evidence, state)
