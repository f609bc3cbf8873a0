"""One line of the journal: a record, its number, and the hash that chains it to the one before."""

import hashlib
import json
import re
from enum import StrEnum
from typing import Any, NamedTuple, NoReturn

from console.domain.journal import Record, RecordKind, odd
from console.domain.states import Json, canonical

# Of one line, in bytes: a plan may carry whole configs and route files, a disk full of rubbish is no record.
LINE_LIMIT = 16 * 2**20
_SEAL = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
# Epoch seconds that no clock says.
_NO_TIME = 1e11
_KINDS = {kind.value: kind for kind in RecordKind}
_SEAL_BYTES = len(b',"hash":"') + 64 + len(b'"}')


class Link(NamedTuple):
    """A record's number in its journal (from 1) and its hash; what the next one is chained to."""

    seq: int
    hash: str


START = Link(0, "0" * 64)


class HeadTrouble(StrEnum):
    """What may be wrong with the head file when a line is written; the line says so for ever."""

    MISSING = "missing"
    DAMAGED = "damaged"


class Line(NamedTuple):
    """A line whose hash is right. ``record`` is None where ``odd`` says why it cannot be understood.

    ``head`` is what its writer found of the head file where it was not as it should be.
    """

    link: Link
    prev: str
    record: Record | None
    odd: str = ""
    head: HeadTrouble | None = None


class BrokenLineError(Exception):
    """Bytes that are not a record as it was written; its text says how that shows."""


def encode(record: Record, after: Link, head: HeadTrouble | None = None) -> tuple[bytes, Link]:
    """The line of a record that follows another, with its line end; raises ValueError for what JSON cannot say."""
    content: dict[str, Json] = {
        "seq": after.seq + 1,
        "at": record.at,
        "kind": record.kind.value,
        "plan": record.plan,
        "who": record.who,
        "body": record.body,
        "prev": after.hash,
    }
    text = canonical({**content, "head": head.value} if head else content)
    digest = _digest(text.encode("ascii"))
    return f'{text[:-1]},"hash":"{digest}"}}\n'.encode("ascii"), Link(after.seq + 1, digest)


def decode(line: bytes) -> Line:
    """What a line (without its end) says; raises BrokenLineError unless every byte is as it was written."""
    seal = _SEAL.fullmatch(line[-_SEAL_BYTES:])
    if seal is None:
        raise BrokenLineError("it does not end as a record does")
    digest = seal.group(1).decode("ascii")
    if _digest(line[:-_SEAL_BYTES] + b"}") != digest:
        raise BrokenLineError("its text does not match its hash")
    try:
        raw = _JSON.decode(line.decode("ascii"))
        seq, prev = raw["seq"], raw["prev"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrokenLineError("it is not a record of a journal") from None
    if type(seq) is not int or seq < 1 or not isinstance(prev, str):
        raise BrokenLineError("it has no number or no predecessor")
    head = _head(raw)
    record = _record(raw)
    if isinstance(record, str):
        return Line(Link(seq, digest), prev, None, record, head)
    return Line(Link(seq, digest), prev, record, odd(record), head)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _head(raw: dict[str, Any]) -> HeadTrouble | None:
    if "head" not in raw:
        return None
    return HeadTrouble.MISSING if raw["head"] == HeadTrouble.MISSING else HeadTrouble.DAMAGED


# One decoder for all lines: json.loads would make one for each.
_JSON = json.JSONDecoder(parse_constant=_no_number)


def _record(raw: dict[str, Any]) -> Record | str:
    """The record, or why it is none that this version knows."""
    kind = _KINDS.get(str(raw.get("kind")))
    if kind is None:
        return f"its kind is {str(raw.get('kind'))[:40]!r}"
    at, plan, who, body = (raw.get(name) for name in ("at", "plan", "who", "body"))
    named = isinstance(plan, str) and isinstance(who, str)
    if not named or isinstance(at, bool) or not isinstance(at, int | float) or not isinstance(body, dict):
        return "its members are not those of a record"
    if not abs(at) < _NO_TIME:
        return "its time is none"
    return Record(kind, str(plan), float(at), str(who), body)
