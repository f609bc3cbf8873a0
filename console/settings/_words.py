"""Small texts of the settings with a shape of their own: names, references, commands, addresses."""

import re

from console.domain.toml_problems import nearest
from console.domain.toml_table import Table, shown
from console.settings._target import server_url

HAPROXY_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
CLUSTER_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")
KUBERNETES_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_PLACEHOLDER = re.compile(r"(?<!\$)\{([A-Za-z_]+)\}")


def needed(table: Table, key: str, example: str) -> str:
    """A text that must be there, else empty."""
    value = table.text(key)
    if value is None and key not in table:
        table.problem(key, f"is missing; write {key} = {example}")
    return value or ""


def names(table: Table, key: str, shape: re.Pattern[str]) -> tuple[str, ...]:
    """A list of different names of one shape."""
    found: dict[str, None] = {}
    for path, text in table.texts(key):
        if not shape.fullmatch(text):
            table.problems.add(path, f"is not a name: {shown(text)}")
        elif text in found:
            table.problems.add(path, f"{text} is listed twice")
        found[text] = None
    return tuple(found)


def references(table: Table, key: str, kinds: tuple[str, ...], *, bare: bool = False) -> tuple[str, ...]:
    """A list of ``KIND/NAME`` or ``NAMESPACE/KIND/NAME``; with ``bare`` of ``NAME`` or ``NAMESPACE/NAME``."""
    found: dict[str, None] = {}
    for path, text in table.texts(key):
        wrong = _wrong_name(text) if bare else wrong_reference(text, kinds, namespaced=True)
        if wrong or text in found:
            table.problems.add(path, wrong or f"{text} is listed twice")
        found[text] = None
    return tuple(found)


def wrong_reference(text: str, kinds: tuple[str, ...], *, namespaced: bool) -> str:
    """What is wrong with ``KIND/NAME``, empty when nothing is."""
    *space, kind, name = ("", *text.split("/"))
    space = [part for part in space if part]
    if kind not in kinds:
        guess = nearest(kind, kinds) or f"; the kind is {' or '.join(kinds)}"
        return f"must be written {kinds[0]}/NAME, not {shown(text)}{guess}"
    parts = [*space, name]
    if len(space) > int(namespaced) or not all(KUBERNETES_NAME.fullmatch(part) for part in parts):
        return f"must be written {kinds[0]}/NAME, not {shown(text)}"
    return ""


def _wrong_name(text: str) -> str:
    parts = text.split("/")
    if len(parts) > 2 or not all(KUBERNETES_NAME.fullmatch(part) for part in parts):
        return f"must be written NAME or NAMESPACE/NAME, not {shown(text)}"
    return ""


def command(
    table: Table, key: str, *, takes: tuple[str, ...] = (), needs: tuple[str, ...] = (), example: str = ""
) -> str:
    """A shell command in which only the placeholders ``takes`` stand; empty when absent."""
    text = needed(table, key, example) if example else table.text(key) or ""
    for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if name in ("percent", "model") and name not in takes:
            table.problem(key, f"{{{name}}} is not known here; it would be left as it stands")
        elif name not in takes and takes and nearest(name, takes):
            wanted = nearest(name, takes).partition("mean ")[2]
            table.problem(key, f"unknown placeholder {{{name}}}; did you mean {{{wanted[:-1]}}}?")
    for name in needs:
        if text and f"{{{name}}}" not in text:
            table.problem(key, f"must say {{{name}}} where the {name} goes")
    return text


def address(table: Table, key: str, port: int, *, optional: bool = False) -> str:
    """A server's URL, empty where there is none; a missing scheme means http, and then a missing port ``port``."""
    text = (table.text(key) or "") if optional else needed(table, key, f'"http://127.0.0.1:{port}"')
    try:
        return server_url(text, port) if text else ""
    except ValueError as error:
        table.problem(key, str(error))
        return ""
