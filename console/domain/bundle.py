"""An incident as one file: what is in it, for how long it reaches, what is missing of it and why."""

from typing import NamedTuple

from console.domain.incident import Incident
from console.domain.journal import Record
from console.domain.release import Release


class Member(NamedTuple):
    """One file of a bundle: its size in bytes, and the SHA-256 of its content."""

    name: str
    bytes: int
    sha256: str


class Manifest(NamedTuple):
    """What a bundle says of itself. ``written``, ``since`` and ``until`` (its window) are epoch seconds.

    ``missing`` are sentences: what should be in it and is not, and why. ``redacted`` is whether names of hosts and
    people are stand-ins.
    """

    incident: Incident
    fleet: str
    console: str
    written: float
    since: float
    until: float
    redacted: bool = False
    missing: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


class Bundle(NamedTuple):
    """What a bundle holds besides its window: records of the plans, known-good releases.

    ``problems`` say which of its members are damaged.
    """

    manifest: Manifest
    records: tuple[Record, ...] = ()
    releases: tuple[Release, ...] = ()
    problems: tuple[str, ...] = ()
