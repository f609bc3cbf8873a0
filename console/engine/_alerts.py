"""Alerts over time: since when they hold, whether they are over, and what silences them."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from console.domain.alert_condition import PAGE, TICKET, Condition
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import Alert, AlertState

CLEAR_S = 60.0
"""So long an alert must be quiet before it is over: one that flaps is one alert."""
KEEP_S = 600.0
"""So long one that is over is still shown."""
# A condition that waits to fire may be missing for so long: figures around a limit come and go.
_GAP_S = 10.0
# A fleet that breaks as a whole must not push every other marker out of memory.
_MOST_MARKERS = 20

Key = tuple[str, str]
"""An alert's id and subject."""


class Standing(NamedTuple):
    """What fires, what is watched though it fires no more, and what changed."""

    alerts: tuple[Alert, ...]
    calm: tuple[Alert, ...]
    markers: tuple[Marker, ...] = ()


class _Silence(NamedTuple):
    """Why an alert is silenced, up to which severity, and until when (epoch seconds; None: until it is over)."""

    note: str
    who: str
    severity: str
    until: float | None


@dataclass(slots=True)
class _Case:
    """One alert from its first sign to its end; ``since`` is epoch seconds, the others are monotonic."""

    condition: Condition
    since: float
    began: float
    held: float
    paged: float
    firing: bool = False
    state: AlertState = AlertState.TICKET

    @property
    def over(self) -> bool:
        return self.state is AlertState.ACCEPTABLE


class AlertBook:
    """Remembers every condition from when it first holds until it was over for a while."""

    def __init__(self) -> None:
        self._cases: dict[Key, _Case] = {}
        self._silences: dict[Key, _Silence] = {}
        self._changes: list[tuple[Condition, str]] = []

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002 - the name that alerts have
        """Let an alert that fires, or did a minute ago, no longer count, because of ``note``.

        It ends at ``until`` (epoch seconds), or else with the alert, and when the alert gets worse.
        """
        case = self._cases.get((id, subject))
        if case is not None and case.firing and not case.over:
            self._silences[id, subject] = _Silence(note, who, case.condition.severity, until)
            self._changes.append((case.condition, f"silenced by {who}: {note}"))

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002 - the name that alerts have
        """Let an alert count again."""
        self._lift((id, subject), "no longer silenced")

    def tick(self, holding: Iterable[Condition], at: float, mono: float) -> Standing:
        """The alerts of this instant (epoch and monotonic seconds), the worst and oldest first."""
        now = {self._hold(condition, at, mono) for condition in holding}
        for key in [known for known in self._cases if known not in now]:
            self._calm(key, self._cases[key], mono)
        self._end_silences(at)
        fired = [(key in now, case) for key, case in self._cases.items() if case.firing]
        firing = [case for holds, case in fired if holds]
        calm = [case for holds, case in fired if not holds]
        firing.sort(key=lambda case: (case.condition.severity, case.since))
        calm.sort(key=lambda case: (case.over, -case.held))
        return Standing(tuple(map(self._alert, firing)), tuple(map(self._alert, calm)), self._markers(at))

    def resume(self, mono: float) -> None:
        """Go on after nobody judged for a while: what fired then is not over before it was quiet for long enough again."""
        for key, case in list(self._cases.items()):
            quiet = mono - case.held
            if quiet >= CLEAR_S + KEEP_S or (quiet > _GAP_S and not case.firing):
                del self._cases[key]
            elif not case.over:
                case.held = mono
                case.paged += quiet

    def _hold(self, condition: Condition, at: float, mono: float) -> Key:
        key = condition.id, condition.subject
        # What grew into this alert is not over.
        self._cases.pop((condition.instead_of, condition.subject), None)
        case = self._cases.get(key)
        if case is None or case.over:
            case = self._cases[key] = _Case(condition, at, mono, mono, -math.inf)
        case.held = mono
        if condition.severity == PAGE:
            case.paged = mono
        elif mono - case.paged < CLEAR_S and case.firing:
            condition = condition._replace(severity=PAGE)
        worse = case.firing and condition.severity == PAGE and case.condition.severity != PAGE
        case.condition = condition
        case.state = AlertState.PAGE if condition.severity == PAGE else AlertState.TICKET
        if not case.firing and mono - case.began >= condition.for_s:
            case.firing = True
            self._changes.append((condition, f"{condition.severity}: {condition.message}"))
        elif worse:
            self._changes.append((condition, f"now a page: {condition.message}"))
            self._outgrown(key)
        return key

    def _calm(self, key: Key, case: _Case, mono: float) -> None:
        quiet = mono - case.held
        if not case.firing:
            if quiet > _GAP_S:
                del self._cases[key]
        elif quiet >= CLEAR_S + KEEP_S:
            del self._cases[key]
        elif quiet >= CLEAR_S:
            if not case.over:
                self._changes.append((case.condition, f"over: {case.condition.message}"))
            case.state = AlertState.ACCEPTABLE
        else:
            case.state = AlertState.RECOVERING

    def _outgrown(self, key: Key) -> None:
        silence = self._silences.get(key)
        if silence is not None and silence.severity == TICKET:
            self._lift(key, "no longer silenced: it got worse")

    def _end_silences(self, at: float) -> None:
        for key, silence in list(self._silences.items()):
            if silence.until is not None:
                if at >= silence.until:
                    self._lift(key, "its silence has ended")
            elif key not in self._cases or self._cases[key].over:
                del self._silences[key]

    def _lift(self, key: Key, said: str) -> None:
        silence = self._silences.pop(key, None)
        case = self._cases.get(key)
        if silence is not None and case is not None:
            self._changes.append((case.condition, said))

    def _alert(self, case: _Case) -> Alert:
        found = case.condition
        silence = self._silences.get((found.id, found.subject))
        return Alert(
            id=found.id,
            severity=found.severity,
            subject=found.subject,
            since=case.since,
            message=found.message,
            evidence=found.evidence,
            state=case.state,
            model=found.model,
            target=found.target,
            note=f"{silence.note} ({silence.who})" if silence else "",
        )

    def _markers(self, at: float) -> tuple[Marker, ...]:
        changes, self._changes = self._changes, []
        return tuple(_marked(changes, at))


def _marked(changes: list[tuple[Condition, str]], at: float) -> Iterator[Marker]:
    for found, said in changes[:_MOST_MARKERS]:
        yield Marker(at, MarkerKind.ALERT, found.subject, said, found.model, found.version, found.target)
    left = len(changes) - _MOST_MARKERS
    if left > 0:
        yield Marker(at, MarkerKind.ALERT, "alerts", f"{left} more alerts changed at once")
