"""Messages of real load failures with their causes, from tests/recorded/load-failures."""

import json
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[3] / "recorded" / "load-failures"


class Recorded(NamedTuple):
    """A message, or a block of lines, its cause, and the thread or source it is from."""

    text: str
    cause: str
    source: str


def recorded(name):
    """Every message of one file."""
    lines = (FOLDER / f"{name}.jsonl").read_text().splitlines()
    return [_recorded(json.loads(line)) for line in lines]


def _recorded(row):
    text = row["message"] if "message" in row else "\n".join(row["lines"])
    return Recorded(text, row.get("cause") or row["root"], row["source"])
