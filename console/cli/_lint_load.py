"""A file of rules or a dashboard, read as plain values."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from console.cli._errors import CliError
from console.domain.lint_files import Content, Place, content
from console.domain.text import visible

LIMIT = 16 * 2**20


def queries(name: str) -> Content:
    """What a file asks, ``-`` is stdin; raises CliError for what cannot be read or asks nothing."""
    text = _text(name)
    try:
        found = content(_json(text) if text.lstrip()[:1] in {"{", "["} else _yaml(text))
    except RecursionError:
        raise _unreadable(f"{visible(name)} is too deeply nested") from None
    except ValueError as error:
        raise _unreadable(f"{visible(name)}: {visible(str(error), 300)}") from None
    if not found.known:
        raise _unreadable(f"no query in {visible(name)}")
    return found


def _unreadable(said: str) -> CliError:
    return CliError(said, "it takes Prometheus rules (YAML) or a Grafana dashboard (JSON)", id="unreadable")


def _text(name: str) -> str:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(LIMIT + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(LIMIT + 1)
    except OSError as error:
        raise CliError(f"cannot read {visible(name)}: {error.strerror or error}", id="unreadable") from None
    if len(raw) > LIMIT:
        raise CliError(f"{visible(name)} is larger than {LIMIT >> 20} MiB", id="unreadable")
    return raw.decode("utf-8", "replace").lstrip("\ufeff")


def _json(text: str) -> Iterator[Place]:
    try:
        yield Place(json.loads(text), text)
    except json.JSONDecodeError as error:
        # A flow mapping of YAML looks like JSON at first.
        try:
            yield from _yaml(text)
        except ValueError:
            raise ValueError(f"not JSON: {error}") from None


def _yaml(text: str) -> Iterator[Place]:
    from ruamel.yaml import YAML  # noqa: PLC0415 - once there is something to read
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - only a file that is no YAML needs it

    try:
        documents = list(YAML(typ="safe", pure=True).load_all(io.StringIO(text)))
    except (YAMLError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from None
    for document in documents:
        inside = _carried(document)
        if not inside:
            yield Place(document, text)
        for each in inside:
            yield from (Place(place.document, text) for place in _yaml(each))


def _carried(document: object) -> list[str]:
    """The files that a ConfigMap carries."""
    if not isinstance(document, dict) or document.get("kind") != "ConfigMap":
        return []
    data = document.get("data")
    return [each for each in data.values() if isinstance(each, str)] if isinstance(data, dict) else []
