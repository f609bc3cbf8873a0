"""A file of routes that Envoy watches: where its weights stand, and edits that touch nothing but them; pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from console.domain.envoy_config import whole_number

LIMIT = 2**20

# Where (in characters), the text there, and the text that replaces it.
Edit: TypeAlias = tuple[int, str, str]


class Place(NamedTuple):
    """A stretch of the file's text."""

    start: int
    text: str


class FileSplit(NamedTuple):
    """One split of the file: weights by cluster, and where each of them is written."""

    weights: Mapping[str, int]
    places: Mapping[str, Place]


class RouteFile(NamedTuple):
    """A file's text and digest, the names of its route configurations, where its version is, and its splits."""

    path: str
    text: str
    digest: str
    names: tuple[str, ...]
    version: Place | None
    splits: tuple[FileSplit, ...]


def digest(data: bytes) -> str:
    """The SHA-256 of the file's bytes."""
    return hashlib.sha256(data).hexdigest()


def route_file(path: str, data: bytes, clusters: Sequence[str]) -> RouteFile:
    """Read the file, JSON or YAML; raises ValueError where it is no such file or its weights are not plain numbers."""
    try:
        text = data.decode()
        root = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is neither JSON nor YAML") from error
    resources = _member(root, "resources")
    items = resources.value if isinstance(resources, SequenceNode) else []
    named = (_member(item, "name") for item in items)
    names = tuple(name.value for name in named if isinstance(name, ScalarNode))
    found = {split.start_mark.index: split for split in _weighted(root)}
    splits = tuple(
        split for node in found.values() if set((split := _split(node, text)).weights) == set(clusters)
    )
    if not splits:
        raise ValueError(
            f"{path} has no split between {', '.join(clusters)} whose weights are all written out"
        )
    version = _member(root, "version_info")
    place = _place(version, text) if isinstance(version, ScalarNode) else None
    return RouteFile(path, text, digest(data), names, place, splits)


def edits(file: RouteFile, goals: Sequence[Mapping[str, int]], version: str) -> tuple[Edit, ...]:
    """The edits that give the file's splits these weights and the file this version."""
    pairs = [
        (split.places[name], str(goal[name]))
        for split, goal in zip(file.splits, goals, strict=True)
        for name in split.places
        if goal[name] != split.weights[name]
    ]
    if file.version is not None:
        pairs.append((file.version, json.dumps(version)))
    changed = {place.start: (place.start, place.text, new) for place, new in pairs if place.text != new}
    return tuple(changed[start] for start in sorted(changed))


def edited(text: str, changes: Sequence[Edit]) -> str:
    """The text with the edits; raises ValueError where it is not what the edits were made for."""
    parts, at = [], 0
    for start, old, new in changes:
        if start < at or text[start : start + len(old)] != old:
            raise ValueError("the file is not the one that the edits were made for")
        parts += [text[at:start], new]
        at = start + len(old)
    return "".join([*parts, text[at:]])


def reversed_edits(changes: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that bring the old text back, to the byte."""
    shift, back = 0, []
    for start, old, new in changes:
        back.append((start + shift, new, old))
        shift += len(new) - len(old)
    return tuple(back)


def changed_lines(text: str, new: str) -> list[tuple[int, str]]:
    """The lines (from 1) that differ between two texts with equally many lines, as they are in the new one."""
    pairs = zip(text.split("\n"), new.split("\n"), strict=True)
    return [(number, after) for number, (before, after) in enumerate(pairs, 1) if before != after]


def _weighted(root: Node | None) -> Iterator[Node]:
    """Every ``weighted_clusters`` in the file, in its order."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            found = _member(node, "weighted_clusters")
            if found is not None:
                yield found
            waiting.extend(value for _, value in reversed(node.value))
        elif isinstance(node, SequenceNode):
            waiting.extend(reversed(node.value))


def _split(node: Node, text: str) -> FileSplit:
    """The split, empty where a weight is missing or no plain number."""
    listed = _member(node, "clusters")
    weights: dict[str, int] = {}
    places: dict[str, Place] = {}
    for item in listed.value if isinstance(listed, SequenceNode) else []:
        name, weight = _member(item, "name"), _member(item, "weight")
        number = whole_number(weight.value) if isinstance(weight, ScalarNode) else None
        if number is None or weight is None or not isinstance(name, ScalarNode):
            return FileSplit({}, {})
        weights[name.value] = number
        places[name.value] = _place(weight, text)
    return FileSplit(weights, places)


def _place(node: Node, text: str) -> Place:
    return Place(node.start_mark.index, text[node.start_mark.index : node.end_mark.index])


def _member(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for key, value in node.value if getattr(key, "value", None) == name), None)
