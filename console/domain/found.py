"""Servers that were found: what a look gives, several looks joined, and names that stay."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from console.domain.fleet import Target
from console.domain.text import visible

_LONGEST_NAME = 120


class Found(NamedTuple):
    """What one look found. ``notes`` are worth a line on screen, ``left_out`` what is there and no target, in words."""

    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def joined(looks: Iterable[Sequence[Target]]) -> tuple[Target, ...]:
    """The targets of several looks, each once: by its pod, else by its address; the first look to tell of it counts."""
    known: dict[object, Target] = {}
    for targets in looks:
        for target in targets:
            keys = _keys(target)
            same = next((known[key] for key in keys if key in known), None)
            merged = target if same is None else _filled(same, target)
            known |= dict.fromkeys((*keys, *(_keys(same) if same else ())), merged)
    return tuple(dict.fromkeys(known.values()))


def _keys(target: Target) -> tuple[object, ...]:
    pod = ((target.namespace, target.pod),) if target.namespace and target.pod else ()
    return (target.url, *pod)


def _filled(first: Target, other: Target) -> Target:
    """The first with what only the other knows of where it runs."""
    return replace(
        first,
        namespace=first.namespace or other.namespace,
        pod=first.pod or other.pod,
        node=first.node or other.node,
    )


class Names:
    """A name for each target by its address, no two alike; one that was given stays as long as its target is found.

    A pod's name is wanted, else the host; where another has it, the namespace is added, then the address, then ``#2``.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = frozenset(taken)
        self._given: dict[str, str] = {}

    def named(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """The targets with their names, in the order of those."""
        urls = {target.url for target in targets}
        self._given = {url: name for url, name in self._given.items() if url in urls}
        for target in sorted(targets, key=lambda each: (each.namespace, each.pod, each.url)):
            if target.url not in self._given:
                self._given[target.url] = self._free(target)
        made = (replace(target, name=self._given[target.url]) for target in targets)
        return tuple(sorted(made, key=lambda target: target.name))

    def _free(self, target: Target) -> str:
        taken = self._taken.union(self._given.values())
        split = urlsplit(target.url)
        base = visible(target.pod or split.hostname or target.url, _LONGEST_NAME)
        wanted = [base, f"{base}.{target.namespace}"] if target.namespace else [base]
        wanted.append(visible(f"{base} {split.netloc}" if target.pod else split.netloc, 2 * _LONGEST_NAME))
        found = next((name for name in wanted if name not in taken), "")
        number = 2
        while not found:
            found = f"{base}#{number}" if f"{base}#{number}" not in taken else ""
            number += 1
        return found
