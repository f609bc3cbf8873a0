"""Weights that give a share: the arithmetic of every gateway that balances by weights."""

from collections.abc import Iterator, Mapping
from math import log
from typing import NamedTuple, TypeAlias

Weights: TypeAlias = Mapping[str, int]

# Rounding may miss the share by so much before the others' weights are touched as well.
NEAR = 0.01
_EXACT = 0.005


class Split(NamedTuple):
    """New weights of the ``kept`` group and of the ``others``."""

    kept: dict[str, int]
    others: dict[str, int]

    @property
    def share(self) -> float:
        """The share (0-1) of the kept group."""
        return share(self.kept, self.others) or 0.0


def share(kept: Weights, others: Weights) -> float | None:
    """The part (0-1) of all weight that the kept group has; None where there is no weight at all."""
    total = sum(kept.values()) + sum(others.values())
    return sum(kept.values()) / total if total else None


def against(wanted: float, kept: Weights, others: Weights, most: int) -> Split:
    """Weights of 1 to ``most`` by which ``kept`` gets ``wanted`` (0-1, both ends excluded) of the traffic.

    The others keep their weights unless rounding would miss the share by more than a point; then they
    are scaled, as little as is enough. Within a group the proportions stay. Every weight given is positive.
    """
    plain = _split(wanted, kept, others, most)
    if abs(plain.share - wanted) <= NEAR:
        return plain
    best, least = plain, _miss(plain, wanted, others)
    for scaled in _scaled(others, most):
        tried = _split(wanted, kept, scaled, most)
        miss = _miss(tried, wanted, others)
        if miss < least:
            best, least = tried, miss
        if least <= _EXACT:
            break
    return best


def of_total(wanted: float, kept: Weights, others: Weights, totals: tuple[int, ...]) -> Split:
    """Weights that sum to the first of the totals that is fine enough for the share and for every proportion.

    A weight of 0 stays 0, unless its whole group has nothing else; then the group shares evenly.
    """
    split = Split({}, {})
    for total in totals:
        mine = round(wanted * total)
        split = Split(_apportioned(mine, kept), _apportioned(total - mine, others))
        fine = abs(split.share - wanted) < _EXACT / 10
        starved = (mine and _starved(kept, split.kept)) or (mine < total and _starved(others, split.others))
        if fine and not starved:
            break
    return split


def _split(wanted: float, kept: Weights, others: Weights, most: int) -> Split:
    goal = wanted / (1 - wanted) * sum(others.values())
    given = sum(kept.values())
    mine = {name: max(1, min(most, weight)) for name, weight in _apportioned(round(goal), kept).items()}
    if goal < len(kept) or not given:
        mine = dict.fromkeys(kept, max(1, min(most, round(goal / len(kept)))))
    return Split(mine, dict(others))


def _scaled(others: Weights, most: int) -> Iterator[dict[str, int]]:
    """The others' weights at every scale that fits, the nearest to what they are first."""
    largest = max(others.values())
    for top in sorted(range(1, most + 1), key=lambda top: (abs(log(top / largest)), top)):
        yield {name: max(1, round(weight * top / largest)) for name, weight in others.items()}


def _miss(split: Split, wanted: float, others: Weights) -> float:
    """How far the share is off, or the proportions among the others, whichever is worse."""
    before, after = sum(others.values()), sum(split.others.values())
    bent = max(abs(split.others[name] / after - weight / before) for name, weight in others.items())
    return max(abs(split.share - wanted), bent * (1 - wanted))


def _apportioned(total: int, weights: Weights) -> dict[str, int]:
    """``total`` in whole parts by weight, by largest remainder; evenly where no one has weight."""
    if not sum(weights.values()):
        weights = dict.fromkeys(weights, 1)
    given = sum(weights.values())
    exact = {name: total * weight / given for name, weight in weights.items()}
    parts = {name: int(value) for name, value in exact.items()}
    left = total - sum(parts.values())
    for name in sorted(exact, key=lambda name: parts[name] - exact[name])[:left]:
        parts[name] += 1
    return parts


def _starved(before: Weights, after: Weights) -> bool:
    return any(weight and not after[name] for name, weight in before.items())
