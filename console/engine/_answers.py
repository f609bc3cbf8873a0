"""Answers of the triage for a report: those given at the time, and for the rest the moments to ask again."""

from collections.abc import Iterable, Sequence

from console.domain.marker import Marker, MarkerKind
from console.domain.report import Answered, Stretch
from console.domain.triage import NONE, UNKNOWN, Walk

# So long after the first alert there is enough to tell a cause by; where that says nothing, once more later.
_AFTER_S = (60.0, 180.0)
# What was done about it shows in the figures soon: the cause is looked for before.
_BEFORE_ACTION_S, _LEAST_S = 5.0, 5.0
_MOST_MODELS = 6
_STARTS = ("page: ", "now a page: ", "ticket: ")


class Moments:
    """For each model that was alerted about and has no answer of the time: when to ask the triage."""

    def __init__(
        self, markers: Sequence[Marker], walks: Iterable[Walk], window: Stretch, acted: Iterable[float] = ()
    ) -> None:
        """``acted`` are moments at which plans were begun (epoch seconds), as far as they are known beforehand."""
        ended = (marker.at for marker in markers if marker.kind is MarkerKind.ACTION)
        changes = sorted((*acted, *ended))
        answered = {walk.model for walk in walks if _concluded(walk)}
        self._due: dict[str, list[float]] = {}
        self.walks: list[Walk] = []
        for model, since in _alerted(markers).items():
            if model not in answered and len(self._due) < _MOST_MODELS:
                self._due[model] = _moments(changes, since, window)

    def due(self, at: float) -> tuple[str, ...]:
        """The models to ask about on the picture of this moment (epoch seconds)."""
        found = tuple(model for model, moments in self._due.items() if moments and moments[0] <= at)
        for model in found:
            self._due[model] = [moment for moment in self._due[model] if moment > at]
        return found

    def answer(self, model: str, walk: Walk) -> None:
        """What the triage said; a cause ends the asking."""
        if walk.verdict == NONE:
            return
        self.walks = [each for each in self.walks if each.model != model]
        self.walks.append(walk)
        if _concluded(walk):
            self._due[model] = []


def answered(recorded: Iterable[Walk], computed: Iterable[Walk]) -> tuple[Answered, ...]:
    """Each verdict once, the surest answer that gave it: those of the time first, then those computed from the recording."""
    groups: dict[tuple[str, str, str], list[Walk]] = {}
    for walk in recorded:
        if walk.verdict != NONE:
            groups.setdefault((walk.model, walk.runbook.id, walk.verdict), []).append(walk)
    known = {model for (model, _, verdict) in groups if verdict != UNKNOWN}
    found = [
        _group(walks)
        for (model, _, verdict), walks in groups.items()
        # Where a cause was found, that it was not known before is no answer of its own.
        if verdict != UNKNOWN or model not in known
    ]
    told = {each.walk.model for each in found if _concluded(each.walk)}
    return (*found, *(Answered(walk, recorded=False) for walk in computed if walk.model not in told))


def _group(walks: Sequence[Walk]) -> Answered:
    surest = max(walks, key=lambda walk: walk.confidence)
    return Answered(surest, recorded=True, again=len(walks) - 1, last=walks[-1].at)


def _concluded(walk: Walk) -> bool:
    return walk.verdict not in {NONE, UNKNOWN}


def _alerted(markers: Iterable[Marker]) -> dict[str, float]:
    """Since when there were alerts about each model; pages before tickets."""
    pages: dict[str, float] = {}
    tickets: dict[str, float] = {}
    for marker in markers:
        if marker.kind is MarkerKind.ALERT and marker.model and marker.detail.startswith(_STARTS):
            kind = tickets if marker.detail.startswith("ticket") else pages
            kind.setdefault(marker.model, marker.at)
    first = {model: min(at, tickets.get(model, at)) for model, at in pages.items()}
    return {**first, **{model: at for model, at in tickets.items() if model not in first}}


def _moments(changes: Sequence[float], since: float, window: Stretch) -> list[float]:
    first = next((at for at in changes if at > since), window.until)
    latest = min(first - _BEFORE_ACTION_S, window.until)
    latest = max(latest, since + _LEAST_S)
    return sorted({min(since + after, latest) for after in _AFTER_S})
