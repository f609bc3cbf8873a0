"""The checks that a runbook names: the console's own, and PromQL expressions with a threshold."""

from collections.abc import Collection
from typing import Any

from console.domain.toml_problems import KeyPath, nearest
from console.domain.toml_table import Table, shown
from console.domain.triage import CheckUse
from console.storage._runbook_words import NAME

_QUERY_MOST = 2000
_CHECKS_MOST = 20
_PROMQL = "promql"
_NOT = "not "


class Checks:
    """Reads lists of checks; ``known`` are the console's own."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known

    def read(self, table: Table) -> tuple[CheckUse, ...]:
        """The table's ``checks``: names and tables; one alone stands for a list of one."""
        value = table.raw("checks")
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        if len(items) > _CHECKS_MOST:
            table.problem("checks", f"lists {len(items)}; at most {_CHECKS_MOST} fit")
        at: KeyPath = (*table.path, "checks")
        listed = isinstance(value, list)
        found: dict[CheckUse, None] = {}
        for position, item in enumerate(items[:_CHECKS_MOST]):
            path = (*at, position) if listed else at
            use = self._one(item, path, table)
            if use in found:
                table.problems.add(path, f"{use.name} is listed twice")
            found[use] = None
        return tuple(found)

    def _one(self, item: Any, path: KeyPath, table: Table) -> CheckUse:
        if isinstance(item, dict):
            return self._promql(Table(item, path, table.problems))
        if not isinstance(item, str):
            said = f'must be the name of a check or {{ promql = "…", above = NUMBER }}, not {shown(item)}'
            table.problems.add(path, said)
            return CheckUse("")
        name = item.removeprefix(_NOT).strip()
        self._look_up(name, path, table)
        return CheckUse(name, negated=item.startswith(_NOT))

    def one(self, table: Table, key: str) -> str:
        """The name of one of the console's checks, empty where there is none."""
        name = table.text(key) or ""
        if name:
            self._look_up(name, (*table.path, key), table)
        return name

    def _look_up(self, name: str, path: KeyPath, table: Table) -> None:
        if name not in self._known:
            guess = nearest(name, self._known) or f"; known are {', '.join(sorted(self._known))}"
            table.problems.add(path, f"there is no check {shown(name)}{guess}")

    def _promql(self, table: Table) -> CheckUse:
        query, name = table.text(_PROMQL), table.text("name") or _PROMQL
        if query is None and _PROMQL not in table:
            table.problem(_PROMQL, 'is missing; write promql = "…" with {model} where the model goes')
        if query and len(query) > _QUERY_MOST:
            table.problem(_PROMQL, f"is longer than {_QUERY_MOST} characters")
        if not NAME.fullmatch(name) or name in self._known:
            why = "is a check of the console" if name in self._known else "is not a name"
            table.problem("name", f"{why}: {shown(name)}")
        above, below = _threshold(table, "above"), _threshold(table, "below")
        if ("above" in table) == ("below" in table):
            said = (
                "has both above and below: keep one"
                if "above" in table
                else "needs above = or below = NUMBER"
            )
            table.problems.add(table.path, said)
        table.close()
        return CheckUse(name, query or "", above, below)


def _threshold(table: Table, key: str) -> float | None:
    """A number, None where there is none; the key is known either way."""
    return None if table.raw(key) is None else table.number(key, 0.0)
