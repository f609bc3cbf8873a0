"""The head file beside a journal: which record was the last, so that a journal that was cut off shows."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from console.domain.states import canonical
from console.storage._files import advice, read_private, replace_private
from console.storage._lines import HeadTrouble, Link

_LIMIT = 4096
_HASH = re.compile(r"[0-9a-f]{64}")


class Remembered(NamedTuple):
    """The last record that a head file remembers; without one ``trouble`` and a sentence say why."""

    link: Link | None
    trouble: HeadTrouble | None = None
    said: str = ""


class Head:
    """The head file of one journal."""

    def __init__(self, journal: Path) -> None:
        self.path = journal.with_name(f"{journal.name}.head")

    def read(self) -> Remembered:
        """What it remembers; never raises."""
        try:
            data = read_private(self.path, _LIMIT)
        except FileNotFoundError:
            return Remembered(None, HeadTrouble.MISSING, f"the head file {self.path} is missing")
        except OSError as error:
            said = f"the head file {self.path} cannot be read ({advice(error)})"
            return Remembered(None, HeadTrouble.DAMAGED, said)
        link = _link(data)
        if link is None:
            return Remembered(None, HeadTrouble.DAMAGED, f"the head file {self.path} was changed")
        return Remembered(link)

    def write(self, link: Link) -> None:
        """Remember a record; raises OSError, and then the file is as it was before."""
        replace_private(self.path, _text(link))


def _link(data: bytes) -> Link | None:
    """What a head file says; None for any that is not exactly as it was written."""
    try:
        raw = json.loads(data)
        link = Link(raw["seq"], raw["hash"])
        whole = type(link.seq) is int and link.seq >= 0 and bool(_HASH.fullmatch(link.hash))
        return link if whole and data == _text(link) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(link: Link) -> bytes:
    return f"{canonical(link._asdict())}\n".encode("ascii")
