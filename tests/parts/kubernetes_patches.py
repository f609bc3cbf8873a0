"""Patches as an API server applies them, written apart from the console's own so that the two can disagree."""

import copy
from typing import Any


class UnpatchableError(Exception):
    """A JSON patch that does not apply: a failed test, or a path that is not there."""


def json_patch(obj: Any, ops: list[dict[str, Any]]) -> Any:
    """RFC 6902: add, remove, replace and test."""
    new = copy.deepcopy(obj)
    for op in ops:
        parent, key = _parent(new, op["path"])
        here = _has(parent, key)
        match op["op"]:
            case "test":
                if not here or not _same(parent[key], op["value"]):
                    raise UnpatchableError
            case "remove" | "replace" if not here:
                raise UnpatchableError
            case "remove":
                del parent[key]
            case "replace":
                parent[key] = op["value"]
            case "add" if isinstance(parent, list):
                parent.insert(key, op["value"])
            case "add":
                parent[key] = op["value"]
            case _:
                raise UnpatchableError
    return new


def merge_patch(obj: Any, patch: Any) -> Any:
    """RFC 7386: a list replaces the whole list."""
    if not isinstance(patch, dict):
        return patch
    new = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        else:
            new[key] = merge_patch(new.get(key), value)
    return new


def strategic_patch(obj: Any, patch: Any) -> Any:
    """As a merge patch, but lists of named things are merged by name: enough for what kubectl itself sends."""
    if isinstance(patch, list) and isinstance(obj, list) and all(_named(each) for each in [*obj, *patch]):
        merged = {each["name"]: each for each in obj}
        merged |= {each["name"]: strategic_patch(merged.get(each["name"]), each) for each in patch}
        return list(merged.values())
    if not isinstance(patch, dict):
        return patch
    new = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        elif not key.startswith("$"):
            new[key] = strategic_patch(new.get(key), value)
    return new


def _parent(obj: Any, pointer: str) -> tuple[Any, Any]:
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in path:
        key = int(part) if isinstance(obj, list) else part
        if not _has(obj, key):
            raise UnpatchableError
        obj = obj[key]
    return obj, int(last) if isinstance(obj, list) and last != "-" else last


def _has(parent: Any, key: Any) -> bool:
    if isinstance(parent, list):
        return isinstance(key, int) and 0 <= key < len(parent)
    return isinstance(parent, dict) and key in parent


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _named(each: Any) -> bool:
    return isinstance(each, dict) and "name" in each
