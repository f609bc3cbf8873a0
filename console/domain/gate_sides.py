"""From ``7``, ``canary`` or ``7@canary`` to the version and the targets that are meant."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from console.domain.fleet import Fleet, Target
from console.domain.gate import Side
from console.domain.rows import ModelRow
from console.domain.serving import in_order
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.toml_problems import nearest
from console.domain.triton import State

_BLANK = '""'


class NoSuchSideError(ValueError):
    """What was asked for is not there; ``what`` is ``model``, ``version``, ``target`` or ``sides``."""

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


class Place(NamedTuple):
    """Where one side is asked: one of its targets, and its version."""

    target: Target
    version: str


class Pair(NamedTuple):
    """Both sides of a gate as they are asked."""

    model: str
    baseline: Place
    candidate: Place

    @property
    def where(self) -> str:
        """The targets in words."""
        first, second = self.baseline.target.name, self.candidate.target.name
        return first if first == second else f"{first} and {second}"


def pair_of(fleet: Fleet, model: str, baseline: Side, candidate: Side) -> Pair | None:
    """A target that has both where there is one, else the first of each; None where a side has none to ask."""
    targets = {target.name: target for target in fleet.targets if not target.scraped}
    first = [targets[name] for name in baseline.targets if name in targets]
    second = [targets[name] for name in candidate.targets if name in targets]
    both = [target for target in first if target in second]
    if not first or not second:
        return None
    one, other = (both[0], both[0]) if both else (first[0], second[0])
    return Pair(model, Place(one, baseline.version), Place(other, candidate.version))


def sides(snapshot: Snapshot, model: str, baseline: str, candidate: str) -> tuple[Side, Side]:
    """Both sides of a gate; raises NoSuchSideError with the nearest names.

    A side without a target is its version everywhere but on the targets that the other one names.
    """
    rows = [row for row in snapshot.models if row.model == model]
    if not rows:
        raise NoSuchSideError("model", f"no target knows the model {_near(model, _models(snapshot))}")
    first, second = _side(snapshot, rows, baseline), _side(snapshot, rows, candidate)
    first, second = _apart(first, second), _apart(second, first)
    if first == second or not set(first.targets) - set(_shared(first, second)):
        said = f"baseline and candidate are both {visible(model, 80)}/{first.label}"
        raise NoSuchSideError("sides", f"{said}: there is nothing to compare")
    return first, second


def default_sides(rows: Sequence[ModelRow]) -> tuple[Side, Side] | None:
    """The newest version that is ready as the candidate and the one before as the baseline; None where there is one."""
    ready = {row.version: row for row in rows if row.ready}
    known = ready if len(ready) > 1 else {row.version: row for row in rows}
    order = in_order(known)
    if len(order) < 2:
        return None
    return Side(order[-2], known[order[-2]].targets), Side(order[-1], known[order[-1]].targets)


def target_of(targets: Iterable[Target], text: str) -> Target | None:
    """The target of that name or address."""
    wanted = text.rstrip("/")
    found = (target for target in targets if wanted in (target.name, target.url))
    return next(found, None)


def _side(snapshot: Snapshot, rows: Sequence[ModelRow], text: str) -> Side:
    by_version = {row.version: row for row in rows}
    if text in by_version:
        return Side(text, by_version[text].targets)
    version, at, place = text.partition("@")
    if at and version in by_version:
        name = _target(snapshot, rows, place)
        return _placed(by_version[version], name)
    if at and version:
        raise _no_version(rows, version)
    if text.isdigit() and target_of(snapshot.fleet.targets, text) is None:
        raise _no_version(rows, text)
    return _on(snapshot, rows, _target(snapshot, rows, place if at else text))


def _on(snapshot: Snapshot, rows: Sequence[ModelRow], target: str) -> Side:
    """What a target serves of the model: its newest version that is ready."""
    there = [row for row in rows if target in row.targets]
    states = {
        row.version: replica.state
        for row in there
        for replica in snapshot.history.replicas(row.key)
        if replica.target == target
    }
    ready = [row for row in there if states.get(row.version) is State.READY] or there
    if not ready:
        name, on = visible(rows[0].model, 80), visible(target, 80)
        raise NoSuchSideError("target", f"{on} does not serve {name}; {_served(rows)}")
    newest = in_order(row.version for row in ready)[-1]
    return _placed(next(row for row in ready if row.version == newest), target)


def _placed(row: ModelRow, target: str) -> Side:
    if target not in row.targets:
        label = visible(row.key.label, 80)
        raise NoSuchSideError("target", f"{visible(target, 80)} does not serve {label}; {_served([row])}")
    return Side(row.version, (target,), whole=row.targets == (target,))


def _apart(side: Side, other: Side) -> Side:
    """A side without the targets of the other, where that is the same version on fewer of them."""
    if side.version != other.version or len(other.targets) >= len(side.targets):
        return side
    left = tuple(target for target in side.targets if target not in other.targets)
    return Side(side.version, left, whole=False)


def _shared(side: Side, other: Side) -> tuple[str, ...]:
    return other.targets if side.version == other.version else ()


def _target(snapshot: Snapshot, rows: Sequence[ModelRow], text: str) -> str:
    found = target_of(snapshot.fleet.targets, text)
    if found is None:
        names = [target.name for target in snapshot.fleet.targets]
        versions = _few(in_order(row.version for row in rows), "the version is", "the versions are")
        targets = _few(names, "the target is", "the targets are")
        guess = nearest(text, names) or f"; {versions}; {targets}"
        said = f"no version and no target is called {visible(text, 80) or _BLANK}"
        raise NoSuchSideError("target", said + visible(guess, 400))
    return found.name


def _no_version(rows: Sequence[ModelRow], version: str) -> NoSuchSideError:
    known = ", ".join(in_order(row.version for row in rows))
    said = f"no target knows version {visible(version, 40)} of {visible(rows[0].model, 80)}; it has "
    return NoSuchSideError("version", said + visible(known, 200))


def _models(snapshot: Snapshot) -> list[str]:
    return list(dict.fromkeys(row.model for row in snapshot.models))


def _served(rows: Iterable[ModelRow]) -> str:
    names = sorted({target for row in rows for target in row.targets})
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{visible(', '.join(names[:5]), 300)}{more} {'does' if len(names) == 1 else 'do'}"


def _near(wanted: str, known: Sequence[str]) -> str:
    guess = nearest(wanted, known) or f"; {_few(sorted(known), 'there is', 'there are')}"
    return (visible(wanted, 80) or _BLANK) + visible(guess, 400)


def _few(names: Sequence[str], one: str, several: str) -> str:
    """The first of the names in words."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{one if len(names) == 1 else several} {', '.join(names[:5]) or 'none'}{more}"
