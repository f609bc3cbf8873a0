"""One TOML document made into a Runbook, with all that is wrong with it."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from console.domain.toml_problems import Problems
from console.domain.toml_table import Table, shown
from console.domain.triage import Point, Runbook
from console.storage._runbook_checks import Checks
from console.storage._runbook_means import read_mitigations
from console.storage._runbook_steps import check_graph, read_recovery, read_steps
from console.storage._runbook_words import NAME, ident, rows, told_twice, words

_RANK = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def is_name(text: str) -> bool:
    """Whether a runbook can be called so."""
    return _NAME.fullmatch(text) is not None


def read_runbook(
    name: str, values: Mapping[str, Any], problems: Problems, known: Collection[str]
) -> Runbook | None:
    """The runbook that a document describes; None when anything is wrong, and ``problems`` has all of it."""
    document, checks = Table(values, (), problems), Checks(known)
    steps = read_steps(document, checks)
    runbook = Runbook(
        id=name,
        title=words(document, "title", 120, example='"p99 is over its promise"'),
        about=words(document, "about", 4000),
        alerts=_alerts(document),
        rank=round(document.number("rank", _RANK, least=0, most=10_000)),
        steps=steps,
        points=_points(document, checks),
        mitigations=read_mitigations(document, steps, checks),
        recovery=read_recovery(document, checks),
        origin=problems.file,
    )
    check_graph(document, steps)
    document.close()
    return None if problems.found else runbook


def _alerts(document: Table) -> tuple[str, ...]:
    found = document.texts("alerts")
    for path, text in found:
        if not NAME.fullmatch(text):
            document.problems.add(path, f"is no id of an alert: {shown(text)}")
    return tuple(text for _, text in found)


def _points(document: Table, checks: Checks) -> tuple[Point, ...]:
    found: list[Point] = []
    for table in rows(document, "points"):
        text = words(table, "text", 200, example='"Queue time and pending requests"')
        found.append(Point(ident(table), text, checks.read(table)))
        table.close()
    told_twice(document, "points", [point.id for point in found])
    return tuple(found)
