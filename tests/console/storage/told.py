"""Records for the tests of the journal, and a journal as files."""

import json
from collections.abc import Sequence
from pathlib import Path

from console.domain.action import Action, ActionKind
from console.domain.journal import Damage, Record, RecordKind
from console.domain.plan import Plan, Step
from console.domain.plan_json import plan_json
from console.domain.states import canonical
from console.storage.journal import FileJournal

STEP = Step("knobs", "a", "turn a", "turn a to 2", 1, 2, "a is 2")


def record(number: int, kind: RecordKind = RecordKind.INTENT, **body: object) -> Record:
    """A record that is told from others by its number."""
    return Record(
        kind, f"plan{number // 3}", 1_700_000_000.0 + number, "ana@bastion", {"step": number % 3, **body}
    )  # type: ignore[arg-type]


def begin(plan: str) -> Record:
    """The first record of a plan."""
    body = {
        "plan": plan_json(Plan(Action(ActionKind.TUNE), "turn", plan, (STEP,))),
        "runner": {"host": "bastion", "pid": 1, "started": 2.0},
        "targets": {},
    }
    # As it comes back: JSON has no tuples.
    return Record(RecordKind.BEGIN, plan, 1_700_000_000.0, "ana@bastion", json.loads(canonical(body)))


class Files:
    """A journal and its head file, to be hurt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = path.with_name(f"{path.name}.head")

    def journal(self) -> FileJournal:
        """A console that has just started."""
        return FileJournal(self.path, ())

    def append(self, *records: Record) -> None:
        """As a console of its own."""
        self.journal().append(records)

    @property
    def lines(self) -> list[bytes]:
        """The lines with their ends."""
        return self.path.read_bytes().splitlines(keepends=True)

    @lines.setter
    def lines(self, lines: Sequence[bytes]) -> None:
        self.path.write_bytes(b"".join(lines))

    @property
    def records(self) -> list[Record]:
        """What a new console reads."""
        return list(self.journal().read().records)

    @property
    def damages(self) -> list[Damage]:
        """What a new console finds damaged."""
        return list(self.journal().read().damages)

    @property
    def said(self) -> str:
        """The damages as an operator reads them."""
        return "\n".join(f"line {line}: {message}" if line else message for line, message in self.damages)


def open_files() -> int:
    """How many descriptors this process holds."""
    return len(list(Path("/dev/fd").iterdir()))
