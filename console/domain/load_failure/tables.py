"""The status table that Triton prints at its start, whose cells break where they are full, in the middle of words."""

import re
from collections.abc import Iterator, Mapping

from console.domain.load_failure.record import Record

_ROW = re.compile(r"\|?\s*(?P<model>[^\s|]{1,200}) +\| +(?P<version>-?\d{1,20}|-) *\| ?(?P<status>.*)")
_MORE = re.compile(r"\|\s{2,}\|\s{2,}\| ?(?P<status>.*)")
# What is left of a row that was copied from its status on.
_STATUS = re.compile(r"\|?\s*(?P<status>(?:UNAVAILABLE|Not loaded): [^|]*\|)\s*")
_FINE = ("READY", "LOADING", "UNLOADING", "UNAVAILABLE: unloaded")


class StatusTable:
    """Takes the lines of tables one by one, and gives back the rows of versions that failed."""

    def __init__(self) -> None:
        self._rows: list[Record] = []
        self._full = False

    def takes(self, line: str, number: int) -> bool:
        """Whether the line belongs to a table: nothing else in it is a message of its own."""
        row = _ROW.match(line) or _STATUS.fullmatch(line)
        more = None if row else _MORE.match(line)
        if row:
            self._begin(row.groupdict(""), number)
        elif more and self._rows:
            self._go_on(more["status"])
        return bool(row) or line.startswith(("|", "+-", "+="))

    def rows(self) -> Iterator[Record]:
        """The rows taken so far, without those that are well; the next line begins anew."""
        for row in self._rows:
            if not row.text.startswith(_FINE) or row.text.startswith("READY:"):
                yield row
        self._rows = []

    def _begin(self, row: Mapping[str, str], number: int) -> None:
        status, self._full = _cell(row["status"])
        if not status:
            return
        version = row.get("version", "")
        self._rows.append(
            Record(
                number, status, "E", "", row.get("model", ""), "" if version == "-" else version, failed=True
            )
        )

    def _go_on(self, cell: str) -> None:
        status, full = _cell(cell)
        last = self._rows[-1]
        if len(last.text) < 20_000:
            self._rows[-1] = last._replace(text=last.text + ("" if self._full else "\n") + status)
        self._full = full


def _cell(raw: str) -> tuple[str, bool]:
    """What a cell says, and whether it was full, so that it goes on without a space."""
    text = raw.rstrip()
    if not text.endswith("|"):
        return text, False
    inner = text[:-1]
    # A full cell has one space of padding before its border.
    return inner.rstrip(), inner.endswith(" ") and not inner.endswith("  ") and len(inner) > 1
