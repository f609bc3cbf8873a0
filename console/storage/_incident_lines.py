"""The lines of the incidents' file: one for each opening and each closing, and what they come to."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from console.domain.incident import Incident
from console.domain.states import Json, canonical

FORMAT = 1
# An id is a file's name too.
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# Of one text, in characters: what somebody typed at three in the morning.
TEXT_LIMIT = 2000


class Incidents(NamedTuple):
    """What a file's lines come to: the incidents, oldest first, and each line that says nothing, in a sentence."""

    incidents: tuple[Incident, ...] = ()
    problems: tuple[str, ...] = ()


def opening(incident: Incident) -> bytes:
    """The line of an incident that was opened."""
    more = {"why": incident.why, "plan": incident.plan, "targets": incident.targets}
    return _line("open", incident.id, incident.opened, incident.by, more)


def closing(incident: Incident) -> bytes:
    """The line of an incident that was closed."""
    return _line("close", incident.id, incident.closed or incident.opened, incident.closed_by, {})


def incidents_of(lines: Iterable[bytes]) -> Incidents:
    """The incidents that the lines (without their ends) tell of."""
    found: dict[str, Incident] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            _take(found, json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            problems.append(f"line {number} tells of no incident ({type(error).__name__}: {str(error)[:80]})")
    ordered = sorted(found.values(), key=lambda incident: incident.opened)
    return Incidents(tuple(ordered), tuple(problems))


def is_whole(line: bytes) -> bool:
    """Whether a line that has no end is all there but for that."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _take(found: dict[str, Incident], raw: Any) -> None:
    name, at, who = str(raw["id"]), float(raw["at"]), _text(raw["who"])
    if not ID.fullmatch(name) or raw["format"] != FORMAT or not abs(at) < 1e11:
        raise ValueError("its id, its time or its format is none of ours")
    if raw["kind"] == "open":
        targets = _texts(raw.get("targets", ()))
        made = Incident(name, at, who, _text(raw["why"]), _text(raw["plan"]), targets=targets)
        found.setdefault(name, made)
    elif raw["kind"] == "close":
        before = found[name]
        if before.closed is None:
            found[name] = before._replace(closed=max(at, before.opened), closed_by=who)
    else:
        raise ValueError("its kind is not known to this version of the console")


def _line(kind: str, name: str, at: float, who: str, more: Mapping[str, Json]) -> bytes:
    content = {"format": FORMAT, "kind": kind, "id": name, "at": at, "who": who, **more}
    return f"{canonical(content)}\n".encode("ascii")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    return value[:TEXT_LIMIT]


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("a list is none")
    return tuple(_text(each) for each in value)
