"""Names and texts of a runbook, bounded, with what is wrong with them."""

import re
from collections.abc import Iterable

from console.domain.toml_table import Table, shown

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
ROWS_MOST = 50


def words(table: Table, key: str, most: int, *, example: str = "") -> str:
    """A text of at most ``most`` characters; one with an example must be there. Line breaks become spaces."""
    text = table.text(key)
    if text is None:
        if example and key not in table:
            table.problem(key, f"is missing; write {key} = {example}")
        return ""
    if len(text) > most:
        table.problem(key, f"is longer than {most} characters")
    return " ".join(text.split())


def ident(table: Table) -> str:
    """The id of a step, a point or a mitigation."""
    text = table.text("id")
    if text is None and "id" not in table:
        table.problem("id", 'is missing; write id = "NAME", which no other one here has')
    elif text is not None and not NAME.fullmatch(text):
        table.problem("id", f"must be lower-case letters, digits, dashes and underscores, not {shown(text)}")
    return text or ""


def rows(document: Table, key: str) -> list[Table]:
    """The tables of ``[[key]]``; none when the key is absent."""
    found = document.rows(key) if key in document else []
    if len(found) > ROWS_MOST:
        document.problem(key, f"are {len(found)}; at most {ROWS_MOST} fit on a screen")
    return found[:ROWS_MOST]


def told_twice(document: Table, key: str, ids: Iterable[str]) -> None:
    """Note every id that two tables of ``[[key]]`` have."""
    seen: set[str] = set()
    for position, name in enumerate(ids):
        if name and name in seen:
            document.problems.add((key, position, "id"), f"there is another {shown(name)}")
        seen.add(name)
