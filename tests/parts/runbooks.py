"""What the tests know of the runbooks that come with the console."""

import re
from pathlib import Path

from console.domain.triage import Library
from console.storage.runbooks import load

FOLDER = Path(__file__).parents[2] / "runbooks"
README = (FOLDER / "README.md").read_text()
CHECKS = tuple(re.findall(r"^\| `([a-z_]+)` \|", README.partition("## Checks")[2], re.MULTILINE))


def shipped() -> Library:
    """The console's own runbooks, held against the checks that the README lists."""
    return load("", CHECKS)
