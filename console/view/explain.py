"""The cause of a load failure as text to read and as an object for scripts."""

from console.domain.load_failure.explain import Explanation, Other
from console.domain.states import Json
from console.view.fields import field, heading, within
from console.view.styled import EMPTY, Line, Role

_MOST_OTHERS = 20
_ROLES: dict[str, Role] = {"benign_warning": "good", "unknown": "warn", "generic_wrapper": "warn"}


def explanation_lines(found: Explanation, cells: int) -> list[Line]:
    """The cause, the words that say it, what to do, and what else failed; at most ``cells`` wide."""
    title = found.cause if found.part in ("unknown", "wrapper", "warning") else f"{found.cause}: {found.part}"
    lines: list[Line] = [_heading(title, found, cells), *field("means", found.meaning, cells)]
    if found.model:
        lines += field("model", _whose(found.model, found.version), cells)
    if found.evidence:
        where = f" (line {found.line})" if found.line else ""
        lines += field("says", f"{found.evidence}{where}", cells, role="accent")
    lines += field("do", found.advice, cells)
    if found.settles:
        lines += field("settles", ", ".join(found.settles), cells)
    if found.cut:
        lines += field("note", "the text was longer: its last two million characters were read", cells)
    return within([*lines, *_others(found, cells)], cells)


def _heading(title: str, found: Explanation, cells: int) -> Line:
    """The cause in the role of its weight: a warning is calm, what is not known asks for more."""
    role = _ROLES.get(found.cause)
    return (heading(title, cells)[0]._replace(role=role or "title"),)


def explanation_json(found: Explanation) -> dict[str, Json]:
    """The answer for scripts; what the text does not say is null."""
    return {
        "cause": found.cause,
        "part": found.part,
        "evidence": found.evidence,
        "advice": found.advice,
        "meaning": found.meaning,
        "settles": list(found.settles),
        "model": found.model or None,
        "version": found.version or None,
        "line": found.line,
        "cut": found.cut,
        "others": [_other_json(other) for other in found.others],
    }


def _others(found: Explanation, cells: int) -> list[Line]:
    if not found.others:
        return []
    lines: list[Line] = [EMPTY, heading("also failed", cells)]
    for other in found.others[:_MOST_OTHERS]:
        whose = _whose(other.model, other.version)
        lines += field("", f"{whose}  {other.cause}  {other.evidence}", cells)
    more = len(found.others) - _MOST_OTHERS
    return [*lines, *field("", f"… {more} more", cells)] if more > 0 else lines


def _whose(model: str, version: str) -> str:
    return f"{model} version {version}" if version else model


def _other_json(other: Other) -> dict[str, Json]:
    return {
        "model": other.model or None,
        "version": other.version or None,
        "cause": other.cause,
        "evidence": other.evidence,
    }
