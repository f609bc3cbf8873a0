"""The names of a bundle's members, and its manifest as JSON and back."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from console.domain.bundle import Manifest, Member
from console.domain.incident import Incident
from console.domain.states import Json
from console.storage._plain import plain

FORMAT = 1
MANIFEST, TIMELINE, JOURNAL = "manifest.json", "timeline.json", "journal.jsonl"
TRIAGE, PLANS, RELEASES = "triage.json", "plans.json", "release.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class OtherFormatError(ValueError):
    """A manifest of a format that this console does not read; its text names it."""


def manifest_text(manifest: Manifest) -> bytes:
    """The manifest, to be read by people too: times as ISO 8601, and as epoch seconds where a console needs them."""
    content: dict[str, Json] = {
        "format": FORMAT,
        "console": manifest.console,
        "fleet": manifest.fleet,
        "written": _iso(manifest.written),
        "window": {"since": _iso(manifest.since), "until": _iso(manifest.until)},
        "incident": plain(manifest.incident),
        "redacted": manifest.redacted,
        "missing": list(manifest.missing),
        "members": [plain(member) for member in manifest.members],
        "epoch": {"written": manifest.written, "since": manifest.since, "until": manifest.until},
    }
    return f"{json.dumps(content, indent=2)}\n".encode("ascii")


def read_manifest_text(text: bytes) -> Manifest:
    """The manifest from its JSON; raises ValueError, KeyError or TypeError for anything else."""
    raw: Any = json.loads(text)
    if raw["format"] != FORMAT:
        raise OtherFormatError(str(raw["format"])[:20])
    epoch = raw["epoch"]
    return Manifest(
        incident=_incident(raw["incident"]),
        fleet=_text(raw["fleet"]),
        console=_text(raw["console"]),
        written=_time(epoch["written"]),
        since=_time(epoch["since"]),
        until=_time(epoch["until"]),
        redacted=raw["redacted"] is True,
        missing=tuple(_text(each) for each in raw["missing"]),
        members=tuple(_member(each) for each in raw["members"]),
    )


def _incident(raw: Any) -> Incident:
    closed = raw["closed"]
    return Incident(
        id=_text(raw["id"]),
        opened=_time(raw["opened"]),
        by=_text(raw["by"]),
        why=_text(raw["why"]),
        plan=_text(raw["plan"]),
        closed=None if closed is None else _time(closed),
        closed_by=_text(raw["closed_by"]),
        targets=tuple(_text(each) for each in raw["targets"]),
    )


def _member(raw: Any) -> Member:
    size, digest = raw["bytes"], _text(raw["sha256"])
    if type(size) is not int or not _SHA256.fullmatch(digest):
        raise ValueError("a member without its size or its hash")
    return Member(_text(raw["name"]), size, digest)


def _time(value: Any) -> float:
    at = float(value)
    if not abs(at) < 1e11:
        raise ValueError("a time that is none")
    return at


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
