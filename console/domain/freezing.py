"""What the steps in a deploy lock may do: whoever can write the lock must not get more than that done."""

from collections.abc import Mapping

from console.domain.plan import Step

# By control: the members of an object that a freeze sets, and an unfreeze puts back.
_MEMBERS: Mapping[str, frozenset[tuple[str, ...]]] = {
    "kubernetes": frozenset({("spec", "paused")}),
    "argocd": frozenset({("spec", "syncPolicy", "automated")}),
    "flux": frozenset({("spec", "suspend")}),
    # A command runs its settings' own text, whatever a step says.
    "command": frozenset(),
}
_SHAPE = {"set", "keep", "subresource"}


def lifts_a_freeze(step: Step) -> bool:
    """Whether a step, and its way back, touches nothing but what a freeze touches."""
    allowed = _MEMBERS.get(step.control)
    if allowed is None:
        return False
    if allowed and not (set(step.change) <= _SHAPE and _paths(step) <= allowed):
        return False
    return step.inverse is None or lifts_a_freeze(step.inverse)


def _paths(step: Step) -> set[tuple[str, ...]]:
    rows = step.change.get("set")
    if not isinstance(rows, list | tuple):
        return set()
    paths = [row.get("path") if isinstance(row, Mapping) else None for row in rows]
    return {tuple(map(str, path)) if isinstance(path, list | tuple) else () for path in paths}
