"""What is wrong with a query."""

from enum import StrEnum
from typing import NamedTuple


class Weight(StrEnum):
    """``ERROR``: it can never say what it is meant to. ``NOTE``: it hangs on a flag, a version, or the reader."""

    ERROR = "error"
    NOTE = "note"


class Fault(NamedTuple):
    """One fault: a stable id, what it is about, why it is one, and what to write instead."""

    id: str
    subject: str
    why: str
    instead: str = ""
    weight: Weight = Weight.ERROR


def note(id: str, subject: str, why: str, instead: str = "") -> Fault:  # noqa: A002 - the name that faults have
    """A fault that is none everywhere."""
    return Fault(id, subject, why, instead, Weight.NOTE)
