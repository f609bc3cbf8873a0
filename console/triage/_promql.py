"""Checks that need no code: a PromQL expression and its threshold."""

import math
import re
from collections.abc import Mapping

from console.domain.text import visible
from console.domain.triage import Answer, Asked, CheckUse, Evidence, Finding

SWITCH_ON = 'set prometheus = "URL" in the fleet\'s settings'

_PLACE = "{model}"
_IN_PATTERN = re.compile(r"""[=!]~\s*(?:"[^"]*|'[^']*)\Z""")
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def filled(use: CheckUse, model: str) -> str:
    """The expression with the model's name in the place of ``{model}``, which stands in quotes.

    Escaped for either kind of quotes, and for a regular expression where it stands in one.
    """
    before, *rest = use.promql.split(_PLACE)
    for after in rest:
        name = (
            _SPECIAL.sub(lambda found: f"\\{found.group()}", model) if _IN_PATTERN.search(before) else model
        )
        before += _quoted(name) + after
    return before


def ask(use: CheckUse, model: str, asked: Mapping[str, Asked], at: float) -> Finding:
    """What the answer to the expression says against its threshold; ``at`` is now, epoch seconds."""
    name, query = use.name or "promql", filled(use, model)
    answer = asked.get(query)
    if answer is None:
        return _unknown(name, query, "no Prometheus is known", SWITCH_ON)
    if answer.problem:
        return _unknown(name, query, f"Prometheus: {visible(answer.problem)}", "")
    values = {labels: value for labels, value in answer.values.items() if not math.isnan(value)}
    if not values:
        return _unknown(
            name, query, "the query has no result", "is it recorded under these names and labels?"
        )
    return _judged(use, name, query, values, max(at - answer.at, 0.0))


def _judged(use: CheckUse, name: str, query: str, values: Mapping[str, float], age_s: float) -> Finding:
    over = use.above is not None
    limit = use.above if use.above is not None else use.below
    if limit is None:
        return _unknown(name, query, "the runbook gives it no threshold", "write above = … or below = …")
    labels = (max if over else min)(values, key=lambda each: values[each])
    value = values[labels]
    beyond = value > limit if over else value < limit
    said = f"{value:,.6g} is {'' if beyond else 'not '}{'over' if over else 'under'} {limit:,.6g}"
    found = Answer.YES if beyond else Answer.NO
    evidence = Evidence(
        check=name,
        answer=found,
        what="PromQL, against its threshold",
        subject=visible(labels),
        now=value,
        baseline=limit,
        basis="query",
        source="prometheus",
        age_s=age_s,
        query=query,
    )
    subject = f" ({visible(labels)})" if labels else ""
    return Finding(name, found, f"{said}{subject}", (evidence,))


def _unknown(name: str, query: str, reason: str, hint: str) -> Finding:
    evidence = Evidence(
        check=name, answer=Answer.UNKNOWN, what="PromQL", source="prometheus", query=query, hint=hint
    )
    return Finding(name, Answer.UNKNOWN, reason, (evidence,), confidence=0.0)


def _quoted(text: str) -> str:
    """The text as it stands within a PromQL string, whichever its quotes are."""
    escapes = {"\\": "\\\\", '"': "\\x22", "'": "\\x27", "\n": "\\n"}
    return "".join(escapes.get(char, char) for char in text)
