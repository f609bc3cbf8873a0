"""What happens again and again: loads that fail, processes that restart. Told from markers."""

from collections.abc import Iterable, Iterator, Sequence

from console.domain.alert_condition import PAGE, TICKET, Condition
from console.domain.instant import utc
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import TargetRow
from console.domain.text import visible

REPEATS = 2
WITHIN_S = 600.0
# One load of one model fails on every replica about now; one restart is seen as down, up and counters at 0.
_TOGETHER_S = 30.0
_TOLD = 4
_DETAIL = 120
_LOADS = {MarkerKind.FAILURE, MarkerKind.LOAD}
_RESTARTS = {MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART}


def repeats(markers: Sequence[Marker], targets: Sequence[TargetRow], at: float) -> Iterator[Condition]:
    """Conditions that markers (oldest first) of the last ten minutes tell at this moment (epoch seconds)."""
    recent = list(_since(markers, at - WITHIN_S))
    yield from _load_failures(marker for marker in recent if marker.kind in _LOADS)
    yield from _crash_loops([marker for marker in recent if marker.kind in _RESTARTS], targets)


def _since(markers: Sequence[Marker], start: float) -> Iterator[Marker]:
    """Markers of interest from then on; a marker may be dated back, so that all are looked at."""
    return (marker for marker in markers if marker.at >= start and marker.kind in _LOADS | _RESTARTS)


def _load_failures(markers: Iterable[Marker]) -> Iterator[Condition]:
    """A version whose loads fail, until it is loaded."""
    failed: dict[tuple[str, str], list[Marker]] = {}
    for marker in markers:
        version = (marker.model, marker.version)
        if marker.kind is MarkerKind.LOAD:
            failed.pop(version, None)
        elif marker.model:
            failed.setdefault(version, []).append(marker)
    models: dict[str, list[Marker]] = {}
    for (model, _), found in failed.items():
        models.setdefault(model, []).extend(found)
    for model, found in models.items():
        attempts = _attempts(sorted(found))
        if len(attempts) >= REPEATS:
            said = f"loads of {model} failed {len(attempts)} times in {WITHIN_S / 60:.0f} min"
            newest = attempts[-1]
            yield Condition(
                "load-failures", TICKET, model, said, _times(attempts), model, newest.version, newest.target
            )


def _attempts(failures: Iterable[Marker]) -> list[Marker]:
    """The first failure of each load: a load fails once on each replica, within moments, and of all versions at once."""
    attempts: list[Marker] = []
    failed_at: dict[tuple[str, str], float] = {}
    for failure in failures:
        one = failure.target, failure.version
        again = failed_at.get(one, failure.at) < failure.at
        if not attempts or again or failure.at - attempts[-1].at > _TOGETHER_S:
            attempts.append(failure)
            failed_at = {}
        failed_at[one] = failure.at
    return attempts


def _crash_loops(markers: Sequence[Marker], targets: Sequence[TargetRow]) -> Iterator[Condition]:
    by_target: dict[str, list[Marker]] = {target.name: [] for target in targets}
    for marker in markers:
        by_target.get(marker.target, []).append(marker)
    counted = {name: list(_ends(found)) for name, found in by_target.items() if found}
    ends = {name: found for name, found in counted.items() if len(found) >= REPEATS}
    others = any(target.up and target.name not in ends for target in targets)
    for name, found in ends.items():
        said = f"{name} restarted or went away {len(found)} times in {WITHIN_S / 60:.0f} min"
        yield Condition("crash-loop", TICKET if others else PAGE, name, said, _times(found), target=name)


def _ends(markers: Iterable[Marker]) -> Iterator[Marker]:
    """One marker for each time that a process ended: going down and coming back with counters at 0 is one end."""
    back_at: float | None = None
    away = False
    for marker in markers:
        if marker.kind is MarkerKind.DOWN:
            # One that stopped answering and then was found no more went away once.
            if not away:
                yield marker
            away = True
        elif marker.kind is MarkerKind.UP:
            away, back_at = False, marker.at
        elif not away and (back_at is None or marker.at - back_at > _TOGETHER_S):
            yield marker


def _times(markers: Sequence[Marker]) -> str:
    """When each happened, and what the last one said."""
    shown = markers[-_TOLD:]
    moments = ", ".join(utc(marker.at, "%H:%M:%S") for marker in shown)
    more = f"… {len(markers) - len(shown)} before, " if len(markers) > len(shown) else ""
    said = next((line for line in markers[-1].detail.splitlines() if line.strip()), "")
    return f"{more}{moments}Z; last: {visible(said.strip(), _DETAIL)}"
