"""The queries in a file of Prometheus rules, or in a Grafana dashboard."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

MOST_QUERIES = 20_000
_DEEPEST = 40


class Query(NamedTuple):
    """One query: what it belongs to in words, where it stands in the file, and its line (None: unknown)."""

    text: str
    owner: str
    path: str
    line: int | None = None


class Content(NamedTuple):
    """What a file holds: its queries, the names that its rules record, and whether it is rules or a dashboard at all."""

    queries: tuple[Query, ...]
    recorded: frozenset[str]
    known: bool


class Place(NamedTuple):
    """A document of a file as plain values, and its own text, in which lines are looked up."""

    document: object
    text: str


def content(places: Iterable[Place]) -> Content:
    """Everything that the documents ask; what is neither rules nor a dashboard asks nothing."""
    found: list[Query] = []
    recorded: set[str] = set()
    known = False
    lines = _Lines("")
    for place in places:
        lines = lines if place.text is lines.text else _Lines(place.text)
        groups = _groups(place.document)
        if groups is not None:
            known = True
            found += islice(_rules(groups, lines), MOST_QUERIES)
            recorded |= {str(rule["record"]) for _, _, rule in _each(groups) if "record" in rule}
        else:
            found += islice(_dashboard(place.document, lines, "", "", 0), MOST_QUERIES)
    return Content(tuple(found[:MOST_QUERIES]), frozenset(recorded), known or bool(found))


class _Lines:
    """Finds the lines of queries that come in the order of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0

    def of(self, key: str, query: str) -> int | None:
        """The line (from 1) where the query stands behind its key, as JSON, or as YAML by its first line."""
        first = next((line.strip() for line in query.splitlines() if line.strip()), "")
        key_at = self.text.find(key, self._at)
        for written in (json.dumps(query)[1:-1], first):
            at = self.text.find(written, key_at + len(key)) if written and key_at >= 0 else -1
            if at >= 0:
                self._at = at + len(written)
                return self.text.count("\n", 0, at) + 1
        return None


def _groups(document: object) -> list[object] | None:
    """The groups of a rules file, or of a PrometheusRule of Kubernetes."""
    if not isinstance(document, Mapping):
        return None
    spec = document.get("spec")
    found = spec.get("groups") if isinstance(spec, Mapping) else document.get("groups")
    return found if isinstance(found, list) else None


def _each(groups: list[object]) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Every rule with its group's name and its path."""
    for number, group in enumerate(groups):
        rules = group.get("rules") if isinstance(group, Mapping) else None
        for place, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping):
                name = group.get("name") if isinstance(group, Mapping) else None
                yield str(name or number), f"groups[{number}].rules[{place}]", rule


def _rules(groups: list[object], lines: _Lines) -> Iterator[Query]:
    for group, path, rule in _each(groups):
        if "expr" in rule:
            kind = "alert" if "alert" in rule else "record"
            text = str(rule["expr"])
            owner = f"{kind} {rule.get(kind, '?')} in group {group}"
            yield Query(text, owner, f"{path}.expr", lines.of("expr", text))


def _dashboard(node: object, lines: _Lines, path: str, title: str, depth: int) -> Iterator[Query]:
    """Every ``expr`` of a panel, and the queries of variables, wherever they stand."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _dashboard(each, lines, f"{path}[{number}]", title, depth + 1)
    elif isinstance(node, Mapping):
        named = node.get("title") or (node.get("name") if {"query", "expr"} & node.keys() else None)
        title = str(named) if isinstance(named, str) and named else title
        for key, each in node.items():
            here = f"{path}.{key}" if path else str(key)
            if isinstance(each, str) and _asks(str(key), each, path):
                yield Query(each, _owner(node, title, path), here, lines.of(str(key), each))
            else:
                yield from _dashboard(each, lines, here, title, depth + 1)


def _asks(key: str, value: str, path: str) -> bool:
    """Whether a text is a query: an expression, or what fills a variable."""
    if not value.strip():
        return False
    return key == "expr" or (key in {"query", "definition"} and "templating" in path and "(" in value)


def _owner(node: Mapping[str, object], title: str, path: str) -> str:
    what = "variable" if "templating" in path else "annotation" if "annotations" in path else "panel"
    letter = node.get("refId")
    return f'{what} "{title}"' + (f", query {letter}" if isinstance(letter, str) and what == "panel" else "")
