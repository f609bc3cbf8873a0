"""What a triage is about."""

from typing import NamedTuple


class Case(NamedTuple):
    """A model, and the runbook to walk: by name, or the one that names this alert's id, or the one that fits."""

    model: str
    runbook: str = ""
    alert: str = ""
