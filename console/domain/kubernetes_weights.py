"""Route weights kept in Kubernetes: where they stand in each kind of route, and which ones give a share."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from console.domain.kubernetes import Member, Path, member
from console.domain.states import Json
from console.domain.text import whole

_NGINX = "nginx.ingress.kubernetes.io/"
CANARY_WEIGHT: Path = ("metadata", "annotations", f"{_NGINX}canary-weight")
_STRONGER = ("canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie")


class Backend(NamedTuple):
    """One backend of a rule: its weight as written (None: not), and where that stands (None: it follows the rest)."""

    name: str
    weight: int | None
    path: Path | None


class Split(NamedTuple):
    """The backends of one rule. An unwritten weight counts ``default``; the weights are shares of their sum.

    ``keep`` are the members that say which backend is which. ``total`` is the sum that the kind asks for, if any.
    """

    backends: tuple[Backend, ...]
    default: int
    keep: tuple[Path, ...] = ()
    total: int | None = None

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights that count."""
        return tuple(self.default if each.weight is None else each.weight for each in self.backends)

    def share(self, mine: Sequence[str]) -> float | None:
        """The share (0-1) of the named backends now; None where every weight is 0."""
        pairs = list(zip(self.backends, self.weights, strict=True))
        total = sum(weight for _, weight in pairs)
        return sum(weight for each, weight in pairs if each.name in mine) / total if total else None


def split_of(kind: str, obj: Any, rule: int) -> Split:
    """The backends of a rule; raises ValueError with a sentence where the object has no weights there."""
    if kind == "ingress":
        return _ingress(obj)
    base, inner = (("spec", "rules"), "backendRefs") if kind == "httproute" else (("spec", "http"), "route")
    rows = member(obj, (*base, rule, inner))
    if not isinstance(rows, list) or not rows:
        count = member(obj, base)
        raise ValueError(
            f"rule {rule} has no backends ({len(count) if isinstance(count, list) else 0} rules)"
        )
    if not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"rule {rule} has a backend that is none")
    named = _gateway_name if kind == "httproute" else _istio_name
    names: list[str] = []
    keep: list[Path] = []
    found: list[Backend] = []
    for number, row in enumerate(rows):
        name, inside = named(row)
        # The same service twice, as with two ports, stays two backends.
        names.append(name if name not in names else f"{name}#{number}")
        path = (*base, rule, inner, number)
        weight = member(row, ("weight",))
        found.append(Backend(names[-1], weight if isinstance(weight, int) else None, (*path, "weight")))
        keep += [(*path, *each) for each in inside]
    # One Istio destination alone needs no weight; among several an unwritten one is 0.
    default = 1 if kind == "httproute" or len(rows) == 1 else 0
    return Split(tuple(found), default, tuple(keep), 100 if kind == "virtualservice" else None)


def _gateway_name(row: Any) -> tuple[str, list[Path]]:
    return str(member(row, ("name",)) or ""), [("name",)]


def _istio_name(row: Any) -> tuple[str, list[Path]]:
    host, subset = member(row, ("destination", "host")), member(row, ("destination", "subset"))
    paths: list[Path] = [("destination", "host")]
    if subset is None:
        return str(host or ""), paths
    return f"{host}/{subset}", [*paths, ("destination", "subset")]


def _ingress(obj: Any) -> Split:
    marks = member(obj, ("metadata", "annotations"))
    found: Mapping[str, Any] = marks if isinstance(marks, Mapping) else {}
    if found.get(f"{_NGINX}canary") != "true":
        raise ValueError(f'it is no canary: its annotation {_NGINX}canary is not "true"')
    total = whole(str(found.get(f"{_NGINX}canary-weight-total", "100"))) or 100
    written = found.get(f"{_NGINX}canary-weight")
    weight = whole(str(written)) if written is not None else None
    rest = Backend("the main ingress", total - (weight or 0), None)
    first = Backend(_service(obj), weight, CANARY_WEIGHT)
    return Split((first, rest), 0, (("metadata", "annotations", f"{_NGINX}canary"),), total)


def _service(obj: Any) -> str:
    path = ("spec", "rules", 0, "http", "paths", 0, "backend")
    return str(member(obj, (*path, "service", "name")) or member(obj, (*path, "serviceName")) or "the canary")


def stronger(obj: Any) -> tuple[str, ...]:
    """What decides about a request before an ingress's canary weight does."""
    marks = member(obj, ("metadata", "annotations"))
    found: Mapping[str, Any] = marks if isinstance(marks, Mapping) else {}
    return tuple(key for key in _STRONGER if f"{_NGINX}{key}" in found)


def weights_state(kind: str, obj: Any, rule: int) -> dict[str, Json]:
    """The weights as written, by backend, in the rule's order; null is unwritten."""
    split = split_of(kind, obj, rule)
    return {"weights": [[each.name, each.weight] for each in split.backends if each.path is not None]}


def reduced(split: Split, mine: Sequence[str], percent: float) -> tuple[int, ...]:
    """Weights that give the named backends this percent; raises ValueError with a sentence where none can.

    The named ones keep their proportions among themselves, and so do the others.
    """
    if not mine:
        raise ValueError("the settings name no backends of it, so it is not known which are the model's")
    now = split.share(mine)
    flags = [each.name in mine for each in split.backends]
    lost = [name for name in mine if name not in {each.name for each in split.backends}]
    if lost:
        there = ", ".join(each.name for each in split.backends)
        raise ValueError(f"the rule has no backend {', '.join(lost)}; it has {there}")
    if all(flags):
        raise ValueError("every backend of the rule is the model's own, so nothing takes what it gives up")
    if now is not None and percent >= now * 100:
        raise ValueError(f"the model has {now * 100:.4g} % now, which is not more than {percent:g} %")
    total = split.total or _total(percent)
    kept = round(total * percent / 100)
    own = _parts(kept, [w for w, flag in zip(split.weights, flags, strict=True) if flag])
    others = _parts(total - kept, [w for w, flag in zip(split.weights, flags, strict=True) if not flag])
    return tuple(own.pop(0) if flag else others.pop(0) for flag in flags)


def written(kind: str, split: Split, weights: Sequence[int | None]) -> list[Member]:
    """The members that write these weights; an ingress keeps its own as text."""
    pairs = zip(split.backends, weights, strict=True)
    return [
        Member(each.path, str(weight) if kind == "ingress" and weight is not None else weight)
        for each, weight in pairs
        if each.path is not None
    ]


def _total(percent: float) -> int:
    """The smallest round sum that can say the percent."""
    for total in (100, 1000, 10_000):
        if abs(total * percent / 100 - round(total * percent / 100)) < 1e-9:
            return total
    return 100_000


def _parts(total: int, weights: Sequence[int]) -> list[int]:
    """A total divided as the weights are, evenly where all are 0; the largest remainders get what is left."""
    shares = list(weights) if sum(weights) else [1] * len(weights)
    exact = [total * share / sum(shares) for share in shares]
    parts = [int(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda i: exact[i] - parts[i], reverse=True)
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
